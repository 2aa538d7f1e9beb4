// A request for Anthropic's Messages API, in the steps it is made of: what is decided first, then the tools,
// then the messages.
//
// Decides by ModelFacts, never by a model's name. Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "anthropic_thinking.hpp"
#include "json_out.hpp"
#include "losses.hpp"
#include "translation_parts.hpp"
#include "turns.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// What the parts of a request must agree on.
struct AnthropicPlan {
    // The answer's form: one of these, or none.
    std::string grammar;       // a schema for `output_config.format`
    std::string json_tool;     // name of a tool whose call is the answer
    bool ask_for_json{false};  // in words

    AnthropicThinking thinking{AnthropicThinking::unsaid};
    std::int64_t budget{0};  // enabled: in tokens
    bool show_thoughts{false};
    chat::Effort effort{chat::Effort::unsaid};
    bool thinks{false};  // the model will, told to or by itself
    std::int64_t max_tokens{0};
};

/// wire-formats 8.1, 15.2: answer form, thinking, limit.
AnthropicPlan plan_anthropic(const chat::Conversation& conversation, const chat::ModelFacts& facts,
                             const TranslateOptions& options, Losses& losses);
/// Gives thinking up again: the conversation does not allow it.
void without_thinking(AnthropicPlan& plan, const chat::Conversation& conversation,
                      const chat::ModelFacts& facts, const TranslateOptions& options, Losses& losses);

/// Marks of prompt caches: 4 in a request, the last ones win.
class AnthropicCacheMarks {
public:
    explicit AnthropicCacheMarks(std::size_t skipped) : skip_(skipped) {}
    /// Appends `cache_control` to the open object, if there is a mark.
    void write(JsonOut& json, std::optional<chat::CacheLifetime> cache);
    std::size_t seen() const noexcept { return seen_; }

private:
    std::size_t skip_;
    std::size_t seen_{0};
};

/// wire-formats 8.3: appends `tools` and `tool_choice`, if there are any.
void write_anthropic_tools(JsonOut& json, const chat::Conversation& conversation, const Turns& turns,
                           const AnthropicPlan& plan, const chat::ModelFacts& facts,
                           AnthropicCacheMarks& marks, Losses& losses, ReplyMap& map);

/// wire-formats 8.2, 8.4: appends `system` and `messages`. True: a file of the provider's is among them.
bool write_anthropic_messages(JsonOut& json, const Turns& turns, const AnthropicPlan& plan,
                              const chat::ModelFacts& facts, AnthropicCacheMarks& marks, Losses& losses);

/// Ids as Anthropic takes them: letters, digits, `_`, `-`, at most 64. A pure function of the id, so that a
/// call and its result, and the same call in the next request, get the same.
std::string anthropic_id(std::string_view id);

}  // namespace gatehouse::dialect
