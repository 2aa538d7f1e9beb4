#include "answer_forms.hpp"

#include "gatehouse/upstream/replay.hpp"

#include <utility>

namespace gatehouse::pipeline {

std::optional<AnswerReplay> replay_of(const store::KeptAnswer& answer, const chat::Request& asking) {
    const upstream::KeptAnswer kept{answer.stream, answer.bytes, answer.usage};
    AnswerReplay replay;
    if (asking.stream) {
        auto stream = upstream::replay_stream(kept, asking);
        if (!stream) {
            return std::nullopt;
        }
        replay.stream_ = std::make_unique<const upstream::ReplayedStream>(std::move(*stream));
        replay.run_ = replay.stream_->run();
        return replay;
    }
    auto whole = upstream::replay_whole(kept, asking);
    if (!whole) {
        return std::nullopt;
    }
    replay.whole_ = std::make_unique<const std::string>(std::move(*whole));
    replay.run_.push_back({chat::DeltaKind::whole, *replay.whole_});
    return replay;
}

}  // namespace gatehouse::pipeline
