#include "local_provider.hpp"

#include "gatehouse/dialect/embeddings_translation.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace gatehouse::upstream {
namespace {

using Json = nlohmann::ordered_json;

/// As many as OpenAI takes.
constexpr std::size_t most_inputs = 2048;

class LocalReply : public net::HttpReply {
public:
    LocalReply(int status, std::string body) : body_(std::move(body)) {
        head_.status = status;
        head_.fields.add("content-type", "application/json");
        head_.body.kind = wire::BodyKind::sized;
        head_.body.size = body_.size();
    }
    const wire::ResponseHead& head() const noexcept override { return head_; }
    Task<Result<std::string_view>> next() override {
        co_return std::exchange(given_, true) ? std::string_view() : std::string_view(body_);
    }
    void read_by(Instant) noexcept override {}

private:
    wire::ResponseHead head_;
    std::string body_;
    bool given_{false};
};

int status_of(ProblemKind kind) noexcept {
    switch (kind) {
        case ProblemKind::not_found:
            return 404;
        case ProblemKind::overloaded:
        case ProblemKind::invalid_configuration:  // its weights are not there
            return 503;
        case ProblemKind::internal:
            return 500;
        default:
            return 400;
    }
}

std::string error_body(const Problem& problem) {
    const bool ours = status_of(problem.kind()) >= 500;
    Json body;
    body["error"]["message"] = problem.message();
    body["error"]["type"] = ours ? "server_error" : "invalid_request_error";
    body["error"]["param"] = problem.param().empty() ? Json() : Json(problem.param());
    body["error"]["code"] = std::string(name_of(problem.kind()));
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The double whose shortest text is that of the float: half as many digits go out.
double as_written(float value) noexcept {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    double read = 0;
    std::from_chars(text, end, read);
    return read;
}

Status fits(const dialect::EmbeddingsWish& wish, const LocalModel& model) {
    if (wish.inputs.size() > most_inputs) {
        return Problem(ProblemKind::invalid_value,
                       "'input' has more than " + std::to_string(most_inputs) + " texts.")
            .with_param("input");
    }
    const auto dimensions = model.identity().dimensions;
    if (wish.dimensions && *wish.dimensions != dimensions) {
        return Problem(ProblemKind::invalid_value,
                       "The vectors of this model have " + std::to_string(dimensions) + " dimensions.")
            .with_param("dimensions");
    }
    return done();
}

Result<std::string> model_in(std::string_view body) {
    const auto json = Json::parse(body, nullptr, false);
    const auto model = json.is_object() ? json.find("model") : json.end();
    if (!json.is_object() || model == json.end() || !model->is_string()) {
        return Problem(ProblemKind::invalid_json, "The body is not a request for embeddings.");
    }
    return model->get<std::string>();
}

Result<std::string> whole_body(const net::HttpCall& call) {
    // Bodies that are still arriving are forms, and nothing here takes a form.
    if (call.rest != nullptr) {
        return Problem(ProblemKind::invalid_json, "The body is not a request for embeddings.");
    }
    std::string body;
    for (const auto piece : call.body) {
        body += piece;
    }
    return body;
}

}  // namespace

Task<Result<std::string>> LocalProvider::answer(net::HttpCall& call) const {
    if (call.method != "POST" || !call.target.ends_with("/embeddings")) {
        co_return Problem(ProblemKind::not_found, "The local model makes embeddings and nothing else.");
    }
    const auto body = whole_body(call);
    if (!body) {
        co_return body.problem();
    }
    if (model_ == nullptr || !model_->ready()) {
        co_return model_ == nullptr ? Problem(ProblemKind::invalid_configuration, "There is no local model.")
                                    : model_->ready().problem();
    }
    const auto name = model_in(*body);
    if (!name) {
        co_return name.problem();
    }
    auto wish = dialect::read_openai_embeddings(*body, {});
    if (!wish) {
        co_return std::move(wish.problem());
    }
    auto fit = fits(*wish, *model_);
    if (!fit) {
        co_return std::move(fit.problem());
    }
    std::vector<std::string> texts;
    for (auto& input : wish->inputs) {
        texts.push_back(std::move(input.text));
    }
    auto made = co_await model_->embed_all(std::move(texts));
    if (!made) {
        co_return std::move(made.problem());
    }
    dialect::Embeddings embeddings;
    std::int64_t pieces = 0;
    for (const auto& one : *made) {
        auto& vector = embeddings.vectors.emplace_back();
        vector.reserve(one.vector.size());
        for (const float value : one.vector) {
            vector.push_back(wish->base64 ? double{value} : as_written(value));
        }
        pieces += static_cast<std::int64_t>(one.pieces);
    }
    embeddings.usage.input = TokenCount(pieces);
    embeddings.usage.known = true;
    co_return dialect::write_openai_vectors(embeddings, *name, wish->base64);
}

Task<Result<std::unique_ptr<net::HttpReply>>> LocalProvider::send(const net::Origin&, net::HttpCall& call) {
    if (call.asked != nullptr) {
        *call.asked = true;
    }
    auto body = co_await answer(call);
    const int status = body ? 200 : status_of(body.problem().kind());
    std::string bytes = body ? *std::move(body) : error_body(body.problem());
    std::unique_ptr<net::HttpReply> reply = std::make_unique<LocalReply>(status, std::move(bytes));
    co_return reply;
}

}  // namespace gatehouse::upstream
