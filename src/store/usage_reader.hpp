// Answers questions about usage from the sums of the days, on a connection that only reads.
//
// One thread at a time. Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/store/usage.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace gatehouse::store {

class UsageReader {
public:
    explicit UsageReader(Database database) : database_(std::move(database)) {}

    /// Both: problem internal when the database cannot be read.
    Result<UsageReport> usage(const UsageQuery& query);
    /// The epoch: ever, also in days that are no longer kept.
    Result<std::vector<Spent>> spent_since(std::chrono::sys_days first);

private:
    Database database_;
};

}  // namespace gatehouse::store
