// A kept answer in the form that a request asks for.
// Room: pipeline, private.
#pragma once

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/upstream/replay.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

/// What is pushed, in one run, and what it looks at.
class AnswerReplay {
public:
    const std::vector<chat::Delta>& run() const noexcept { return run_; }

private:
    friend std::optional<AnswerReplay> replay_of(const store::KeptAnswer& answer,
                                                 const chat::Request& asking);
    // In places of their own: the run looks at them wherever the replay goes.
    std::unique_ptr<const std::string> whole_;
    std::unique_ptr<const upstream::ReplayedStream> stream_;
    std::vector<chat::Delta> run_;
};

/// Nothing: it cannot be said in that form.
std::optional<AnswerReplay> replay_of(const store::KeptAnswer& answer, const chat::Request& asking);

}  // namespace gatehouse::pipeline
