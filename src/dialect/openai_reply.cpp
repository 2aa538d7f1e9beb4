#include "edits.hpp"
#include "openai_parts.hpp"
#include "openai_words.hpp"
#include "previous_response.hpp"
#include "provider_error.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// The member that makes a JSON object an answer of the endpoint.
std::string_view answer_member(chat::Endpoint endpoint) noexcept {
    switch (endpoint) {
        case chat::Endpoint::chat_completions:
        case chat::Endpoint::completions:
            return "choices";
        case chat::Endpoint::embeddings:
        case chat::Endpoint::images_generations:
            return "data";
        case chat::Endpoint::responses:
            return "output";
        case chat::Endpoint::count_response_tokens:
            return "input_tokens";
        case chat::Endpoint::moderations:
            return "results";
        case chat::Endpoint::audio_transcriptions:
        case chat::Endpoint::audio_translations:
            return "text";
        default:
            break;  // audio, never JSON; another vendor's
    }
    return {};
}

class WholeReplyReader {
public:
    WholeReplyReader(chat::Endpoint endpoint, std::string_view body, const RelayOptions& options)
        : endpoint_(endpoint),
          body_(body),
          json_(body, reply_limits),
          options_(options),
          previous_(options.previous_response) {}

    Result<WholeReply> read(std::string& edited);

private:
    void read_member(std::string_view key);
    void read_answer();
    void read_choices();
    void read_choice(bool first);
    void read_model();
    void read_text(std::string& into);

    chat::Endpoint endpoint_;
    std::string_view body_;
    wire::JsonReader json_;
    const RelayOptions& options_;
    WholeReply reply_;
    Edits edits_;
    std::string renamed_;
    PreviousResponse previous_;
    MemberPlace previous_place_;
    std::string object_;
    bool error_{false};
    bool answer_{false};
};

Result<WholeReply> WholeReplyReader::read(std::string& edited) {
    if (json_.peek() != JsonType::object) {
        json_.skip();
        return no_answer(json_.finish() ? "a reply that is no JSON object" : "a reply that is no JSON");
    }
    const auto inside = json_.offset() + 1;
    previous_place_.value = {inside, inside};
    json_.begin_object();
    while (json_.next_member()) {
        previous_place_.possible = endpoint_ == chat::Endpoint::responses;
        read_member(json_.key());
    }
    if (!json_.finish()) {
        return no_answer("a reply that is no JSON");
    }
    const bool response = endpoint_ == chat::Endpoint::responses;
    answer_ = answer_ || (response && object_ == "response");
    // A response object that says `failed` is an answer: it has an id, and may have been billed.
    const bool failed_response = response && object_ == "response" && reply_.finish_reason == "failed";
    if ((error_ && !failed_response) || (!answer_ && object_ == "error")) {
        return problem_of_event(body_);
    }
    if (!answer_) {
        return no_answer("a reply that is no answer to this kind of request");
    }
    previous_.show(body_, previous_place_, edits_);
    reply_.bytes = body_;
    if (!edits_.empty()) {
        edited.clear();
        edits_.apply(body_, edited);
        reply_.bytes = edited;
    }
    return std::move(reply_);
}

void WholeReplyReader::read_member(std::string_view key) {
    if (key == "model") {
        read_model();
    } else if (key == "usage") {
        read_usage(json_, reply_.usage);
    } else if (key == "service_tier") {
        read_service(json_, reply_.usage.service);
    } else if (key == "error") {
        error_ = read_truth(json_);
    } else if (key == "object") {
        read_text(object_);
    } else if (key == "previous_response_id") {
        previous_place_.value = json_.skip();
    } else if (key == "status" && endpoint_ == chat::Endpoint::responses) {
        read_text(reply_.finish_reason);
    } else if (key == answer_member(endpoint_)) {
        read_answer();
    } else {
        json_.skip();
    }
}

void WholeReplyReader::read_answer() {
    const auto type = json_.peek();
    if (endpoint_ == chat::Endpoint::audio_transcriptions ||
        endpoint_ == chat::Endpoint::audio_translations) {
        answer_ = type == JsonType::string;
        json_.skip();
        return;
    }
    if (endpoint_ == chat::Endpoint::count_response_tokens) {
        answer_ = type == JsonType::number;
        json_.skip();
        return;
    }
    answer_ = type == JsonType::array;
    const bool choices =
        endpoint_ == chat::Endpoint::chat_completions || endpoint_ == chat::Endpoint::completions;
    if (answer_ && choices) {
        read_choices();
    } else {
        json_.skip();
    }
}

void WholeReplyReader::read_choices() {
    bool first = true;
    json_.begin_array();
    while (json_.next_element()) {
        read_choice(first);
        first = false;
    }
}

void WholeReplyReader::read_choice(bool first) {
    if (!first || json_.peek() != JsonType::object) {
        reply_.said += json_.skip().size();
        return;
    }
    json_.begin_object();
    while (json_.next_member()) {
        if (json_.key() == "finish_reason") {
            read_text(reply_.finish_reason);
        } else {
            reply_.said += json_.skip().size();
        }
    }
}

void WholeReplyReader::read_model() {
    const bool text = json_.peek() == JsonType::string;
    const auto range = json_.skip();
    if (text && range.size() >= 2) {
        reply_.model = wire::unescape_json(body_.substr(range.begin + 1, range.size() - 2));
    }
    if (!text || options_.rename.empty() || range.size() < 2 || edits_.full()) {
        return;
    }
    if (renamed_.empty()) {
        renamed_ = wire::json_string(options_.rename);
    }
    if (body_.substr(range.begin, range.size()) != renamed_) {
        edits_.replace(range, renamed_);
    }
}

void WholeReplyReader::read_text(std::string& into) {
    if (json_.peek() == JsonType::string) {
        into = json_.string();
    } else {
        json_.skip();
    }
}

}  // namespace

Result<WholeReply> read_openai_reply(chat::Endpoint endpoint, std::string_view body,
                                     const RelayOptions& options, std::string& edited) {
    return WholeReplyReader(endpoint, body, options).read(edited);
}

}  // namespace gatehouse::dialect
