#include "openai_responses_words.hpp"

#include "openai_words.hpp"

namespace gatehouse::dialect {
namespace {

/// Reads one reply or event; members of a wrong type are passed over.
class ResponseWords {
public:
    ResponseWords(std::string_view data, Texts& texts, chat::Usage& usage)
        : data_(data), json_(data, reply_limits), texts_(texts), usage_(usage) {}

    bool at_object() noexcept { return json_.peek() == wire::JsonType::object; }
    bool finish() { return json_.finish(); }
    void read_body(ResponsePiece& response);
    void read_event(ResponseEventPiece& event);

private:
    void read_reason(std::string_view& reason);
    void read_item(ResponseItemPiece& item);
    void read_parts(std::vector<ResponsePartPiece>& parts);
    void read_part(ResponsePartPiece& part);
    void read_object(std::string_view& object);

    std::string_view data_;
    wire::JsonReader json_;
    Texts& texts_;
    chat::Usage& usage_;
};

void ResponseWords::read_body(ResponsePiece& response) {
    if (!begin_object(json_)) {
        return;
    }
    while (json_.next_member()) {
        const auto key = json_.key();
        if (key == "id") {
            response.id = texts_.read(json_);
        } else if (key == "model") {
            response.model = texts_.read(json_);
        } else if (key == "status") {
            response.status = texts_.read(json_);
        } else if (key == "incomplete_details") {
            read_reason(response.reason);
        } else if (key == "error") {
            response.error = read_truth(json_);
        } else if (key == "service_tier") {
            read_service(json_, usage_.service);
        } else if (key == "usage") {
            read_usage(json_, usage_);
        } else if (key == "output") {
            response.has_output = begin_array(json_);
            while (response.has_output && json_.next_element()) {
                read_item(response.output.emplace_back());
            }
        } else {
            json_.skip();
        }
    }
}

void ResponseWords::read_reason(std::string_view& reason) {
    if (!begin_object(json_)) {
        return;
    }
    while (json_.next_member()) {
        if (json_.key() == "reason") {
            reason = texts_.read(json_);
        } else {
            json_.skip();
        }
    }
}

void ResponseWords::read_item(ResponseItemPiece& item) {
    if (!begin_object(json_)) {
        return;
    }
    while (json_.next_member()) {
        const auto key = json_.key();
        if (key == "type") {
            item.type = texts_.read(json_);
        } else if (key == "id") {
            item.id = texts_.read(json_);
        } else if (key == "phase") {
            item.phase = texts_.read(json_);
        } else if (key == "call_id") {
            item.call_id = texts_.read(json_);
        } else if (key == "name") {
            item.name = texts_.read(json_);
        } else if (key == "arguments" || key == "input") {
            item.arguments = texts_.read(json_);
        } else if (key == "encrypted_content") {
            item.encrypted = texts_.read(json_);
        } else if (key == "result") {
            item.image = texts_.read(json_);
        } else if (key == "output_format") {
            item.image_format = texts_.read(json_);
        } else if (key == "content") {
            read_parts(item.content);
        } else if (key == "summary") {
            read_parts(item.summary);
        } else {
            json_.skip();
        }
    }
}

void ResponseWords::read_parts(std::vector<ResponsePartPiece>& parts) {
    if (!begin_array(json_)) {
        return;
    }
    while (json_.next_element()) {
        read_part(parts.emplace_back());
    }
}

void ResponseWords::read_part(ResponsePartPiece& part) {
    if (!begin_object(json_)) {
        return;
    }
    while (json_.next_member()) {
        const auto key = json_.key();
        if (key == "text") {
            part.text = texts_.read(json_);
        } else if (key == "refusal") {
            part.refusal = texts_.read(json_);
        } else if (key == "annotations" && begin_array(json_)) {
            while (json_.next_element()) {
                read_object(part.annotations.emplace_back());
            }
        } else if (key != "annotations") {
            json_.skip();
        }
    }
}

void ResponseWords::read_object(std::string_view& object) {
    const bool is = json_.peek() == wire::JsonType::object;
    const auto text = read_json(json_, data_);
    object = is ? text : std::string_view();
}

void ResponseWords::read_event(ResponseEventPiece& event) {
    if (!begin_object(json_)) {
        return;
    }
    while (json_.next_member()) {
        const auto key = json_.key();
        const bool number = json_.peek() == wire::JsonType::number;
        if (key == "type" && json_.peek() == wire::JsonType::string) {
            event.type = texts_.read(json_);
        } else if (key == "item_id") {
            event.item_id = texts_.read(json_);
        } else if (key == "output_index" && number) {
            event.output_index = json_.integer();
        } else if ((key == "content_index" || key == "summary_index") && number) {
            event.part = json_.integer().value_or(0);
        } else if (key == "delta") {
            event.delta = texts_.read(json_);
        } else if (key == "text" || key == "refusal" || key == "arguments" || key == "input") {
            event.text = texts_.read(json_);
        } else if (key == "annotation") {
            read_object(event.annotation);
        } else if (key == "item" && json_.peek() == wire::JsonType::object) {
            read_item(event.item.emplace());
        } else if (key == "response") {
            read_body(event.response);
        } else if (key == "error") {
            event.error = read_truth(json_);
        } else {
            json_.skip();
        }
    }
}

}  // namespace

bool read_response(std::string_view data, Texts& texts, chat::Usage& usage, ResponsePiece& piece) {
    ResponseWords words(data, texts, usage);
    const bool object = words.at_object();
    words.read_body(piece);
    return words.finish() && object;
}

bool read_response_event(std::string_view data, Texts& texts, chat::Usage& usage, ResponseEventPiece& piece) {
    ResponseWords words(data, texts, usage);
    const bool object = words.at_object();
    words.read_event(piece);
    return words.finish() && object;
}

}  // namespace gatehouse::dialect
