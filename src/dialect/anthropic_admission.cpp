#include "anthropic_parts.hpp"
#include "anthropic_thinking.hpp"
#include "element_cuts.hpp"
#include "field_reader.hpp"
#include "key_set.hpp"
#include "openai_words.hpp"
#include "signature_carrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::ByteRange;
using wire::JsonType;

constexpr std::array<std::string_view, 3> message_roles{"user", "assistant", "system"};

/// Reads one body. The first wrong field is remembered and reading goes on: text that is no JSON at all comes
/// first, wherever it stands. What only the provider must understand passes as it is.
class AdmissionReader {
public:
    AdmissionReader(chat::Endpoint endpoint, std::string_view body, wire::JsonLimits limits)
        : body_(body), fields_(body, limits), foreign_(request_.original.foreign) {
        request_.endpoint = endpoint;
        request_.vendor = chat::Vendor::anthropic;
        request_.wants_usage = true;
    }

    Result<chat::Request> read();

private:
    void read_members();
    void read_member(std::string_view key);
    void read_model(const Place& at);
    void read_thinking();
    /// With a budget Claude wants its own thoughts before calls, and of a turn that another made there are
    /// none.
    void cut_thinking();
    void read_output_config();
    chat::Effort effort() const noexcept;
    void read_messages(const Place& at);
    /// Both are true if nothing but thoughts of others is in it.
    bool read_message(const Place& at);
    bool read_content(const Place& at);
    bool read_block(const Place& at);
    void read_citations(const Place& at);
    void check_required();

    std::string_view body_;
    FieldReader fields_;
    chat::Request request_;
    std::vector<ByteRange>& foreign_;
    ByteRange thinking_value_;
    bool own_thought_{false};     // of the message that is read
    bool foreign_call_{false};    // the same
    bool unthought_call_{false};  // of the last message of the assistant: another made it
    KeySet keys_;
    std::string repeated_;
    bool has_model_{false};
    bool has_max_tokens_{false};
    bool has_thread_{false};
    std::optional<std::size_t> messages_;  // how many
    AnthropicThinking thinking_{AnthropicThinking::unsaid};
    chat::Effort effort_{chat::Effort::unsaid};
};

Result<chat::Request> AdmissionReader::read() {
    const auto type = fields_.peek();
    if (type == JsonType::object) {
        read_members();
        check_required();
    } else {
        fields_.skip();
    }
    auto status = fields_.status();
    if (!status && status.problem().kind() == ProblemKind::invalid_json) {
        return std::move(status).problem();
    }
    if (type != JsonType::object) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body must be a JSON object, but is {}.", with_article(type)));
    }
    if (!repeated_.empty()) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body has a repeated key: '{}'.", repeated_));
    }
    if (!status) {
        return std::move(status).problem();
    }
    request_.effort = effort();
    if (thinking_ == AnthropicThinking::enabled && unthought_call_) {
        cut_thinking();
    }
    return std::move(request_);
}

void AdmissionReader::check_required() {
    const Place body;
    if (!has_model_) {
        fields_.missing({body, "model"});
    }
    if (!has_max_tokens_ && request_.endpoint == chat::Endpoint::messages) {
        fields_.missing({body, "max_tokens"});
    }
    const Place messages(body, "messages");
    if (!messages_) {
        fields_.missing(messages);
    } else if (*messages_ == 0 && !has_thread_) {
        fields_.invalid(messages, "at least one message");
    }
}

void AdmissionReader::read_members() {
    fields_.object({});
    request_.original.object_begin = static_cast<std::size_t>(body_.find('{')) + 1;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (repeated_.empty() && !keys_.add(key, body_)) {
            // An empty key that comes twice needs a name too.
            repeated_ = key.empty() ? "\"\"" : redact(key, 64);
        }
        read_member(key);
    }
}

void AdmissionReader::read_member(std::string_view key) {
    const Place body;
    const bool whole_answer = request_.endpoint == chat::Endpoint::messages;
    if (key == "model") {
        read_model({body, "model"});
    } else if (key == "messages") {
        read_messages({body, "messages"});
    } else if (key == "max_tokens" && whole_answer) {
        const Place at(body, "max_tokens");
        has_max_tokens_ = true;
        if (fields_.peek() == JsonType::null) {
            fields_.wrong_type(at, "an integer");
        } else {
            fields_.integer(at, 0, std::numeric_limits<std::int64_t>::max());
        }
    } else if (key == "stream" && whole_answer) {
        request_.stream = fields_.boolean({body, "stream"}).value_or(false);
    } else if (key == "temperature") {
        request_.temperature = fields_.any_number();
    } else if (key == "tools" && whole_answer) {
        request_.offers_tools = fields_.presence();
    } else if (key == "thinking" && whole_answer) {
        read_thinking();
    } else if (key == "output_config" && whole_answer) {
        read_output_config();
    } else if (key == "fallbacks") {
        request_.original.names_fallbacks = true;
        fields_.skip();
    } else if (key == "thread") {
        has_thread_ = fields_.peek() == JsonType::object;
        fields_.skip();
    } else {
        fields_.skip();
    }
}

void AdmissionReader::read_model(const Place& at) {
    has_model_ = true;
    if (fields_.peek() != JsonType::string) {
        fields_.wrong_type(at, "a string");
        return;
    }
    const auto range = fields_.skip();
    request_.original.model = range;
    if (range.size() > 2) {
        request_.model = wire::unescape_json(body_.substr(range.begin + 1, range.size() - 2));
    }
    if (request_.model.empty()) {
        fields_.invalid(at, "the name of a model");
    }
}

void AdmissionReader::read_thinking() {
    const auto type = fields_.member_ahead("type").value_or("");
    const auto found = std::find(thinking_types.begin(), thinking_types.end(), type);
    thinking_ = found == thinking_types.end()
                    ? AnthropicThinking::unsaid
                    : static_cast<AnthropicThinking>(found - thinking_types.begin() + 1);
    thinking_value_ = fields_.skip();
}

void AdmissionReader::cut_thinking() {
    std::vector<ByteRange> member;
    cut_member(body_, thinking_value_, member);
    const auto behind = std::find_if(foreign_.begin(), foreign_.end(), [&](const ByteRange& range) {
        return range.begin > member.front().begin;
    });
    foreign_.insert(behind, member.front());
}

void AdmissionReader::read_output_config() {
    effort_ = chat::effort_named(fields_.member_ahead("effort").value_or("")).value_or(chat::Effort::unsaid);
    fields_.skip();
}

/// A budget counts in place of an effort, and is one only as a share of the answer: never none, never `max`.
chat::Effort AdmissionReader::effort() const noexcept {
    return thinking_ == AnthropicThinking::enabled ? chat::Effort::unsaid
                                                   : effort_of_both(thinking_, effort_);
}

void AdmissionReader::read_messages(const Place& at) {
    std::size_t count = 0;
    messages_ = 1;  // of a value that is no list there is nothing more to say
    if (!fields_.array(at)) {
        return;
    }
    ElementCuts cuts(foreign_);
    while (fields_.next_element()) {
        const std::size_t begin = fields_.offset();
        const std::size_t found = foreign_.size();
        const bool nothing_left = read_message({at, count++});  // and a message may not be empty
        cuts.settle(container_range(body_, begin, fields_.offset(), '}'), found, nothing_left);
    }
    cuts.end();
    messages_ = count;
}

bool AdmissionReader::read_message(const Place& at) {
    if (!fields_.object(at)) {
        return false;
    }
    bool has_role = false;
    bool has_content = false;
    bool foreign = false;
    bool assistant = false;
    own_thought_ = false;
    foreign_call_ = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "role") {
            has_role = true;
            assistant = fields_.word({at, "role"}, message_roles) == std::size_t{1};
        } else if (key == "content") {
            has_content = true;
            foreign = read_content({at, "content"});
        } else {
            fields_.skip();
        }
    }
    if (!has_role) {
        fields_.missing({at, "role"});
    } else if (!has_content) {
        fields_.missing({at, "content"});
    }
    if (assistant) {
        unthought_call_ = foreign_call_ && !own_thought_;
    }
    return foreign;
}

bool AdmissionReader::read_content(const Place& at) {
    if (fields_.peek() == JsonType::string) {
        fields_.skip();
        return false;
    }
    if (fields_.peek() != JsonType::array) {
        fields_.wrong_type(at, "a string or an array of content blocks");
        return false;
    }
    fields_.array(at);
    ElementCuts cuts(foreign_);
    std::size_t count = 0;
    while (fields_.next_element()) {
        const std::size_t begin = fields_.offset();
        const std::size_t found = foreign_.size();
        const bool foreign = read_block({at, count++});
        cuts.settle(container_range(body_, begin, fields_.offset(), '}'), found, foreign);
    }
    cuts.end();
    return cuts.nothing_left();
}

bool AdmissionReader::read_block(const Place& at) {
    if (!fields_.object(at)) {
        return false;
    }
    bool typed = false;
    bool thought = false;
    bool carried = false;
    bool call = false;
    bool own_id = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            typed = true;
            const auto type = fields_.string({at, "type"});
            thought = type == "thinking" || type == "redacted_thinking";
            call = type == "tool_use";
        } else if (key == "id" && fields_.peek() == JsonType::string) {
            own_id = body_.substr(fields_.skip().begin + 1).starts_with("toolu_");
        } else if ((key == "signature" || key == "data") && fields_.peek() == JsonType::string) {
            const auto range = fields_.skip();
            carried = body_.substr(range.begin + 1, carrier_mark.size()) == carrier_mark;
        } else if (key == "citations" && fields_.peek() == JsonType::array) {
            read_citations({at, "citations"});
        } else {
            fields_.skip();
        }
    }
    if (!typed) {
        fields_.missing({at, "type"});
    }
    own_thought_ = own_thought_ || (thought && !carried);
    foreign_call_ = foreign_call_ || (call && !own_id);
    return thought && carried;
}

/// Anthropic's own index is in each of its own.
void AdmissionReader::read_citations(const Place& at) {
    fields_.array(at);
    ElementCuts cuts(foreign_);
    while (fields_.next_element()) {
        const auto index = fields_.member_ahead("encrypted_index");
        const auto element = fields_.skip();
        if (index && index->starts_with(carrier_mark)) {
            cuts.cut(element);
        } else {
            cuts.keep(element);
        }
    }
    cuts.end();
}

}  // namespace

Result<chat::Request> read_anthropic_request(chat::Endpoint endpoint, std::string body,
                                             wire::JsonLimits limits) {
    auto request = AdmissionReader(endpoint, body, limits).read();
    if (request) {
        request->original.bytes = std::move(body);
    }
    return request;
}

}  // namespace gatehouse::dialect
