// Elements of JSON arrays that are left out of a body which else goes on as it came.
//
// Room: dialect, private. May include: wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace gatehouse::dialect {

/// Elements to cut out of one array, so that what is left is an array again: each run of them goes with the
/// comma before it, or, at the array's begin, with the one behind it.
class ElementCuts {
public:
    explicit ElementCuts(std::vector<wire::ByteRange>& out) : out_(out) {}

    /// The next element, at `range`.
    void cut(wire::ByteRange range) {
        if (!run_) {
            run_ = {kept_end_ ? *kept_end_ : range.begin, range.end};
        }
        run_->end = range.end;
    }
    void keep(wire::ByteRange range) {
        if (run_) {
            out_.push_back({run_->begin, kept_end_ ? run_->end : range.begin});
            run_.reset();
        }
        kept_end_ = range.end;
    }
    /// Behind the last element.
    void end() {
        if (run_) {
            out_.push_back(*run_);
        }
    }
    /// There were elements, and none of them stays.
    bool nothing_left() const noexcept { return run_ && !kept_end_; }

private:
    std::vector<wire::ByteRange>& out_;
    std::optional<wire::ByteRange> run_;
    std::optional<std::size_t> kept_end_;
};

}  // namespace gatehouse::dialect
