// What one call used and costs: heard while it runs, reckoned when it ends, however it ends.
//
// A call costs what its provider says that it used. Where the provider says nothing, or not all, what came is
// counted here: the prompt by `tokens`, an answer as a token for each four of its bytes. Nothing is counted
// before it is needed. A call that failed costs something only if it may have been billed: nothing if its
// request never left, or if the provider answered with an error before it said anything. No I/O. Room:
// upstream, private.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/tokens/estimate.hpp"
#include "gatehouse/upstream/call_cost.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

class CallMeter : public chat::CostTeller {
public:
    struct About {
        const chat::Request& request;
        const Target& target;
        const tokens::TokenCounter* counter;  // null: prompts are counted by their bytes
        const SpentBeside* beside;            // null: all calls of the request are on the trail
        WallTime began;                       // the prices of that time hold
    };
    /// Of the last call on the trail. All references outlive the meter.
    CallMeter(telemetry::Trail& trail, const About& about)
        : trail_(trail), index_(trail.attempts.size() - 1), about_(about) {}
    CallMeter(const CallMeter&) = delete;
    CallMeter& operator=(const CallMeter&) = delete;

    /// To be set when the request's first bytes leave.
    bool* asked() noexcept { return &asked_; }
    /// The head of the reply is there.
    void replied(int status) noexcept { reply_ = status < 200 || status > 299 ? Reply::error : Reply::begun; }
    /// Bytes of a whole reply's body.
    void came(std::size_t bytes) noexcept { came_ += bytes; }
    /// A whole reply, decoded to its end. `said`: bytes of the answer; 0: what came.
    void heard(const chat::Usage& usage, std::string_view model, std::uint64_t said);
    /// A stream that will be heard; until `lets_go`, which must come before the decoder ends.
    void listens(const dialect::StreamDecoder& decoder) noexcept { decoder_ = &decoder; }
    void lets_go() noexcept;
    /// The provider has said all.
    void completed() noexcept { reply_ = Reply::complete; }

    /// Puts cost and tokens on the trail; what comes later changes nothing.
    void settle() noexcept;
    /// What it would cost if it ended now.
    std::optional<PicoUsd> cost_so_far() const noexcept;

    std::string tell(const chat::Usage& usage, std::string_view model) const override;

    /// Of earlier calls that gave other parts of the same answer: the trail shows the tokens of all.
    /// `estimated`: theirs were counted here, all or in part.
    void adds_to(const chat::Usage& earlier, bool estimated) noexcept {
        earlier_ = earlier;
        earlier_estimated_ = estimated;
    }

private:
    enum class Reply : std::uint8_t { none, error, begun, complete };
    struct Reckoned {
        chat::Usage usage;
        bool estimated{false};
        std::optional<PicoUsd> cost;
    };

    Reckoned reckon() const;
    /// Of a reply whose provider did not say all.
    Reckoned estimate(chat::Usage usage) const;
    bool may_be_billed() const noexcept;
    TokenCount estimated_prompt() const;
    TokenCount estimated_answer() const noexcept;
    std::optional<PicoUsd> cost_of(const chat::Usage& usage) const noexcept;
    const chat::Usage& usage() const noexcept { return decoder_ != nullptr ? decoder_->usage() : usage_; }
    std::string_view model() const noexcept { return decoder_ != nullptr ? decoder_->model() : model_; }
    std::uint64_t said() const noexcept { return decoder_ != nullptr ? decoder_->said() : said_; }

    telemetry::Trail& trail_;
    std::size_t index_;
    About about_;
    bool asked_{false};
    bool settled_{false};
    Reply reply_{Reply::none};
    const dialect::StreamDecoder* decoder_{nullptr};  // while it lives
    chat::Usage usage_;
    std::string model_;
    std::uint64_t said_{0};
    std::uint64_t came_{0};
    chat::Usage earlier_;
    bool earlier_estimated_{false};
};

}  // namespace gatehouse::upstream
