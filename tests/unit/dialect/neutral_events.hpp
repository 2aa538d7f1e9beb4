// Events of replies, short to write down, and what a writer makes of them one by one.
//
// For tests of writers. Room: tests.
#pragma once

#include "dialect/translation_parts.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

using Events = std::vector<chat::Event>;

inline chat::Event event(chat::EventKind kind, std::string_view text = {}) {
    chat::Event made;
    made.kind = kind;
    made.text = text;
    return made;
}
inline chat::Event text(std::string_view words) {
    return event(chat::EventKind::text, words);
}
inline chat::Event thought(std::string_view words) {
    return event(chat::EventKind::reasoning, words);
}
inline chat::Event sign(std::string_view signature) {
    return event(chat::EventKind::signature, signature);
}
inline chat::Event call(std::uint32_t tool, std::string_view id, std::string_view signature = {}) {
    auto made = event(chat::EventKind::tool_start);
    made.tool = tool;
    made.id = id;
    made.name = "f";
    made.signature = signature;
    return made;
}
inline chat::Event arguments(std::uint32_t tool, std::string_view fragment) {
    auto made = event(chat::EventKind::tool_arguments, fragment);
    made.tool = tool;
    return made;
}
inline chat::Event end(std::uint32_t tool) {
    auto made = event(chat::EventKind::tool_end);
    made.tool = tool;
    return made;
}
inline chat::Event finish(chat::Finish how) {
    auto made = event(chat::EventKind::finish, "raw");
    made.finish = how;
    return made;
}

/// A stream, one event for each run; then its end.
inline std::string stream(ReplyWriter& to, const Events& events, const chat::Usage& usage = {}) {
    std::string out;
    for (const auto& each : events) {
        to.write(std::span(&each, 1), out);
    }
    to.end(usage, out);
    return out;
}

}  // namespace gatehouse::dialect
