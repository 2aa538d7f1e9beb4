// What was kept and is not written yet: found by its key, written in its order.
//
// Shared by the lanes and the writer. Room: store, private.
#pragma once

#include "gatehouse/store/conversation_store.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace gatehouse::store {

struct Write {
    ConversationKey key;
    std::shared_ptr<const std::string> body;
    WallTime at{};

    /// What it takes while it waits: an empty body is not free.
    std::size_t bytes() const noexcept { return body->size() + key.caller.size() + key.id.size() + 256; }
};

class WaitingWrites {
public:
    std::size_t bytes() const noexcept { return bytes_; }
    bool empty() const noexcept { return queue_.empty(); }
    void add(Write write);
    /// What waits for that key; null if nothing does.
    std::shared_ptr<const Write> find(const ConversationKey& key) const;
    /// Takes the oldest out of the queue, `most` of them at most; they are found until `written`.
    std::vector<std::shared_ptr<const Write>> take(std::size_t most);
    void written(const std::vector<std::shared_ptr<const Write>>& writes);
    /// Removes what waits for that key. Was there any?
    bool erase(const ConversationKey& key);

private:
    using Place = std::tuple<std::string, ConversationKind, std::string>;
    static Place place_of(const ConversationKey& key) { return {key.caller, key.kind, key.id}; }

    std::map<Place, std::shared_ptr<const Write>> newest_;
    std::deque<std::shared_ptr<const Write>> queue_;
    std::size_t bytes_{0};
};

}  // namespace gatehouse::store
