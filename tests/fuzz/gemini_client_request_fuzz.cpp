// Any bytes as a Gemini client's body: refused with the name of what is wrong, or read, and then the same for
// each provider each time; on its way to Gemini only the names of the model change.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/embeddings_translation.hpp"
#include "gatehouse/dialect/gemini_path.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using gatehouse::chat::Endpoint;
namespace dialect = gatehouse::dialect;

constexpr std::array endpoints{Endpoint::generate_content, Endpoint::count_content_tokens,
                               Endpoint::embed_content, Endpoint::batch_embed_contents};

void check_relay(const gatehouse::chat::Request& request) {
    dialect::EncodeOptions options;
    options.model = "up";
    std::string sent;
    const auto pieces = dialect::gemini().encode_request(request, options);
    for (const auto piece : pieces.pieces) {
        sent += piece;
    }
    check(sent.size() == pieces.size());
    const auto again = dialect::gemini().decode_request(request.endpoint, sent, {});
    check(static_cast<bool>(again) && again->original.models.size() == request.original.models.size());
    for (const auto model : again->original.models) {
        check(sent.substr(model.begin, model.size()) == "\"models/up\"");
    }
}

void check_conversation(std::string_view body) {
    const auto said = dialect::read_gemini(body);
    if (!said) {
        check(!said.problem().param().empty() ||
              said.problem().kind() == gatehouse::ProblemKind::invalid_json);
        return;
    }
    for (const auto& message : said->messages) {
        check(!message.parts.empty());
    }
    for (const auto& tool : said->tools) {
        check(!tool.name.empty() && (tool.schema.empty() || is_json(tool.schema)));
    }
    dialect::TranslateOptions options;
    options.model = "up";
    for (const auto write : {dialect::write_gemini, dialect::write_anthropic}) {
        const auto written = write(*said, false, options);
        if (written) {
            check(is_json(written->body));
            check(write(*dialect::read_gemini(body), false, options)->body == written->body);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto endpoint = endpoints[data[0] % endpoints.size()];
    const std::string body(as_text(data + 1, size - 1));
    if (const auto path = dialect::read_gemini_path(body)) {
        const auto again = dialect::read_gemini_path(
            std::string_view(dialect::gemini_path(path->model, path->verb)).substr(1));
        check(again || path->verb.find_first_of("%") != std::string::npos);
    }
    const auto request = dialect::gemini().decode_request(endpoint, body, {});
    if (!request) {
        return 0;
    }
    check_relay(*request);
    if (endpoint == Endpoint::embed_content || endpoint == Endpoint::batch_embed_contents) {
        if (const auto wish = dialect::read_gemini_embeddings(endpoint, body)) {
            check(!wish->inputs.empty() && is_json(dialect::write_openai_embeddings(*wish, "up")));
        }
    } else {
        check_conversation(request->original.bytes);
    }
    return 0;
}
