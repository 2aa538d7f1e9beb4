// Where a kept answer came from: what many answers have in common, and share.
//
// Room: store. May include: core.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::store {

struct AnswerOrigin {
    // What it can be purged by.
    std::string key{};    // the name of its caller's
    std::string model{};  // the entry, or the name that was asked for where there is none; also by `routed`
    std::vector<std::pair<std::string, std::string>> tags{};

    // Of the call that it came from.
    std::string provider{};
    std::string upstream_model{};
    std::string route{};   // the rule that led there; empty: none
    std::string routed{};  // the entry that it led to
    std::string finish_reason{};
    std::string dropped_params{};  // what it did not honour of its request

    bool operator==(const AnswerOrigin&) const = default;
};

/// One of which nothing is known.
std::shared_ptr<const AnswerOrigin> no_origin();
/// All that one takes in memory.
std::size_t bytes_of(const AnswerOrigin& origin) noexcept;

/// The origins of the last answers: one like these is not kept once more. Of one thread.
class OriginShelf {
public:
    struct Place {
        std::shared_ptr<const AnswerOrigin> origin;
        bool made{false};  // there was none like it
    };
    Place put(AnswerOrigin origin);

private:
    static constexpr std::size_t room = 16;

    std::vector<std::shared_ptr<const AnswerOrigin>> last_;  // the latest first
};

}  // namespace gatehouse::store
