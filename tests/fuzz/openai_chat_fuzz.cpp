// Any body as a chat request of an OpenAI client: never a crash; what is refused has a reason; what was read
// is text where text was promised, and JSON without surrogates that stand alone where JSON was.
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
    if (text.empty()) {
        return;
    }
    gatehouse::wire::JsonReader json(text, {gatehouse::wire::deepest_json});
    json.skip();
    check(json.finish());
    bool low_must_follow = false;
    for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
        if (text[at + 1] != 'u') {
            check(!low_must_follow);
            at += 2;
            continue;
        }
        const auto code = std::stoul(std::string(text.substr(at + 2, 4)), nullptr, 16);
        const bool low = code >= 0xDC00 && code <= 0xDFFF;
        check(low == low_must_follow);
        at += 6;
        low_must_follow = code >= 0xD800 && code < 0xDC00;
        check(!low_must_follow || text[at] == '\\');
    }
    check(!low_must_follow);
}

struct CheckPart {
    void operator()(const chat::Text& text) const { check_text(text.text); }
    void operator()(const chat::Refusal& refusal) const { check_text(refusal.text); }
    void operator()(const chat::Media& media) const {
        check_text(media.media_type);
        const int places =
            (media.data.empty() ? 0 : 1) + (media.url.empty() ? 0 : 1) + (media.file_id.empty() ? 0 : 1);
        const bool empty_text = media.media_type.starts_with("text/");
        check(places == 1 || (places == 0 && empty_text));
    }
    void operator()(const chat::Reasoning& reasoning) const {
        check_text(reasoning.text);
        check(reasoning.redacted.empty() || reasoning.signature.empty());
    }
    void operator()(const chat::ToolCall& call) const {
        check_text(call.arguments);
        check(call.id.find("__thought__") == std::string::npos);
    }
    void operator()(const chat::ToolResult& result) const {
        check(result.call_id.find("__thought__") == std::string::npos);
        for (const auto& part : result.parts) {
            std::visit(*this, part);
        }
    }
};

void check_conversation(const chat::Conversation& said) {
    check(!said.messages.empty());
    for (std::size_t i = 0; i < said.messages.size(); ++i) {
        check(said.messages[i].index == i);
        for (const auto& part : said.messages[i].parts) {
            std::visit(CheckPart(), part.what);
        }
    }
    for (const auto& tool : said.tools) {
        check(!tool.name.empty() && tool.name.size() <= 64);
        check_json(tool.schema);
    }
    check_json(said.output.schema);
    for (const auto& other : said.others) {
        check_text(other.name);
        check(!other.value.empty());
        check_json(other.value);
    }
    check(said.choices >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = as_text(data, size);
    const auto said = gatehouse::dialect::read_openai_chat(body);
    const auto admitted =
        gatehouse::dialect::openai().decode_request(chat::Endpoint::chat_completions, std::string(body), {});
    if (!said) {
        check(!said.problem().message().empty());
        check(!admitted || said.problem().kind() != gatehouse::ProblemKind::invalid_json);
    } else if (admitted) {  // which refuses the repeated keys that the reader takes as they come
        check_conversation(*said);
    }
    return 0;
}
