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
    content = content || content_;
    if (!content && (failure || !decoder_.complete())) {
        auto overflow = hold();
        return failure ? std::move(failure) : std::move(overflow);
    }
    content_ = content;
    if (!held_.empty()) {
        released_ = std::move(held_);
        held_.clear();
        run_.insert(run_.begin(), chat::Delta{chat::DeltaKind::opening, released_});
    }
    return failure;
}

std::optional<Problem> StreamRelay::hold() {
    for (const auto& delta : run_) {
        held_ += delta.bytes;
    }
    run_.clear();
    if (held_.size() > held_limit) {
        return Problem(ProblemKind::upstream_protocol, "the stream brought no content in its first 256 KiB",
                       Retry::elsewhere);
    }
    return std::nullopt;
}

}  // namespace gatehouse::upstream
