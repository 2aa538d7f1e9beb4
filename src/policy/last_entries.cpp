#include "gatehouse/policy/last_entries.hpp"

namespace gatehouse::policy {

bool LastEntries::add(std::uint64_t entry) {
    if (most_ == 0 || contains(entry)) {
        return false;
    }
    entries_.insert(entry);
    try {
        order_.push_back(entry);
    } catch (...) {
        entries_.erase(entry);
        throw;
    }
    if (order_.size() > most_) {
        entries_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

}  // namespace gatehouse::policy
