#include "form_request.hpp"

#include "gatehouse/wire/multipart.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::server {
namespace {

using State = wire::MultipartScan::State;

Problem cut_short() {
    return Problem(ProblemKind::invalid_value, "The form ends before its last boundary.");
}

/// A form's body, of which nothing goes on that the watch has not seen: neither a second `model` nor the end
/// of a form that has none.
class WatchedForm : public chat::RestOfBody {
public:
    WatchedForm(RequestBody& body, std::string boundary) : body_(body), watch_(std::move(boundary)) {}

    /// Problems: those of the body, and invalid_value.
    Task<Result<std::string>> whole();
    Task<Result<std::string_view>> next() override;

private:
    Status look(std::string_view bytes);

    RequestBody& body_;
    wire::MultipartWatch watch_;
};

Status WatchedForm::look(std::string_view bytes) {
    auto seen = watch_.feed(bytes);
    // With the last piece, not behind it: of a body with a length that piece makes the provider's complete.
    if (seen && body_.complete() && !watch_.complete()) {
        return cut_short();
    }
    return seen;
}

Task<Result<std::string>> WatchedForm::whole() {
    auto bytes = co_await body_.whole();
    if (!bytes) {
        co_return bytes;
    }
    auto seen = look(*bytes);
    if (!seen) {
        co_return std::move(seen.problem());
    }
    co_return bytes;
}

Task<Result<std::string_view>> WatchedForm::next() {
    auto piece = co_await body_.next();
    if (!piece) {
        co_return piece;
    }
    auto seen = look(*piece);
    if (!seen) {
        co_return std::move(seen.problem());
    }
    co_return piece;
}

/// A form in the making: bytes, and whether its model has been found.
struct Form {
    std::string bytes;
    wire::MultipartScan scan;
    State state{State::need_more};
};

Status look_for_model(Form& form) {
    auto state = form.scan.scan(form.bytes, "model");
    if (!state) {
        return std::move(state.problem());
    }
    form.state = *state;
    if (form.state == State::absent || (form.state == State::found && form.scan.value().size() == 0)) {
        return Problem(ProblemKind::missing_parameter, "The form has no field `model`.").with_param("model");
    }
    return done();
}

/// Inflated forms are held whole: the limit holds for what comes out, not for what arrives.
Task<Status> hold_inflated(WatchedForm& body, Form& form) {
    auto whole = co_await body.whole();
    if (!whole) {
        co_return std::move(whole.problem());
    }
    form.bytes = std::move(*whole);
    auto looked = look_for_model(form);
    if (looked && form.state == State::need_more) {
        co_return cut_short();
    }
    co_return looked;
}

Task<Status> hold_until_found(WatchedForm& body, Form& form) {
    while (form.state == State::need_more) {
        auto piece = co_await body.next();
        if (!piece) {
            co_return std::move(piece.problem());
        }
        if (piece->empty()) {
            co_return cut_short();
        }
        form.bytes.append(*piece);
        auto looked = look_for_model(form);
        if (!looked) {
            co_return looked;
        }
    }
    co_return done();
}

}  // namespace

Task<Result<chat::Request>> read_form(Incoming& in) {
    const auto type = in.head.fields.find("content-type").value_or("");
    auto boundary = wire::multipart_boundary(type);
    if (!boundary) {
        co_return Problem(ProblemKind::unsupported_media_type,
                          "Content-Type must be `multipart/form-data` with a boundary.");
    }
    auto body = std::make_unique<WatchedForm>(in.body, *boundary);
    Form form{{}, wire::MultipartScan(std::move(*boundary))};
    auto hold = in.body.gzip() ? hold_inflated(*body, form) : hold_until_found(*body, form);
    auto held = co_await std::move(hold);
    if (!held) {
        co_return std::move(held.problem());
    }

    chat::Request request;
    request.endpoint = in.route->endpoint;
    const auto range = form.scan.value();
    request.model = form.bytes.substr(range.begin, range.size());
    auto& original = request.original;
    original.content_type = type;
    original.model = range;
    if (in.body.complete()) {
        original.size = form.bytes.size();
    } else {
        original.size = in.body.declared();
        original.rest = body.get();
        in.rest_of_form = std::move(body);
    }
    original.bytes = std::move(form.bytes);
    co_return std::move(request);
}

}  // namespace gatehouse::server
