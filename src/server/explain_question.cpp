#include "gatehouse/server/explain.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace gatehouse::server {
namespace {

using wire::JsonType;

/// Reads the question without losing a byte of the request in it, whose own limits come later.
class QuestionReader {
public:
    explicit QuestionReader(const std::string& text) : text_(text), json_(text, {wire::deepest_json}) {}

    Result<ExplainQuestion> read();

private:
    void read_member(std::string_view key);
    std::string read_string(const char* param);
    void read_headers();
    void fault(const char* param, std::string_view expected);

    std::string_view text_;
    wire::JsonReader json_;
    ExplainQuestion question_;
    bool wraps_{false};
    std::optional<Problem> fault_;
};

void QuestionReader::fault(const char* param, std::string_view expected) {
    json_.skip();
    if (!fault_) {
        fault_ = Problem(ProblemKind::invalid_type, "Invalid type for '" + std::string(param) +
                                                        "': expected " + std::string(expected) + ".")
                     .with_param(param);
    }
}

std::string QuestionReader::read_string(const char* param) {
    if (json_.peek() != JsonType::string) {
        fault(param, "a string");
        return {};
    }
    return json_.string();
}

void QuestionReader::read_headers() {
    if (json_.peek() != JsonType::object) {
        fault("headers", "an object of strings");
        return;
    }
    json_.begin_object();
    while (json_.next_member()) {
        const std::string name(json_.key());
        if (json_.peek() == JsonType::string) {
            question_.fields.add(name, json_.string());
        } else {
            fault("headers", "an object of strings");
        }
    }
}

void QuestionReader::read_member(std::string_view key) {
    if (key == "endpoint") {
        question_.path = read_string("endpoint");
    } else if (key == "key") {
        question_.key = read_string("key");
    } else if (key == "headers") {
        read_headers();
    } else if (key == "request" && json_.peek() == JsonType::object) {
        wraps_ = true;
        const auto range = json_.skip();
        question_.body = text_.substr(range.begin, range.size());
    } else {
        json_.skip();
    }
}

Result<ExplainQuestion> QuestionReader::read() {
    if (json_.peek() == JsonType::object) {
        json_.begin_object();
        while (json_.next_member()) {
            read_member(json_.key());
        }
    } else {
        json_.skip();
    }
    if (!json_.finish()) {
        return json_.problem();
    }
    if (wraps_ && fault_) {
        return std::move(*fault_);
    }
    if (!wraps_) {
        question_ = ExplainQuestion();
        question_.body = text_;
    }
    return std::move(question_);
}

}  // namespace

Result<ExplainQuestion> read_explain_question(std::string text) {
    return QuestionReader(text).read();
}

}  // namespace gatehouse::server
