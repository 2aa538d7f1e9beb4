// KeptThoughts of a model that its client may not bring back: kept beside the calls they led to, and put
// before them again on the next turn.
//
// Claude and Gemini want them back with a tool's result, unchanged; clients that keep standard fields only
// lose them. Pure; where they are kept is for others to know. Room: dialect. May include: core, chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/event.hpp"
#include "gatehouse/core/result.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

/// What belongs to one call.
struct KeptThoughts {
    std::vector<chat::Reasoning> blocks;  // that stood before the first call of a turn; empty for the others
    std::string signature;                // of the call itself; empty: it has none
};

/// As text, and back; nothing for what is no such text.
std::string written(const KeptThoughts& thoughts);
std::optional<KeptThoughts> read_kept_thoughts(std::string_view text);

/// Of one caller and one model at one provider: what another made is not found.
class ThoughtMemory {
public:
    virtual ~ThoughtMemory() = default;
    virtual std::optional<KeptThoughts> find(std::string_view call_id) const = 0;
    virtual void keep(std::string_view call_id, KeptThoughts thoughts) = 0;
    virtual void forget(std::string_view call_id) = 0;
};

/// Leaves out what the words of the client say another vendor's model made, and puts what is remembered where
/// the client brought nothing that counts.
void recall_thoughts(chat::Conversation& conversation, chat::Vendor vendor, const ThoughtMemory* memory);

/// Leaves out every thought and signature: one that a provider doubts is a reason to doubt them all. The ids
/// of the calls that had some, or may have.
std::vector<std::string> leave_out_thoughts(chat::Conversation& conversation);

/// Does a provider refuse a request for the thoughts or signatures in it, or missing from it? Read from its
/// words, since none of the three has a code for that.
bool refuses_thoughts(const Problem& problem);

/// Follows the events of one reply and keeps what belongs to its calls. Only the first choice counts.
class ThoughtKeeper {
public:
    /// `memory` null: keeps nothing. `doubted`: calls whose thoughts the provider refused, and that it has
    /// answered without.
    explicit ThoughtKeeper(std::shared_ptr<ThoughtMemory> memory, std::vector<std::string> doubted = {})
        : memory_(std::move(memory)), doubted_(std::move(doubted)) {}
    void see(std::span<const chat::Event> events);
    /// The reply is complete: from now on it is remembered, and what was doubted is forgotten, so that no
    /// later turn is refused for it again.
    void keep();

private:
    void see(const chat::Event& event);
    chat::Reasoning& open_block();

    std::shared_ptr<ThoughtMemory> memory_;
    std::vector<std::string> doubted_;
    std::vector<chat::Reasoning> blocks_;  // since the last call
    bool block_open_{false};
    std::vector<std::pair<std::string, KeptThoughts>> calls_;
};

}  // namespace gatehouse::dialect
