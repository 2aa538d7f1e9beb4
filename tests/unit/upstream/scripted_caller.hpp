// A provider whose answer is written down beforehand, and a sink that writes down what it gets.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/net/http_client.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::test {

/// One answer: a head, the pieces its body comes in, and how it ends (no problem: properly).
struct ScriptedAnswer {
    int status{200};
    std::vector<std::pair<std::string, std::string>> fields{{"content-type", "application/json"}};
    std::vector<std::string> pieces;
    std::optional<Problem> end;
};

class ScriptedReply : public net::HttpReply {
public:
    explicit ScriptedReply(ScriptedAnswer answer) : answer_(std::move(answer)) {
        head_.status = answer_.status;
        for (const auto& [name, value] : answer_.fields) {
            head_.fields.add(name, value);
        }
        head_.body.kind = wire::BodyKind::chunked;
    }
    const wire::ResponseHead& head() const noexcept override { return head_; }
    Task<Result<std::string_view>> next() override {
        if (at_ < answer_.pieces.size()) {
            co_return std::string_view(answer_.pieces[at_++]);
        }
        if (answer_.end) {
            co_return *answer_.end;
        }
        co_return std::string_view();
    }
    void read_by(Instant) noexcept override {}

private:
    ScriptedAnswer answer_;
    wire::ResponseHead head_;
    std::size_t at_{0};
};

class ScriptedCaller : public net::HttpCaller {
public:
    struct Seen {
        std::string target;
        std::string fields;
        std::string body;
    };

    Task<Result<std::unique_ptr<net::HttpReply>>> send(const net::Origin&, net::HttpCall& call) override {
        Seen request{call.target, call.fields, {}};
        for (const auto piece : call.body) {
            request.body += piece;
        }
        seen.push_back(std::move(request));
        if (call.asked != nullptr) {
            *call.asked = asks || !failure;
        }
        if (failure) {
            co_return *failure;
        }
        auto next = answer;
        if (!before.empty()) {
            next = std::move(before.front());
            before.pop_front();
        }
        auto reply = std::make_unique<ScriptedReply>(std::move(next));
        co_return std::unique_ptr<net::HttpReply>(std::move(reply));
    }

    std::deque<ScriptedAnswer> before;  // to the first calls
    ScriptedAnswer answer;              // to all others
    std::optional<Problem> failure;
    bool asks{false};  // a request that fails had left before
    std::vector<Seen> seen;
};

class RecordingSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead given) override { reply_head = std::move(given); }
    Task<Status> push(std::span<const chat::Delta> run) override {
        if (refuse) {
            co_return Problem(ProblemKind::client_gone, "gone");
        }
        pushes.emplace_back();
        for (const auto& delta : run) {
            pushes.back() += delta.bytes;
            text += delta.bytes;
            content =
                content || delta.kind == chat::DeltaKind::content || delta.kind == chat::DeltaKind::whole;
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return content; }

    std::optional<chat::ReplyHead> reply_head;
    std::vector<std::string> pushes;
    std::string text;
    bool content{false};
    bool refuse{false};
};

}  // namespace gatehouse::test
