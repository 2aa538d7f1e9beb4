// Small replacements in bytes that otherwise pass untouched.
//
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/sse.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Up to four replacements in one text, in any order; they must not overlap.
class Edits {
public:
    /// REQUIRES: fewer than four so far. `with` must outlive the edits.
    void replace(wire::ByteRange range, std::string_view with) noexcept;
    bool empty() const noexcept { return count_ == 0; }
    bool full() const noexcept { return count_ == edits_.size(); }
    /// Appends `text` with the replacements made. Offsets count from `text`'s begin.
    void apply(std::string_view text, std::string& out) const;

private:
    struct Edit {
        std::size_t begin{0};
        std::size_t end{0};
        std::string_view with;
    };
    std::array<Edit, 4> edits_;  // ascending
    std::size_t count_{0};
};

/// The edited events of one run of a stream. Keeps its memory from run to run.
class EditedEvents {
public:
    /// The event with its data edited; valid until `clear`. `json` is the part of `event.data` that the
    /// offsets of `edits` count from.
    std::string_view add(const wire::SseEvent& event, std::string_view json, const Edits& edits);
    /// An element of a JSON array: `before`, and `json` edited; valid until `clear`.
    std::string_view add_element(std::string_view before, std::string_view json, const Edits& edits);
    void clear() noexcept { used_ = 0; }

private:
    std::string& next();

    std::deque<std::string> texts_;
    std::size_t used_{0};
};

}  // namespace gatehouse::dialect
