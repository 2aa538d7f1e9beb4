// Any bytes as the body of a Responses client: refused with the name of what is wrong, or read, and then the
// same for each provider each time; and an answer repeats its settings in events of one line each.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/sse.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace {

namespace chat = gatehouse::chat;
namespace dialect = gatehouse::dialect;

void check_text(std::string_view text) {
    check(gatehouse::wire::valid_utf8(text));
}

struct CheckPart {
    void operator()(const chat::Text& text) const { check_text(text.text); }
    void operator()(const chat::Refusal& refusal) const { check_text(refusal.text); }
    void operator()(const chat::Media& media) const {
        check_text(media.media_type);
        const int places =
            (media.data.empty() ? 0 : 1) + (media.url.empty() ? 0 : 1) + (media.file_id.empty() ? 0 : 1);
        check(places == 1 || (places == 0 && media.media_type.starts_with("text/")));
    }
    void operator()(const chat::Reasoning& thought) const {
        check_text(thought.text);
        check_text(thought.signature);
        check_text(thought.redacted);
        check(thought.origin.has_value());
        check(thought.redacted.empty() || thought.signature.empty());
    }
    void operator()(const chat::ToolCall& call) const {
        check_text(call.arguments);
        check(!call.id.empty() && !call.name.empty());
    }
    void operator()(const chat::ToolResult& result) const {
        check(!result.call_id.empty());
        for (const auto& part : result.parts) {
            std::visit(*this, part);
        }
    }
};

void check_said(const chat::Conversation& said) {
    for (const auto& message : said.messages) {
        for (const auto& part : message.parts) {
            const bool result = std::holds_alternative<chat::ToolResult>(part.what);
            check(result == (message.role == chat::Role::tool));
            std::visit(CheckPart(), part.what);
        }
    }
    for (const auto& tool : said.tools) {
        check(!tool.name.empty() && (tool.schema.empty() || is_json(tool.schema)));
    }
    check(said.output.schema.empty() == (said.output.kind != chat::OutputKind::json_schema));
    for (const auto& other : said.others) {
        check(other.name.find_first_of("\r\n, ") == std::string::npos && is_json(other.value));
    }
}

void check_written(const chat::Conversation& said, std::string_view body) {
    dialect::TranslateOptions options;
    options.model = "up";
    for (const auto write : {dialect::write_gemini, dialect::write_anthropic, dialect::write_openai_chat}) {
        const auto written = write(said, false, options);
        if (written) {
            check(is_json(written->body));
            check(write(*dialect::read_responses(body), false, options)->body == written->body);
        } else {
            check(!written.problem().param().empty());
        }
    }
}

void check_answer(std::string_view body) {
    dialect::ReplyIdentity identity;
    identity.id = "X";
    identity.request = body;
    std::string stream;
    dialect::responses_writer(identity)->end({}, stream);
    gatehouse::wire::SseSplitter splitter;
    check(static_cast<bool>(splitter.feed(stream)));
    std::string last;
    while (const auto event = splitter.next()) {
        last = event->data;
        check(is_json(last));
    }
    check(last.ends_with(dialect::responses_writer(identity)->whole({}, {}) + "}"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string body(as_text(data, size));
    const auto admitted = dialect::openai().decode_request(chat::Endpoint::responses, body, {});
    const auto said = dialect::read_responses(body);
    if (!said) {
        const bool text = said.problem().kind() == gatehouse::ProblemKind::invalid_json;
        check(!said.problem().message().empty() && (text || !said.problem().param().empty() || !admitted));
        check(!admitted || !text);
    } else if (admitted) {  // which refuses the repeated keys that the reader takes as they come
        check_said(*said);
        check_written(*said, body);
        check_answer(body);
    }
    return 0;
}
