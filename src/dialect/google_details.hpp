// What stands in the `details` of a Google error: why a key was refused, how long to wait, whether the quota
// is one of a whole day. Their 429 have no retry header, and a bad key is a 400: only this tells them apart.
//
// Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <string>

namespace gatehouse::dialect {

struct GoogleDetails {
    std::string reason;       // of ErrorInfo: `API_KEY_INVALID`
    std::string retry_delay;  // of RetryInfo: `34.4s`
    bool per_day{false};      // a QuotaFailure of a quota that a day must pass for
};

/// Reads the value of `details`; passes over one of another shape.
void read_google_details(wire::JsonReader& json, GoogleDetails& details);

}  // namespace gatehouse::dialect
