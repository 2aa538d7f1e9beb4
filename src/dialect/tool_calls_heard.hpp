// The tool calls of one choice of a reply, told in events: numbered without gaps, with an id each, names and
// arguments as the client knows them, whatever numbers and fragments they came in.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "reply_words.hpp"
#include "translation_parts.hpp"

#include "gatehouse/chat/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Tells, fragment by fragment, where a JSON object ends. Knows no more of JSON than that takes.
class ObjectEnd {
public:
    void add(std::string_view fragment) noexcept;
    /// A whole object has come.
    bool reached() const noexcept { return begun_ && depth_ == 0; }

private:
    std::size_t depth_{0};
    bool begun_{false};
    bool in_string_{false};
    bool escaped_{false};
};

/// What is told of a call as soon as it is known.
struct HeardCall {
    std::optional<std::int64_t> index;  // the provider's
    std::string id;
    std::uint32_t tool{0};
    bool begun{false};    // tool_start was told
    bool answer{false};   // of the JSON tool: its arguments are the answer's text
    bool wrapped{false};  // a custom tool that was offered as a function
    bool custom{false};
    bool any{false};  // something of the arguments came
    bool ended{false};
    std::string held;  // arguments that cannot be told yet
    ObjectEnd end;
};

/// Events go into `events`, text that must be kept into `texts`.
class ToolCallsHeard {
public:
    ToolCallsHeard(const ReplyMap& map, std::uint32_t choice) : map_(&map), choice_(choice) {}

    /// The call of a piece: one that is open, or a new one. Null: there are too many.
    HeardCall* find(std::optional<std::int64_t> index, std::string_view id, std::string_view name);
    HeardCall* add(std::optional<std::int64_t> index);

    void begin(HeardCall& call, std::string_view name, bool custom, std::string_view made_up_id,
               std::vector<chat::Event>& events, Texts& texts);
    void arguments(HeardCall& call, std::string_view fragment, std::vector<chat::Event>& events,
                   Texts& texts);
    void end(HeardCall& call, std::vector<chat::Event>& events, Texts& texts);
    /// The calls that have come whole, while another begins.
    void end_whole(const HeardCall* but, std::vector<chat::Event>& events, Texts& texts);
    /// All of them, at the end of the reply, and the answer that a JSON tool gave, unless another tool was
    /// called. False: one never got a name.
    bool end_all(std::vector<chat::Event>& events, Texts& texts);

    bool any() const noexcept { return told_ > 0; }

private:
    chat::Event& emit(std::vector<chat::Event>& events, chat::EventKind kind, const HeardCall& call,
                      std::string_view text) const;

    const ReplyMap* map_;
    std::uint32_t choice_;
    std::uint32_t told_{0};
    std::vector<HeardCall> calls_;
    std::string answer_;
};

}  // namespace gatehouse::dialect
