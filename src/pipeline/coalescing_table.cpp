#include "gatehouse/pipeline/coalescing_table.hpp"

#include "call_place.hpp"
#include "shared_call.hpp"

namespace gatehouse::pipeline {

CoalescingTable::~CoalescingTable() = default;

std::unique_ptr<CallPlace> CoalescingTable::join(const Digest& key, net::Lane& lane) {
    while (true) {
        const auto found = find(key);
        if (found != nullptr) {
            if (auto reader = found->join(lane, SharedCall::Pays::no)) {
                return std::make_unique<CallPlace>(*this, key, found, std::move(reader), false);
            }
        }
        auto call = std::make_shared<SharedCall>(lane, limits_.each, kept_);
        auto reader = call->join(lane);
        auto place = std::make_unique<CallPlace>(*this, key, call, std::move(reader), true);
        switch (replace(key, found, std::move(call))) {
            case Replaced::yes:
                return place;
            case Replaced::full:
                return nullptr;
            case Replaced::taken:
                break;  // somebody was quicker: theirs may be joined
        }
    }
}

std::shared_ptr<SharedCall> CoalescingTable::find(const Digest& key) {
    return part_of(key).with([&](const Part& part) {
        const auto found = part.find(key);
        return found == part.end() ? nullptr : found->second;
    });
}

CoalescingTable::Replaced CoalescingTable::replace(const Digest& key,
                                                   const std::shared_ptr<SharedCall>& replaced,
                                                   std::shared_ptr<SharedCall> call) {
    return part_of(key).with([&](Part& part) {
        const auto found = part.find(key);
        if (found == part.end()) {
            if (part.size() >= most_per_part_) {
                return Replaced::full;
            }
            part.emplace(key, std::move(call));
            return Replaced::yes;
        }
        if (found->second != replaced) {
            return Replaced::taken;
        }
        found->second.swap(call);  // the caller's; taken down outside the lock
        return Replaced::yes;
    });
}

void CoalescingTable::remove(const Digest& key, const SharedCall& call) noexcept {
    std::shared_ptr<SharedCall> removed;
    part_of(key).with([&](Part& part) {
        const auto found = part.find(key);
        if (found != part.end() && found->second.get() == &call) {
            removed = std::move(found->second);
            part.erase(found);
        }
    });
}

std::size_t CoalescingTable::size() const {
    std::size_t size = 0;
    for (const auto& part : parts_) {
        size += part.with([](const Part& held) { return held.size(); });
    }
    return size;
}

}  // namespace gatehouse::pipeline
