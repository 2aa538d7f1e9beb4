#include "gatehouse/dialect/canonical_request.hpp"

#include "canonical_names.hpp"
#include "canonical_text.hpp"
#include "gemini_parts.hpp"
#include "kept_json.hpp"

#include "gatehouse/wire/json_unescape.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Vendor;
using wire::ByteRange;
using wire::JsonType;

/// Objects and runs of elements beyond it count by their digests: nothing grows with the body, and what
/// stands inside of much else is not moved again and again.
constexpr std::size_t largest_object = 1024;
constexpr std::size_t longest_run = std::size_t{32} * 1024;
constexpr std::size_t usual_members = 32;  // open at one time
constexpr std::size_t longest_link = 128;  // as much of it as is looked at

constexpr std::string_view replaced = "\xef\xbf\xbd";  // U+FFFD

bool lies_in(std::string_view part, std::string_view text) noexcept {
    const std::less_equal<> not_behind;
    return not_behind(text.data(), part.data()) && not_behind(part.data(), text.data() + text.size());
}

/// Whose words behind the user's last ones leave them to be answered: instructions, and the beginning of the
/// answer itself.
bool may_stand_behind(std::string_view role) noexcept {
    return role == "assistant" || role == "model" || role == "system" || role == "developer";
}

/// What a value is a part of.
enum class FormLevel : std::uint8_t {
    plain,         // nothing that has a meaning here
    settings,      // Gemini's
    requests,      // of several embeddings
    conversation,  // messages
    message,
    said,   // what a message has for content
    part,   // of it
    text,   // of a part
    inner,  // what stands elsewhere and may hold media: in the result of a tool, beside the conversation
    link,   // it, or something in it, may lead elsewhere
    tools,
    tool,
};

/// Below a list of things are things.
constexpr FormLevel element_of(FormLevel level) noexcept {
    switch (level) {
        case FormLevel::conversation:
            return FormLevel::message;
        case FormLevel::said:
            return FormLevel::part;
        case FormLevel::tools:
            return FormLevel::tool;
        default:
            return level;
    }
}

/// A message of the conversation.
struct Turn {
    bool users{false};
    bool plain{true};       // text and nothing else
    bool instructs{false};  // by the role of who runs the service
    bool named{false};      // by a role or a type
    std::size_t begin{0};   // of its texts, among all texts
    std::size_t end{0};
    std::vector<ByteRange> texts{};  // in the body
};

class RequestForm {
public:
    RequestForm(const chat::Request& request, const CanonicalUse& use)
        : request_(request),
          use_(use),
          body_(request.original.bytes),
          gemini_(chat::vendor_of(request.endpoint) == Vendor::gemini),
          json_(kept_reader(body_)),
          form_(body_, digester_),
          texts_(body_, digester_) {
        members_.reserve(usual_members);
    }

    std::optional<CanonicalRequest> read();

private:
    bool read_body();
    void body_value(BodyMember meaning);
    void elsewhere();

    void value(FormLevel level);
    void string(FormLevel level);
    void array(FormLevel level);
    void object(FormLevel level);
    bool drops(FormLevel level, std::string_view name);
    void member(FormLevel level, std::string_view name);
    void message_member(std::string_view name);
    void part_member(std::string_view name);
    void inner_member(std::string_view name);
    void tool_member(std::string_view name);
    void turn();
    void said_text();
    /// Reads a value that counts; if it is a string, gives it.
    std::string word();
    bool null_next() noexcept { return json_.peek() == JsonType::null; }

    Digest partition();
    std::string last_text() const;

    const chat::Request& request_;
    const CanonicalUse& use_;
    std::string_view body_;
    bool gemini_;
    wire::JsonReader json_;
    Sha256 digester_;
    CanonicalText form_;                          // the body, with a mark where a message has text
    CanonicalText texts_;                         // of all messages, in their order
    std::vector<CanonicalText::Member> members_;  // of the objects that are open
    bool doubtful_{false};                        // two members may have one name
    Turn turn_;                                   // that is read
    Turn last_;                                   // of the user
    bool only_text_behind_{false};
    bool talked_{false};  // somebody other than who runs the service
    bool part_has_text_{false};
    std::string tool_type_;
    CanonicalRequest found_;
};

std::optional<CanonicalRequest> RequestForm::read() {
    if (!read_body() || doubtful_ || !json_.finish()) {
        return std::nullopt;
    }
    found_.partition = partition();
    digester_.update({reinterpret_cast<const char*>(found_.partition.data()), found_.partition.size()});
    texts_.feed(last_.begin, last_.end);
    found_.exact = digester_.finish();
    if (!use_.for_alike) {
        return std::move(found_);
    }
    found_.last_user_text = last_text();
    found_.comparable = last_.plain && only_text_behind_ && !found_.last_user_text.empty();
    return std::move(found_);
}

/// What stands in the request's head and changes the answer comes before the body. The first word names this
/// form: digests are kept, and another form is to find none of them.
Digest RequestForm::partition() {
    auto betas = request_.betas;
    std::sort(betas.begin(), betas.end());
    betas.erase(std::unique(betas.begin(), betas.end()), betas.end());
    // Texts of any bytes: digests and headers are among them, which no canonical text can hold.
    std::string head;
    const auto add = [&head](std::string_view text) {
        head += std::to_string(text.size());
        head += ':';
        head += text;
    };
    add("gatehouse request 2");
    add(use_.scope);
    add(chat::name_of(request_.endpoint));
    head += request_.strict_params ? 's' : 'l';
    add(request_.vendor_fields);
    add(request_.previous_response);
    for (const auto& beta : betas) {
        head += 'b';
        add(beta);
    }
    head += '{';
    digester_.update(head);
    form_.feed(0, form_.size());
    digester_.update("}");
    texts_.feed(0, last_.begin);
    digester_.update("u");
    texts_.feed(last_.end, texts_.size());
    return digester_.finish();
}

std::string RequestForm::last_text() const {
    std::size_t size = 0;
    for (const auto range : last_.texts) {
        size += range.size();
    }
    std::string text;
    if (size > CanonicalRequest::longest_comparable_text) {
        return text;
    }
    for (const auto range : last_.texts) {
        text += text.empty() ? "" : "\n";
        text += wire::unescape_json(inside_of(text_at(body_, range)));
    }
    return text;
}

bool RequestForm::read_body() {
    if (json_.peek() != JsonType::object || !json_.begin_object()) {
        return false;
    }
    const bool null_is_none = chat::vendor_of(request_.endpoint) != Vendor::anthropic;
    while (json_.next_member()) {
        const auto name = gemini_ ? camel_case(json_.key()) : std::string(json_.key());
        const auto meaning = body_member(request_.endpoint, name);
        if (meaning == BodyMember::no_matter || (null_is_none && null_next())) {
            json_.skip();
            continue;
        }
        // Below, members come and go.
        members_.push_back(form_.member(name));
        body_value(meaning);
    }
    doubtful_ = !form_.sort(members_, 0) || doubtful_;
    return true;
}

void RequestForm::body_value(BodyMember meaning) {
    switch (meaning) {
        case BodyMember::conversation:
            return value(FormLevel::conversation);
        case BodyMember::settings:
            return value(FormLevel::settings);
        case BodyMember::tools:
            return value(FormLevel::tools);
        case BodyMember::requests:
            return value(FormLevel::requests);
        case BodyMember::media:
            return value(FormLevel::inner);
        case BodyMember::elsewhere:
            return elsewhere();
        default:
            return value(FormLevel::plain);
    }
}

void RequestForm::elsewhere() {
    const auto begin = json_.offset();
    value(FormLevel::plain);
    const auto said = body_.substr(begin, 5);
    const bool none = said.starts_with("null") || said == "false" || said.starts_with("[]");
    found_.self_contained = found_.self_contained && none;
}

void RequestForm::value(FormLevel level) {
    const auto type = json_.peek();
    if (level == FormLevel::message || (level == FormLevel::conversation && type != JsonType::array)) {
        turn();  // Gemini: one stands for a list of one
        return;
    }
    switch (type) {
        case JsonType::string:
            return string(level);
        case JsonType::object:
            return object(level == FormLevel::said ? FormLevel::part : level);
        case JsonType::array:
            return array(level);
        case JsonType::number:
            form_.number(json_);
            break;
        case JsonType::boolean:
            form_.boolean(json_);
            break;
        case JsonType::null:
            form_.null(json_);
            return;
        case JsonType::invalid:
            json_.skip();  // the reader remembers it
            return;
    }
    turn_.plain =
        turn_.plain && level != FormLevel::said && level != FormLevel::part && level != FormLevel::text;
}

void RequestForm::string(FormLevel level) {
    if (level == FormLevel::said || level == FormLevel::text) {
        said_text();
        return;
    }
    const auto range = form_.string(json_);
    if (level == FormLevel::part) {
        turn_.plain = false;
    } else if (level == FormLevel::link) {
        std::array<char, longest_link> beginning{};
        auto inside = inside_of(text_at(body_, range));
        const auto size = wire::unescape_json_piece(inside, beginning);
        found_.self_contained = found_.self_contained && !leads_elsewhere({beginning.data(), size});
    }
}

void RequestForm::said_text() {
    form_.mark('U');
    const auto range = texts_.string(json_);
    if (range.size() > 2) {
        turn_.texts.push_back(range);
    }
}

std::string RequestForm::word() {
    if (json_.peek() != JsonType::string) {
        value(FormLevel::plain);
        return {};
    }
    return wire::unescape_json(inside_of(text_at(body_, form_.string(json_))));
}

void RequestForm::array(FormLevel level) {
    if (level == FormLevel::part || level == FormLevel::text) {
        turn_.plain = false;
        level = FormLevel::plain;
    }
    form_.mark('[');
    std::size_t begin = form_.size();
    json_.begin_array();
    while (json_.next_element()) {
        value(element_of(level));
        if (form_.size() - begin > longest_run) {
            form_.fold(begin);
            begin = form_.size();
        }
    }
    form_.mark(']');
}

void RequestForm::turn() {
    turn_.texts.clear();  // and keeps their memory
    turn_ = Turn{gemini_, true, false, false, texts_.size(), 0, std::move(turn_.texts)};
    const auto type = json_.peek();
    if (type == JsonType::string) {  // Responses and Gemini: short for a message of the user
        turn_.users = true;
        turn_.named = true;
        said_text();
    } else if (type == JsonType::object) {
        object(FormLevel::message);
    } else {
        turn_.plain = false;
        value(FormLevel::plain);
    }
    turn_.end = texts_.size();
    if (request_.endpoint == chat::Endpoint::responses && !turn_.named) {
        found_.self_contained = false;  // an item that is known by its id
    }
    if (turn_.users) {
        std::swap(last_, turn_);
        only_text_behind_ = true;
        found_.has_earlier_turns = std::exchange(talked_, true);
    } else {
        only_text_behind_ = only_text_behind_ && turn_.plain;
        talked_ = talked_ || !turn_.instructs;
    }
}

bool RequestForm::drops(FormLevel level, std::string_view name) {
    return (level == FormLevel::settings && null_next()) || (level == FormLevel::requests && name == "model");
}

void RequestForm::object(FormLevel level) {
    form_.mark('{');
    const auto begin = form_.size();
    const auto first = members_.size();
    part_has_text_ = part_has_text_ && level != FormLevel::part;
    json_.begin_object();
    while (json_.next_member()) {
        const auto name = json_.key();
        if (drops(level, name)) {
            json_.skip();
            continue;
        }
        // A surrogate that stands alone is gone from an unescaped name.
        doubtful_ = doubtful_ || (!lies_in(name, body_) && name.find(replaced) != std::string_view::npos);
        if (level == FormLevel::settings) {
            const auto settings_name = camel_case(name);
            members_.push_back(form_.member(settings_name));
            member(level, settings_name);
        } else {
            members_.push_back(form_.member(name));
            member(level, name);
        }
    }
    doubtful_ = !form_.sort(members_, first) || doubtful_;
    members_.resize(first);
    form_.mark('}');
    if (form_.size() - begin > largest_object) {
        form_.fold(begin);
    }
    if (level == FormLevel::part) {
        turn_.plain = turn_.plain && part_has_text_;
    } else if (level == FormLevel::tool) {
        const auto type = std::exchange(tool_type_, {});
        found_.self_contained =
            found_.self_contained && is_clients_tool(chat::vendor_of(request_.endpoint), type);
    }
}

/// `name` is valid until the value is read.
void RequestForm::member(FormLevel level, std::string_view name) {
    switch (level) {
        case FormLevel::message:
            return message_member(name);
        case FormLevel::part:
            return part_member(name);
        case FormLevel::inner:
        case FormLevel::requests:
            return inner_member(name);
        case FormLevel::tool:
            return tool_member(name);
        case FormLevel::link:
            return value(FormLevel::link);
        default:
            return value(FormLevel::plain);
    }
}

void RequestForm::message_member(std::string_view name) {
    if (name == (gemini_ ? "parts" : "content")) {
        value(FormLevel::said);
    } else if (name == "role") {
        const auto role = word();
        turn_.named = true;
        turn_.users = role == "user";
        turn_.instructs = role == "system" || role == "developer";
        turn_.plain = turn_.plain && (turn_.users || may_stand_behind(role));
    } else if (name == "type") {
        const auto type = word();
        turn_.named = true;
        turn_.plain = turn_.plain && type == "message";
        found_.self_contained = found_.self_contained && type != "item_reference";
    } else if (null_next() || name == "name" || name == "id" || name == "status" || name == "phase") {
        value(FormLevel::plain);
    } else {
        turn_.plain = false;
        inner_member(name);
    }
}

void RequestForm::part_member(std::string_view name) {
    if (name == "text") {
        part_has_text_ = true;
        value(FormLevel::text);
    } else if (name == "type") {
        const auto type = word();
        turn_.plain = turn_.plain && (type == "text" || type == "input_text" || type == "output_text");
    } else if (null_next() || name == "cache_control" || name == "citations" || name == "annotations" ||
               name == "logprobs") {
        value(FormLevel::plain);
    } else {
        turn_.plain = false;
        inner_member(name);
    }
}

void RequestForm::inner_member(std::string_view name) {
    if (may_hold_link(name)) {
        value(FormLevel::link);
    } else if (name == "content" || name == "parts" || name == "output" || name == "functionResponse" ||
               name == "function_response") {
        value(FormLevel::inner);
    } else {
        value(FormLevel::plain);
    }
}

void RequestForm::tool_member(std::string_view name) {
    if (name == "type") {
        tool_type_ = word();
        return;
    }
    const bool clients = !gemini_ || null_next() || camel_case(name) == "functionDeclarations";
    found_.self_contained = found_.self_contained && clients;
    value(FormLevel::plain);
}

bool is_keyed(chat::Endpoint endpoint) noexcept {
    using chat::Endpoint;
    switch (endpoint) {
        case Endpoint::chat_completions:
        case Endpoint::completions:
        case Endpoint::embeddings:
        case Endpoint::responses:
        case Endpoint::moderations:
        case Endpoint::messages:
        case Endpoint::generate_content:
        case Endpoint::embed_content:
        case Endpoint::batch_embed_contents:
            return true;
        default:
            return false;
    }
}

/// A form, or a body of which more is to come.
bool is_json(const chat::Original& original) noexcept {
    return original.content_type.empty() && original.rest == nullptr;
}

}  // namespace

std::optional<CanonicalRequest> canonical_request(const chat::Request& request, const CanonicalUse& use) {
    if (!is_keyed(request.endpoint) || !is_json(request.original)) {
        return std::nullopt;
    }
    return RequestForm(request, use).read();
}

}  // namespace gatehouse::dialect
