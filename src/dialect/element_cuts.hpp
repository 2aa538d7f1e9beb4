// Elements of JSON arrays that are left out of a body which else goes on as it came.
//
// Room: dialect, private. May include: wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
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
    /// An element that has arrays of its own: what is to be cut inside it stands behind the first `before` of
    /// `out`. `whole`: it goes itself.
    void settle(wire::ByteRange range, std::size_t before, bool whole) {
        const auto first_inside = out_.begin() + static_cast<std::ptrdiff_t>(before);
        const std::vector<wire::ByteRange> inside(first_inside, out_.end());
        out_.erase(first_inside, out_.end());
        if (whole) {
            cut(range);
            return;
        }
        keep(range);  // what is cut before it comes before what is cut inside
        out_.insert(out_.end(), inside.begin(), inside.end());
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

/// Of the object or array that was just read, from `begin` to its bracket `last`; the reader stands at
/// `offset`.
inline wire::ByteRange container_range(std::string_view text, std::size_t begin, std::size_t offset,
                                       char last) noexcept {
    // Only blanks lie between the bracket that closed the value and the reader.
    const std::size_t end = text.rfind(last, offset - 1);
    return {begin, end == std::string_view::npos || end < begin ? begin : end + 1};
}

/// Cuts the member with that value, which was just read, and the comma beside it out of an object.
inline void cut_member(std::string_view text, wire::ByteRange value, std::vector<wire::ByteRange>& out) {
    constexpr std::string_view blanks = " \t\n\r";
    const std::size_t begin = text.rfind('"', text.rfind('"', value.begin - 1) - 1);
    const std::size_t before = text.find_last_not_of(blanks, begin - 1);
    const bool own_comma = text[before] == ',' && (out.empty() || out.back().end <= before);
    const std::size_t behind = text.find_first_not_of(blanks, value.end);
    if (own_comma) {
        out.push_back({before, value.end});
    } else if (behind < text.size() && text[behind] == ',') {
        out.push_back({begin, behind + 1});
    } else {
        out.push_back({begin, value.end});
    }
}

}  // namespace gatehouse::dialect
