// What Anthropic's replies are made of: blocks and their deltas, messages, usage, read without knowing yet in
// which order they come.
//
// Reads only; what follows from it is for anthropic_reply.cpp. Room: dialect, private. May include: core,
// wire, chat.
#pragma once

#include "reply_words.hpp"

#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A content block, or a delta: of one, or of the message. What it is, is in `type`; members that belong to
/// another type are empty.
struct AnthropicPiece {
    std::string_view type;
    std::string_view text;
    std::string_view thinking;
    std::string_view signature;
    std::string_view data;
    std::string_view id;
    std::string_view name;
    std::string_view partial_json;
    std::string_view input;      // JSON
    std::string_view citation;   // JSON
    std::string_view citations;  // JSON
    std::string_view stop_reason;
    std::string_view explanation;  // of a refusal
};

/// wire-formats 11.1. `called`: there is a tool_use block in the answer. A word nobody knows is a normal end.
chat::Finish anthropic_finish(std::string_view stop_reason, bool called) noexcept;

/// Counts of one reply; a later value replaces an earlier one, null and absent change nothing.
class AnthropicUsage {
public:
    /// A negative, fractional or absurd number makes the whole value void.
    void read(wire::JsonReader& json);
    chat::Usage usage() const;

private:
    struct Counts {
        std::int64_t input{0};
        std::int64_t cache_write{0};  // for either time
        std::int64_t cache_write_1h{0};
        std::int64_t cache_read{0};
        std::int64_t output{0};
        std::int64_t thinking{0};
        chat::Service service{chat::Service::standard};
        bool fast{false};
        bool known{false};
    };
    /// One call of a model inside the provider.
    struct Iteration {
        std::string model;
        Counts counts;
    };
    class Reading;
    static void read_iterations(wire::JsonReader& json, std::vector<Iteration>& iterations, bool& sound);
    static chat::Usage usage_of(const Counts& counts) noexcept;

    Counts counts_;
    std::vector<Iteration> iterations_;  // empty: not told apart
};

/// A whole body, or what message_start holds.
struct AnthropicMessage {
    std::string_view type;
    std::string_view id;
    std::string_view model;
    std::string_view stop_reason;
    std::string_view explanation;
    std::vector<AnthropicPiece> content;
    bool has_content{false};
    bool error{false};
};

/// One event of a stream.
struct AnthropicEvent {
    std::string_view type;
    std::int64_t index{0};
    AnthropicPiece piece;  // `content_block` or `delta`
    AnthropicMessage message;
    bool error{false};
};

/// Both read all of `data`; false: it is no JSON object. `usage` is updated on the way. The views live as
/// long as `data` and what `texts` keeps.
bool read_anthropic_message(std::string_view data, Texts& texts, AnthropicUsage& usage,
                            AnthropicMessage& message);
bool read_anthropic_event(std::string_view data, Texts& texts, AnthropicUsage& usage, AnthropicEvent& event);

}  // namespace gatehouse::dialect
