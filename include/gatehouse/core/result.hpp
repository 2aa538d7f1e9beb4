// Result<T> and Problem: what a call gives back when failing is part of its job.
//
// A Problem says what went wrong in words a client may read, whether another try could help, and where.
// It knows no HTTP status: server/problem_response.cpp alone maps a kind to status, type and code.
// Room: core. May include: the standard library.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse::inline core {

/// What went wrong. Grouped by whose fault it is; the error table of docs/api.md lists what clients see.
enum class ProblemKind : std::uint8_t {
    // The client's message, from the parser up.
    bad_framing,      // malformed request line, header, chunk; the connection cannot go on
    request_timeout,  // header or body too slow
    uri_too_long,
    headers_too_large,
    expectation_failed,
    http_version,
    not_found,           // no such path
    method_not_allowed,  // `detail` holds the Allow list
    invalid_api_key,     // none, unknown, expired: one kind, so that they cannot be told apart
    unsupported_media_type,
    request_too_large,
    invalid_json,
    missing_parameter,      // `param` names the field
    invalid_type,           // `param` names the field
    invalid_value,          // `param` names the field, if it is one
    unsupported_parameter,  // strict mode: the target cannot honour `param`
    model_not_allowed,
    rate_limited,  // requests, tokens or calls at one time: of the caller's, a model's or the gateway's limit
    budget_spent,  // what is left of a budget does not cover the request
    price_unknown,      // the caller has a budget, and nobody knows what the model costs
    permission_denied,  // the key is good, but not for this (admin endpoints, foreign hosts)
    model_not_found,
    conversation_not_found,  // what the request goes on from is not kept here (any more)
    threads_unsupported,     // nobody here keeps Anthropic's message threads
    not_cached,              // it may be answered from the cache only, and nothing there fits
    conflict,                // what is there already does not go together with it
    // The gateway.
    overloaded,
    shutting_down,
    internal,
    not_ready,
    storage_unavailable,  // the disk cannot be read or written
    // The provider.
    upstream_connect,  // no connection: refused, no route, no name
    upstream_tls,
    upstream_redirect,
    upstream_timeout,
    upstream_lost,          // reset or cut before the reply was complete
    upstream_protocol,      // a 200 that is no answer, malformed or oversized
    upstream_overloaded,    // 503 and 529
    upstream_failed,        // any other 5xx, 408, 409
    upstream_rate_limited,  // 429 rate
    upstream_quota,         // 429 quota, 402, billing
    upstream_credentials,   // 401, 403
    upstream_not_found,     // 404
    upstream_unavailable,   // every target is left alone, nobody was called
    upstream_rejected,      // 400, 413, 422 and other 4xx on the request itself
    context_length,         // the provider says that the request is too long
    content_policy,         // the provider's policy refused the request
    // Neither: I/O words below the level of requests.
    timed_out,
    closed,  // the peer closed or reset
    client_gone,
    cancelled,
    invalid_configuration,
};

/// Where another try makes sense (the table of docs/api.md, "What is retried").
enum class Retry : std::uint8_t {
    no,                // the request itself is at fault
    elsewhere,         // another target only
    same_place,        // the same target may answer next time, another one too
    other_credential,  // this target with another key, or another target
};

/// A failure as a value, made only on the failing path. Its words lie apart: every coroutine that can fail
/// has room for a Problem in its frame, and nearly none needs it.
class Problem {
public:
    /// `message` is shown to clients: no secrets, no text of others that was not redacted.
    Problem(ProblemKind kind, std::string message, Retry retry = Retry::no)
        : kind_(kind), retry_(retry), words_(std::make_unique<Words>()) {
        words_->message = std::move(message);
    }
    Problem(const Problem& other)
        : kind_(other.kind_),
          retry_(other.retry_),
          upstream_status_(other.upstream_status_),
          words_(std::make_unique<Words>(other.words())) {}
    Problem& operator=(const Problem& other) {
        if (this != &other) {
            *this = Problem(other);
        }
        return *this;
    }
    /// Leaves the kind behind, without words.
    Problem(Problem&&) noexcept = default;
    Problem& operator=(Problem&&) noexcept = default;
    ~Problem() = default;

    ProblemKind kind() const noexcept { return kind_; }
    Retry retry() const noexcept { return retry_; }
    const std::string& message() const noexcept { return words().message; }

    /// The field at fault as a path, e.g. `messages[2].content`; empty when no one field is.
    const std::string& param() const noexcept { return words().param; }
    /// The provider's own code, shown instead of ours where the kind passes it on; else empty.
    const std::string& code() const noexcept { return words().code; }
    /// Kind-specific: the Allow list of method_not_allowed.
    const std::string& detail() const noexcept { return words().detail; }
    /// The provider's HTTP status, 0 when there was none.
    int upstream_status() const noexcept { return upstream_status_; }
    /// How long to wait before the next try makes sense, if anybody said so.
    std::optional<std::chrono::milliseconds> wait() const noexcept { return words().wait; }

    Problem&& with_param(std::string param) && {
        own_words().param = std::move(param);
        return std::move(*this);
    }
    Problem&& with_code(std::string code) && {
        own_words().code = std::move(code);
        return std::move(*this);
    }
    Problem&& with_detail(std::string detail) && {
        own_words().detail = std::move(detail);
        return std::move(*this);
    }
    Problem&& with_status(int status) && {
        upstream_status_ = status;
        return std::move(*this);
    }
    Problem&& with_wait(std::chrono::milliseconds wait) && {
        own_words().wait = wait;
        return std::move(*this);
    }
    Problem&& with_message(std::string message) && {
        own_words().message = std::move(message);
        return std::move(*this);
    }

private:
    struct Words {
        std::string message;
        std::string param;
        std::string code;
        std::string detail;
        std::optional<std::chrono::milliseconds> wait;
    };
    static const Words no_words;

    const Words& words() const noexcept { return words_ ? *words_ : no_words; }
    Words& own_words() {
        if (!words_) {
            words_ = std::make_unique<Words>();
        }
        return *words_;
    }

    ProblemKind kind_;
    Retry retry_;
    int upstream_status_{0};
    std::unique_ptr<Words> words_;  // none once moved from
};

/// A kind's stable name in logs and metrics, e.g. `upstream_timeout`.
std::string_view name_of(ProblemKind kind) noexcept;

/// Success without a value.
struct Done {};

/// A value or a Problem. Look at it on the next line: `if (!r) { co_return r.problem(); }`.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Problem problem) : state_(std::in_place_index<1>, std::move(problem)) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }

    /// REQUIRES: holds a value.
    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// REQUIRES: holds a Problem.
    Problem& problem() & noexcept { return *std::get_if<1>(&state_); }
    const Problem& problem() const& noexcept { return *std::get_if<1>(&state_); }
    Problem&& problem() && noexcept { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Problem> state_;
};

/// Success or a Problem. `return done();` says success.
using Status = Result<Done>;
inline Status done() {
    return Status(Done{});
}

}  // namespace gatehouse::inline core
