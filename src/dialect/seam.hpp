// Where the text of one model ends and that of another goes on with it.
//
// Room: dialect, private. May include: core, chat.
#pragma once

#include "gatehouse/chat/event.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Without the white space at its end: models that go on with a text do not take it there, and write it
/// themselves.
std::string_view without_blank_end(std::string_view text) noexcept;

/// Takes from the beginning of a continuation the white space that its reader has already, and from all of it
/// the citations: they count from where it began.
class Seam {
public:
    /// `told`: what the reader has.
    explicit Seam(std::string_view told)
        : joins_(!told.empty()), doubled_(told.substr(without_blank_end(told).size())) {}

    /// The same events, without what is doubled. Valid until the next call, and as long as the events.
    std::span<const chat::Event> join(std::span<const chat::Event> events);

private:
    bool joins_;
    std::string doubled_;  // may still come again; empty: the seam is passed
    std::vector<chat::Event> joined_;
};

}  // namespace gatehouse::dialect
