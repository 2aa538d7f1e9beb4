#include "provider_error.hpp"

#include "google_details.hpp"
#include "openai_words.hpp"
#include "wait_hint.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// The words of an error, from whichever of the known shapes it came in.
struct ErrorWords {
    std::string message;
    std::string type;
    std::string code;
    std::string param;
    int status{0};  // a numeric `code`, as OpenRouter and Google send it
    GoogleDetails google;
};

void read_text(wire::JsonReader& json, std::string& into) {
    if (json.peek() == JsonType::string) {
        into = json.string();
    } else {
        json.skip();
    }
}

void read_code(wire::JsonReader& json, ErrorWords& words) {
    if (json.peek() != JsonType::number) {
        read_text(json, words.code);
        return;
    }
    const auto number = json.integer();
    if (number && *number >= 100 && *number <= 599) {
        words.status = static_cast<int>(*number);
    }
}

/// The members of an error object, or of the object around it: the two differ in depth only.
enum class Depth : std::uint8_t { outer, inner };

void read_words(wire::JsonReader& json, ErrorWords& words, Depth depth);

/// Anthropic tells apart there what its types do not: `{"error_code":"enforced_spend_limit_reached"}`.
void read_anthropic_details(wire::JsonReader& json, ErrorWords& words) {
    json.begin_object();
    while (json.next_member()) {
        if (json.key() == "error_code" && words.code.empty()) {
            read_text(json, words.code);
        } else {
            json.skip();
        }
    }
}

/// The value of `error`: an object, or the message itself.
void read_inner(wire::JsonReader& json, ErrorWords& words) {
    if (json.peek() == JsonType::string) {
        words.message = json.string();
    } else if (json.peek() == JsonType::object) {
        words = {};
        read_words(json, words, Depth::inner);
    } else {
        json.skip();
    }
}

/// `response.failed` keeps its error inside the response.
void read_response(wire::JsonReader& json, ErrorWords& words, bool& nested) {
    json.begin_object();
    while (json.next_member()) {
        if (json.key() == "error" && json.peek() != JsonType::null) {
            nested = true;
            read_inner(json, words);
        } else {
            json.skip();
        }
    }
}

void read_words(wire::JsonReader& json, ErrorWords& words, Depth depth) {
    bool nested = false;  // the inner object was read: what stands around it says nothing more
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        const bool outer = depth == Depth::outer;
        if (outer && key == "error" && json.peek() != JsonType::null) {
            nested = true;
            read_inner(json, words);
        } else if (outer && key == "response" && json.peek() == JsonType::object) {
            read_response(json, words, nested);
        } else if (nested) {
            json.skip();
        } else if (key == "message" || (outer && key == "detail")) {
            read_text(json, words.message);
        } else if (key == "code") {
            read_code(json, words);
        } else if (key == "type" || (!outer && key == "status" && words.type.empty())) {
            read_text(json, words.type);
        } else if (key == "param") {
            read_text(json, words.param);
        } else if (key == "details" && json.peek() == JsonType::array) {
            read_google_details(json, words.google);
        } else if (key == "details" && json.peek() == JsonType::object) {
            read_anthropic_details(json, words);
        } else {
            json.skip();
        }
    }
}

/// Nothing readable gives empty words. An array stands for its first element.
ErrorWords words_of(std::string_view body) {
    wire::JsonReader json(body, reply_limits);
    ErrorWords words;
    if (json.peek() == JsonType::array) {
        json.begin_array();
        if (json.next_element() && json.peek() == JsonType::object) {
            read_words(json, words, Depth::outer);
            while (json.next_element()) {
                json.skip();
            }
        }
    } else if (json.peek() == JsonType::object) {
        read_words(json, words, Depth::outer);
    }
    return json.finish() ? std::move(words) : ErrorWords{};
}

struct Verdict {
    ProblemKind kind;
    Retry retry;
};

/// Sorts one error into the classes of docs/api.md, "Errors of providers".
class Classifier {
public:
    Classifier(int status, const ErrorWords& words)
        : status_(status),
          code_(to_lower(words.code)),
          type_(to_lower(words.type)),
          reason_(to_lower(words.google.reason)),
          message_(to_lower(words.message)),
          per_day_(words.google.per_day) {}

    Verdict verdict() const {
        if (is_quota()) {
            return {ProblemKind::upstream_quota, Retry::other_credential};
        }
        if (is_content_policy()) {
            return {ProblemKind::content_policy, Retry::no};
        }
        if (is_context_length()) {
            return {ProblemKind::context_length, Retry::no};
        }
        if (is_credentials()) {
            return {ProblemKind::upstream_credentials, Retry::other_credential};
        }
        if (status_ == 404 || (status_ < 500 && named({"model_not_found", "not_found_error", "not_found"}))) {
            return {ProblemKind::upstream_not_found, Retry::elsewhere};
        }
        if (status_ == 429 || (status_ == 0 && named({"rate_limit_exceeded", "rate_limit_error", "requests",
                                                      "tokens", "resource_exhausted"}))) {
            return {ProblemKind::upstream_rate_limited, Retry::same_place};
        }
        return is_overloaded() ? Verdict{ProblemKind::upstream_overloaded, Retry::same_place} : by_status();
    }

private:
    /// True if the code, the type or Google's reason is one of these.
    bool named(std::initializer_list<std::string_view> names) const {
        const auto is = [&](std::string_view name) {
            return name == code_ || name == type_ || name == reason_;
        };
        return std::any_of(names.begin(), names.end(), is);
    }

    bool says(std::initializer_list<std::string_view> phrases) const {
        const auto in = [&](std::string_view phrase) { return message_.find(phrase) != std::string::npos; };
        return std::any_of(phrases.begin(), phrases.end(), in);
    }

    bool about_the_request() const noexcept {
        return status_ == 0 || status_ == 400 || status_ == 413 || status_ == 422;
    }

    bool is_quota() const {
        // Google says "you exceeded your current quota" of a limit per minute as well.
        if (named({"resource_exhausted"})) {
            return per_day_;
        }
        if (named({"failed_precondition"}) && says({"billing"})) {
            return true;
        }
        return status_ == 402 ||
               named({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active",
                      "insufficient_credits", "insufficient_balance", "billing_error",
                      "contract_spend_limit_reached", "enforced_spend_limit_reached",
                      "organization_on_hold"}) ||
               (status_ < 500 && says({"exceeded your current quota", "credit balance is too low",
                                       "reached your specified api usage limits"}));
    }

    bool is_content_policy() const {
        return status_ < 500 && (named({"content_filter", "content_policy_violation", "invalid_prompt",
                                        "moderation_blocked", "bio_policy", "cyber_policy",
                                        "misalignment_policy_violation", "responsibleaipolicyviolation"}) ||
                                 code_.starts_with("misalignment"));
    }

    bool is_context_length() const {
        return (status_ < 500 && named({"context_length_exceeded"})) ||
               (about_the_request() && says({"maximum context length", "context window", "prompt is too long",
                                             "exceed context limit", "context_length_exceeded"})) ||
               (about_the_request() && says({"input token count"}) && says({"exceeds"}));
    }

    bool is_credentials() const {
        return status_ == 401 || status_ == 403 ||
               (status_ < 500 && named({"invalid_api_key", "api_key_invalid", "authentication_error",
                                        "permission_error", "permission_denied", "unauthenticated"})) ||
               (status_ == 400 && says({"api key not valid"}));
    }

    bool is_overloaded() const {
        return status_ == 503 || status_ == 529 ||
               ((status_ == 0 || status_ >= 500) &&
                (named({"overloaded", "overloaded_error", "server_overloaded", "engine_overloaded",
                        "unavailable"}) ||
                 says({"overloaded"})));
    }

    Verdict by_status() const {
        if (status_ == 0) {
            const bool rejected =
                named({"invalid_request_error", "badrequesterror", "bad_request_error", "request_too_large",
                       "invalid_argument", "invalid_value", "invalid_type"});
            return rejected ? Verdict{ProblemKind::upstream_rejected, Retry::no}
                            : Verdict{ProblemKind::upstream_failed, Retry::same_place};
        }
        if (status_ >= 500 || status_ == 408 || status_ == 409 || status_ == 499) {
            return {ProblemKind::upstream_failed, Retry::same_place};
        }
        if (status_ >= 400) {
            return {ProblemKind::upstream_rejected, Retry::no};
        }
        if (status_ >= 300) {
            return {ProblemKind::upstream_redirect, Retry::elsewhere};
        }
        return {ProblemKind::upstream_protocol, Retry::same_place};
    }

    int status_;
    std::string code_;
    std::string type_;
    std::string reason_;
    std::string message_;
    bool per_day_;
};

/// A provider's `code` as it may be shown: a word, never a sentence or a secret.
std::string shown_code(const std::string& code) {
    const auto word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '.';
    };
    const bool fine = code.size() <= 64 && std::all_of(code.begin(), code.end(), word);
    return fine ? redact(code, 64) : std::string();
}

/// `text/html` of `text/html; charset=utf-8`, if it looks like one.
std::string media_type(const wire::Fields& fields) {
    const auto field = fields.find("content-type");
    if (!field) {
        return "no content type";
    }
    const auto type = trim(field->substr(0, field->find(';')));
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
               c == '+' || c == '-' || c == '.' || c == '_';
    };
    const bool fine = !type.empty() && type.size() <= 80 && std::all_of(type.begin(), type.end(), fits);
    return fine ? redact(type, 80) : std::string("unknown content type");
}

Problem problem_of(const Verdict& verdict, const ErrorWords& words, int status, std::string message) {
    return Problem(verdict.kind, std::move(message), verdict.retry)
        .with_status(status)
        .with_code(shown_code(words.code))
        .with_param(redact(words.param, 200));
}

/// What the body itself says about waiting. The delay that comes with a quota of a day is not one of a day.
std::optional<Milliseconds> wait_in_words(const Verdict& verdict, const ErrorWords& words) {
    if (verdict.kind == ProblemKind::upstream_quota) {
        return std::nullopt;
    }
    const auto delay = parse_go_duration(words.google.retry_delay);
    const bool rate = verdict.kind == ProblemKind::upstream_rate_limited;
    return delay || !rate ? delay : wait_in_message(words.message);
}

}  // namespace

Problem problem_of_answer(const wire::ResponseHead& head, std::string_view body, WallTime now) {
    const auto words = words_of(body);
    // A 2xx that says nothing by itself: an error object sent with the wrong status.
    const int status =
        head.status >= 200 && head.status < 300 && !words.message.empty() ? words.status : head.status;
    auto verdict = Classifier(status, words).verdict();
    auto message = redact(words.message);
    if (message.empty()) {
        message = fmt::format("upstream returned {} ({})", head.status, media_type(head.fields));
    }
    const auto should_retry = head.fields.find("x-should-retry");
    if (should_retry && equals_ignoring_case(*should_retry, "false")) {
        if (verdict.retry == Retry::same_place) {
            verdict.retry = Retry::elsewhere;
        }
        return problem_of(verdict, words, head.status, std::move(message));
    }
    const bool rate = verdict.kind == ProblemKind::upstream_rate_limited;
    auto wait = wait_hint(head.fields, rate ? WaitFrom::rate_limit_headers : WaitFrom::retry_headers, now);
    if (!wait) {
        wait = wait_in_words(verdict, words);
    }
    auto problem = problem_of(verdict, words, head.status, std::move(message));
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

Problem problem_of_event(std::string_view json) {
    const auto words = words_of(json);
    const auto verdict = Classifier(words.status, words).verdict();
    auto message = redact(words.message);
    if (message.empty()) {
        message = "the provider sent an error without a message";
    }
    const auto wait = wait_in_words(verdict, words);
    auto problem = problem_of(verdict, words, words.status, std::move(message));
    return wait ? std::move(problem).with_wait(*wait) : std::move(problem);
}

bool is_error_object(std::string_view text) {
    wire::JsonReader json(text, reply_limits);
    bool error = false;
    if (json.peek() != JsonType::object || !json.begin_object()) {
        return false;
    }
    while (json.next_member()) {
        if (json.key() == "object" && json.peek() == JsonType::string) {
            error = json.string() == "error";
        } else {
            json.skip();
        }
    }
    return json.finish() && error;
}

}  // namespace gatehouse::dialect
