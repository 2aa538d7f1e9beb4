#include "waiting_writes.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::store {

void WaitingWrites::add(Write write) {
    const auto shared = std::make_shared<const Write>(std::move(write));
    bytes_ += shared->bytes();
    newest_[place_of(shared->key)] = shared;
    queue_.push_back(shared);
}

std::shared_ptr<const Write> WaitingWrites::find(const ConversationKey& key) const {
    const auto found = newest_.find(place_of(key));
    return found == newest_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Write>> WaitingWrites::take(std::size_t most) {
    const auto count = std::min(most, queue_.size());
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<std::shared_ptr<const Write>> taken(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    return taken;
}

void WaitingWrites::written(const std::vector<std::shared_ptr<const Write>>& writes) {
    for (const auto& write : writes) {
        bytes_ -= write->bytes();
        const auto found = newest_.find(place_of(write->key));
        if (found != newest_.end() && found->second == write) {
            newest_.erase(found);
        }
    }
}

bool WaitingWrites::erase(const ConversationKey& key) {
    const auto found = newest_.find(place_of(key));
    if (found == newest_.end()) {
        return false;
    }
    newest_.erase(found);
    const auto same = [&](const std::shared_ptr<const Write>& write) {
        return place_of(write->key) == place_of(key);
    };
    for (const auto& write : queue_) {
        bytes_ -= same(write) ? write->bytes() : 0;
    }
    std::erase_if(queue_, same);
    return true;
}

}  // namespace gatehouse::store
