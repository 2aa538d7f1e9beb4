// One request's place at a call that it shares, as the table gives it. Room: pipeline, private.
#pragma once

#include "shared_call.hpp"

#include "gatehouse/pipeline/coalescing_table.hpp"

#include <memory>

namespace gatehouse::pipeline {

/// Counted while it lives; the table outlives it.
class CallPlace {
public:
    CallPlace(CoalescingTable& table, const Digest& key, std::shared_ptr<SharedCall> call,
              std::unique_ptr<SharedCall::Reader> reader, bool opens) noexcept;
    CallPlace(const CallPlace&) = delete;
    CallPlace& operator=(const CallPlace&) = delete;
    /// A call that it was to open and that nobody has begun ends here: others may wait for it already.
    ~CallPlace();

    const std::shared_ptr<SharedCall>& call() const noexcept { return call_; }
    SharedCall::Reader& reader() const noexcept { return *reader_; }
    /// Nobody makes the call yet: it is for whoever has this place.
    bool opens() const noexcept { return opens_; }
    /// Somebody does now, and ends it.
    void begun() noexcept { begun_ = true; }

private:
    CoalescingTable& table_;
    const Digest key_;
    const std::shared_ptr<SharedCall> call_;
    const std::unique_ptr<SharedCall::Reader> reader_;
    const bool opens_;
    bool begun_{false};
};

}  // namespace gatehouse::pipeline
