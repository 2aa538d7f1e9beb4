// How many connections live, in all and per address: the limits of server.limits, over all lanes.
// Room: app.
#pragma once

#include "gatehouse/core/guarded.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace gatehouse::app {

class ConnectionCount {
public:
    /// Takes a place, unless one of the limits is reached.
    bool enter(const std::string& address, std::size_t limit, std::size_t limit_per_address) {
        return counts_.with([&](Counts& counts) {
            const auto found = counts.by_address.find(address);
            const std::size_t of_address = found == counts.by_address.end() ? 0 : found->second;
            if (counts.all >= limit || of_address >= limit_per_address) {
                return false;
            }
            ++counts.by_address[address];
            ++counts.all;
            return true;
        });
    }
    void leave(const std::string& address) {
        counts_.with([&](Counts& counts) {
            const auto found = counts.by_address.find(address);
            if (--found->second == 0) {
                counts.by_address.erase(found);
            }
            --counts.all;
        });
    }
    std::size_t all() const {
        return counts_.with([](const Counts& counts) { return counts.all; });
    }

private:
    struct Counts {
        std::size_t all{0};
        std::unordered_map<std::string, std::size_t> by_address;
    };
    Guarded<Counts> counts_;
};

/// A place that has been taken; gives it back.
class ConnectionPlace {
public:
    ConnectionPlace(ConnectionCount& count, std::string address)
        : count_(count), address_(std::move(address)) {}
    ConnectionPlace(const ConnectionPlace&) = delete;
    ConnectionPlace& operator=(const ConnectionPlace&) = delete;
    ~ConnectionPlace() { count_.leave(address_); }

private:
    ConnectionCount& count_;
    std::string address_;
};

}  // namespace gatehouse::app
