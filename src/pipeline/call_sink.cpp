#include "call_sink.hpp"

#include "gatehouse/upstream/told_cost.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using chat::DeltaKind;

bool is_content(const chat::Delta& delta) noexcept {
    return delta.kind == DeltaKind::content || delta.kind == DeltaKind::whole ||
           delta.kind == DeltaKind::opaque;
}

/// Copies the bytes, one behind the other: what were neighbours stay such. Returns their number.
std::size_t copy(std::span<const chat::Delta> run, std::unique_ptr<char[]>& bytes,
                 std::vector<chat::Delta>& copied) {
    std::size_t size = 0;
    for (const auto& delta : run) {
        size += delta.bytes.size();
    }
    bytes = std::make_unique<char[]>(size);
    copied.reserve(run.size());
    char* at = bytes.get();
    for (const auto& delta : run) {
        std::copy(delta.bytes.begin(), delta.bytes.end(), at);
        copied.push_back({delta.kind, std::string_view(at, delta.bytes.size())});
        at += delta.bytes.size();
    }
    return size;
}

/// Whoever does not pay is told so in the reply as well. Returns the number of bytes, 0 where it is the same.
std::size_t copy_unpaid(std::span<const chat::Delta> run, SharedCall::Piece& piece) {
    std::vector<chat::Delta> changed;
    std::vector<std::optional<std::string>> texts(run.size());
    for (std::size_t i = 0; i < run.size(); ++i) {
        if (run[i].kind != DeltaKind::opaque) {
            texts[i] = upstream::told_for_free(run[i].bytes);
        }
        changed.push_back({run[i].kind, texts[i] ? std::string_view(*texts[i]) : run[i].bytes});
    }
    const bool same =
        std::none_of(texts.begin(), texts.end(), [](const auto& text) { return text.has_value(); });
    return same ? 0 : copy(changed, piece.unpaid_bytes, piece.unpaid_run);
}

SharedCall::Piece copy_of(std::span<const chat::Delta> run) {
    SharedCall::Piece piece;
    const auto size = copy(run, piece.bytes, piece.run);
    const auto unpaid = copy_unpaid(run, piece);
    const auto deltas = piece.run.size() + piece.unpaid_run.size();
    piece.size = sizeof(SharedCall::Piece) + size + unpaid + deltas * sizeof(chat::Delta);
    return piece;
}

}  // namespace

Task<Status> CallSink::push(std::span<const chat::Delta> run) {
    auto piece = copy_of(run);
    // Until the first and at the end of a stream readers look at it; in between nothing of it counts.
    const bool first = head_.has_value();
    if (first || (!run.empty() && run.back().kind == DeltaKind::end)) {
        piece.trail = std::make_shared<const telemetry::Trail>(trail_);
    }
    piece.head = std::move(head_);
    head_.reset();
    content_sent_ = content_sent_ || std::any_of(run.begin(), run.end(), is_content);
    call_.append(std::move(piece));
    co_await call_.wait_for_readers();
    co_return done();
}

Task<Status> CallSink::finish() {
    co_return done();
}

Task<Status> CallSink::fail(const Problem& /*problem*/) {
    co_return done();
}

}  // namespace gatehouse::pipeline
