// Conversations that the gateway holds for its callers, where their provider does not: what a later request
// goes on from.
//
// Shared by the lanes. Nothing on a request's path waits for a disk to write; what was kept is found at once.
// Room: store. May include: core, net.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/store/options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::net {
class Lane;
}

namespace gatehouse::store {

/// The numbers stand in databases.
enum class ConversationKind : std::uint8_t {
    response = 0,
    thread = 1,
    thought = 2,  // what a model's hidden reasoning needs to go on from
};

/// Nobody finds another caller's.
struct ConversationKey {
    std::string caller;
    ConversationKind kind{ConversationKind::response};
    std::string id;
};

struct KeptConversation {
    ConversationKey key;
    std::string body;
    WallTime at{};
};

struct ConversationCounts {
    std::uint64_t kept{0};
    std::uint64_t lost{0};  // too large, too many waiting, or there is no memory for them
    std::uint64_t unwritten{
        0};  // the disk refused them: found until the process ends or others take their room
};

class ConversationStore {
public:
    virtual ~ConversationStore() = default;

    /// Keeps it from now on; replaces what has the same key. Never waits.
    virtual void keep(ConversationKey key, std::string body, WallTime now) = 0;
    /// Nothing if there is none, its time is over or it cannot be read; resumed on `lane`.
    virtual Task<std::optional<std::string>> find(net::Lane& lane, ConversationKey key, WallTime now) = 0;
    /// Was there one? Resumed on `lane`.
    virtual Task<bool> erase(net::Lane& lane, ConversationKey key, WallTime now) = 0;
    /// The same for whom it is enough that it will be so; until then it may be found. Never waits.
    virtual void forget(ConversationKey key, WallTime now) = 0;
    virtual ConversationCounts counts() const = 0;
    /// Bytes of a body; what is larger is not kept.
    virtual std::size_t largest() const noexcept = 0;
    /// What was kept of a kind after `since`, the oldest first, `most` bytes of it at most (the newest);
    /// what is older is removed. Waits for the disk: to be asked while nobody is served yet. Empty if it
    /// cannot be read.
    virtual std::vector<KeptConversation> recall(ConversationKind kind, WallTime since, std::size_t most) = 0;
};

/// Until the process ends.
Result<std::unique_ptr<ConversationStore>> conversations_in_memory(const ConversationLimits& limits);

}  // namespace gatehouse::store
