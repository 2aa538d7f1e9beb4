// Any body as a request of an Anthropic client: never a crash; what is refused has a reason; what was read is
// text where text was promised and JSON where JSON was; and cutting out what goes to no provider leaves JSON.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace {

namespace chat = gatehouse::chat;

void check_text(std::string_view text) {
    check(gatehouse::wire::valid_utf8(text));
}

void check_json(std::string_view text) {
    gatehouse::wire::JsonReader json(text, {gatehouse::wire::deepest_json});
    json.skip();
    check(json.finish());
}

struct CheckPart {
    void operator()(const chat::Text& text) const { check_text(text.text); }
    void operator()(const chat::Refusal&) const { check(false); }
    void operator()(const chat::Media& media) const {
        check_text(media.media_type);
        const int places =
            (media.data.empty() ? 0 : 1) + (media.url.empty() ? 0 : 1) + (media.file_id.empty() ? 0 : 1);
        check(places == 1 || (places == 0 && media.media_type == "text/plain"));
    }
    void operator()(const chat::Reasoning& reasoning) const {
        check_text(reasoning.text);
        check_text(reasoning.signature);
        check(reasoning.redacted.empty() || reasoning.signature.empty());
    }
    void operator()(const chat::ToolCall& call) const {
        check_json(call.arguments);
        check(!call.custom);
    }
    void operator()(const chat::ToolResult& result) const {
        for (const auto& part : result.parts) {
            std::visit(*this, part);
        }
    }
};

void check_conversation(const chat::Conversation& said) {
    check(!said.messages.empty());
    for (const auto& message : said.messages) {
        check(message.role != chat::Role::tool || message.parts.size() == 1);
        for (const auto& part : message.parts) {
            const bool result = std::holds_alternative<chat::ToolResult>(part.what);
            check(result == (message.role == chat::Role::tool));
            std::visit(CheckPart(), part.what);
        }
    }
    for (const auto& tool : said.tools) {
        check(!tool.name.empty() && tool.name.size() <= 128);
        check_json(tool.schema);
    }
    check(said.output.schema.empty() == (said.output.kind == chat::OutputKind::text));
    for (const auto& other : said.others) {
        check_text(other.name);
        check_json(other.value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = as_text(data, size);
    const auto said = gatehouse::dialect::read_anthropic(body);
    const auto admitted =
        gatehouse::dialect::anthropic().decode_request(chat::Endpoint::messages, std::string(body), {});
    if (admitted) {
        std::string sent;
        for (const auto piece :
             gatehouse::dialect::anthropic().encode_request(*admitted, {"m", true}).pieces) {
            sent += piece;
        }
        check_json(sent);
        const auto again = gatehouse::dialect::anthropic().decode_request(chat::Endpoint::messages, sent, {});
        check(!again || again->original.foreign.empty());
    }
    if (!said) {
        check(!said.problem().message().empty());
        check(!admitted || said.problem().kind() != gatehouse::ProblemKind::invalid_json);
    } else if (admitted) {  // which refuses the repeated keys that the reader takes as they come
        check_conversation(*said);
        gatehouse::dialect::TranslateOptions options;
        options.model = "m";
        if (const auto written = gatehouse::dialect::write_anthropic(*said, false, options)) {
            check_json(written->body);
        }
    }
    return 0;
}
