#include "call_place.hpp"

#include <utility>

namespace gatehouse::pipeline {

CallPlace::CallPlace(CoalescingTable& table, const Digest& key, std::shared_ptr<SharedCall> call,
                     std::unique_ptr<SharedCall::Reader> reader, bool opens) noexcept
    : table_(table), key_(key), call_(std::move(call)), reader_(std::move(reader)), opens_(opens) {
    table_.readers_.fetch_add(1, std::memory_order_relaxed);
}

CallPlace::~CallPlace() {
    table_.readers_.fetch_sub(1, std::memory_order_relaxed);
    if (opens_ && !begun_) {
        table_.remove(key_, *call_);
        call_->give_up();
    }
}

}  // namespace gatehouse::pipeline
