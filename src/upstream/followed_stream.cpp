#include "gatehouse/upstream/followed_stream.hpp"

#include "rough_tokens.hpp"

#include "gatehouse/dialect/continuation.hpp"

#include <utility>

namespace gatehouse::upstream {

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
    stream.used.input = trail_.input_tokens;
    stream.used.cached_input = trail_.cached_input_tokens;
    stream.used.cache_write = trail_.cache_write_tokens;
    stream.used.output = trail_.output_tokens;
    stream.used.reasoning = trail_.reasoning_tokens;
    stream.used.known = trail_.usage_known;
    return stream;
}

}  // namespace gatehouse::upstream
