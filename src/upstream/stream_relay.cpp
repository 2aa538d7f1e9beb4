#include "stream_relay.hpp"

namespace gatehouse::upstream {

std::optional<Problem> StreamRelay::feed(std::string_view bytes) {
    run_.clear();
    decoder_.next_run();
    auto fed = splitter_.feed(bytes);
    auto failure = decode();
    if (!failure && !fed) {
        failure = std::move(fed.problem());
    }
    return failure;
}

std::optional<Problem> StreamRelay::end() {
    if (splitter_.bare_json()) {
        run_.clear();
        return dialect::decode_error(head_, splitter_.rest(), clock_.wall());
    }
    // A last event whose empty line never came still counts, if it is whole.
    auto failure = feed("\n\n");
    if (!failure && !decoder_.complete()) {
        failure = close();
    }
    if (!failure && !decoder_.complete()) {
        failure = Problem(ProblemKind::upstream_lost, "the stream ended before the reply was complete",
                          Retry::same_place);
    }
    return failure;
}

std::optional<Problem> StreamRelay::close() {
    auto delta = decoder_.close();
    if (!delta) {
        return std::move(delta.problem());
    }
    if (!delta->bytes.empty()) {
        run_.push_back(*delta);
    }
    return settle(delta->kind == chat::DeltaKind::content, std::nullopt);
}

std::optional<Problem> StreamRelay::decode() {
    bool content = false;
    std::optional<Problem> failure;
    while (const auto event = splitter_.next()) {
        auto delta = decoder_.feed(*event);
        if (!delta) {
            failure = std::move(delta.problem());
            break;
        }
        content = content || delta->kind == chat::DeltaKind::content;
        if (!delta->bytes.empty()) {
            run_.push_back(*delta);
        }
    }
    return settle(content, std::move(failure));
}

std::optional<Problem> StreamRelay::settle(bool content, std::optional<Problem> failure) {
    content_ = content_ || content;
    const bool paced = !let_go_ && is_paced();
    let_go_ = let_go_ || (content_ && !paced) || (!failure && decoder_.complete());
    if (!let_go_) {
        auto fault = hold();
        if (!fault && pace_ != nullptr) {
            fault = pace_->fault(clock_.now());
        }
        return failure ? std::move(failure) : std::move(fault);
    }
    if (!held_.empty()) {
        released_ = std::move(held_);
        held_.clear();
        const auto kind = held_content_ ? chat::DeltaKind::content : chat::DeltaKind::opening;
        run_.insert(run_.begin(), chat::Delta{kind, released_});
    }
    return failure;
}

bool StreamRelay::is_paced() {
    if (pace_ == nullptr) {
        return false;
    }
    auto held = held_.size();
    for (const auto& delta : run_) {
        held += delta.bytes.size();
    }
    const auto now = clock_.now();
    pace_->see(run_, held, content_, now);
    return pace_->waits(now);
}

Instant StreamRelay::next_by() const noexcept {
    const bool paced = pace_ != nullptr && !let_go_;
    return paced ? pace_->decides_at().value_or(never) : never;
}

Problem StreamRelay::ended_by(Problem cause) const {
    auto fault = pace_ != nullptr && !let_go_ ? pace_->fault(clock_.now()) : std::nullopt;
    return fault ? std::move(*fault) : std::move(cause);
}

std::optional<Problem> StreamRelay::hold() {
    for (const auto& delta : run_) {
        held_ += delta.bytes;
        held_content_ = held_content_ || delta.kind == chat::DeltaKind::content;
    }
    run_.clear();
    if (!content_ && held_.size() > held_limit) {
        return Problem(ProblemKind::upstream_protocol, "the stream brought no content in its first 256 KiB",
                       Retry::elsewhere);
    }
    return std::nullopt;
}

}  // namespace gatehouse::upstream
