#include "gatehouse/upstream/followed_stream.hpp"

#include "rough_tokens.hpp"

#include "gatehouse/dialect/continuation.hpp"

#include <initializer_list>
#include <utility>

namespace gatehouse::upstream {
namespace {

TokenCount without(TokenCount all, std::initializer_list<TokenCount> parts) noexcept {
    auto rest = all.value();
    for (const auto part : parts) {
        rest -= part.value();
    }
    return TokenCount(rest);
}

chat::Usage usage_on(const telemetry::Trail& trail) noexcept {
    const auto& parts = trail.token_parts;
    chat::Usage usage;
    usage.input = without(trail.input_tokens, {parts.input_image, parts.input_audio, parts.input_video});
    usage.cached_input = trail.cached_input_tokens;
    usage.cache_write = without(trail.cache_write_tokens, {parts.cache_write_1h});
    usage.cache_write_1h = parts.cache_write_1h;
    usage.input_image = parts.input_image;
    usage.input_audio = parts.input_audio;
    usage.input_video = parts.input_video;
    usage.output = without(trail.output_tokens, {parts.output_audio, parts.output_image});
    usage.reasoning = trail.reasoning_tokens;
    usage.output_audio = parts.output_audio;
    usage.output_image = parts.output_image;
    usage.known = trail.usage_known;
    return usage;
}

}  // namespace
void FollowedStream::head(chat::ReplyHead head) {
    if (!begun_) {
        sink_.head(std::move(head));
    }
}

Task<Status> FollowedStream::push(std::span<const chat::Delta> run) {
    begun_ = true;
    auto pushed = co_await sink_.push(run);
    if (pushed) {
        so_far_.see(run);
    }
    co_return pushed;
}

policy::BrokenAnswer FollowedStream::broken(ProblemKind why) const noexcept {
    policy::BrokenAnswer answer;
    answer.why = why;
    answer.begun = so_far_.said() > 0;
    answer.plain = so_far_.plain();
    // What its decoder has heard of the end need not have gone out.
    answer.ended = so_far_.ended() || !trail_.finish_reason.empty();
    return answer;
}

Result<chat::Request> FollowedStream::rest() const {
    if (!dialect::can_be_continued(request_)) {
        return Problem(ProblemKind::unsupported_parameter, "The answer is to be more than one plain text.");
    }
    // An answer is as long as its client says, whoever gives it. Nobody has told how many tokens its text is;
    // the thoughts, which nobody sees, are those that were told.
    auto used = tokens_in(so_far_.text().size());
    used += trail_.reasoning_tokens;
    return dialect::with_answer_begun(request_, so_far_.text(), used);
}

BrokenStream FollowedStream::so_far() const noexcept {
    BrokenStream stream;
    stream.so_far = &so_far_;
    stream.used = usage_on(trail_);
    stream.estimated = trail_.usage_estimated;
    return stream;
}

}  // namespace gatehouse::upstream
