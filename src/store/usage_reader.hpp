// Answers questions about usage from the sums of the days, on a connection that only reads.
//
// One thread at a time. Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/store/usage.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::store {

class UsageReader {
public:
    /// Problem internal when the database cannot be read.
    static Result<UsageReader> open(const std::string& path);

    Result<UsageReport> usage(const UsageQuery& query);
    /// The epoch: ever, also in days that are no longer kept.
    Result<std::vector<Spent>> spent_since(std::chrono::sys_days first);

private:
    explicit UsageReader(Database database) : database_(std::move(database)) {}

    Database database_;
};

}  // namespace gatehouse::store
