// The parts that Gemini's requests are put together from; each has a source of its own.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gemini_schema.hpp"
#include "json_out.hpp"
#include "losses.hpp"
#include "turns.hpp"

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/model_facts.hpp"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

/// Names of tools as Gemini takes them: OpenAI's may begin with a digit or `-`, these may not. A function of
/// the request's tools and the name alone, so that histories keep their bytes.
class GeminiNames {
public:
    explicit GeminiNames(const std::vector<chat::Tool>& tools);
    std::string of(std::string_view name) const;
    /// Those of the request's tools that were changed: Gemini's, the client's.
    std::vector<std::pair<std::string, std::string>> changed() const;

private:
    const std::vector<chat::Tool>& tools_;
    std::set<std::string_view> taken_;  // by the client's tools
};

/// What clients of Google's OpenAI-compatible endpoint say in Google's own words (`extra_body.google`): JSON,
/// as it came; empty: not said.
struct GeminiExtras {
    std::string thinking_config;
    std::string cached_content;
    std::string safety_settings;
    std::string modalities;
};

/// What is asked for, of whom, and what gets lost on the way.
struct GeminiTask {
    const chat::Conversation& conversation;
    const chat::ModelFacts& facts;
    GeminiNames names;
    GeminiExtras extras;
    Losses& losses;
    GeminiSchemaBudget& schemas;
};

/// gemini_contents.cpp: `systemInstruction` and `contents`.
void write_gemini_contents(const GeminiTask& task, const Turns& turns, std::string_view instruction,
                           JsonOut& json);

/// gemini_media.cpp: one part. Gives back why it cannot be sent, and then writes nothing; empty: it is
/// written.
std::string_view write_gemini_media(const GeminiTask& task, const chat::Media& media, JsonOut& json);

/// gemini_tools.cpp. How the answer's form is said, where there are tools as well.
enum class GeminiAnswer : std::uint8_t {
    text,
    json,         // any object
    schema,       // natively
    schema_tool,  // a function whose arguments are the answer
    asked_for,    // any object, and nothing but words to say so
};

struct GeminiTools {
    GeminiAnswer answer{GeminiAnswer::text};
    std::string answer_tool;  // its name
};

GeminiTools plan_gemini_tools(const GeminiTask& task);
/// `tools` and `toolConfig`, if there are any.
void write_gemini_tools(const GeminiTask& task, const GeminiTools& plan, JsonOut& json);

/// gemini_generation.cpp: `generationConfig`, if there is anything to say, and `serviceTier`.
void write_gemini_generation(const GeminiTask& task, GeminiAnswer answer, JsonOut& json);
/// gemini_thinking.cpp: `thinkingConfig`, if there is anything to say.
void write_gemini_thinking(const GeminiTask& task, JsonOut& json);

}  // namespace gatehouse::dialect
