#include "price_list.hpp"

namespace gatehouse::config {
namespace {

constexpr std::int64_t dearest = 1'000'000;      // dollars per million tokens
constexpr std::int64_t longest = 1'000'000'000;  // tokens
constexpr std::int64_t largest_multiplier = 1'000;

Field price(std::string name, std::string meaning) {
    return key(std::move(name), decimal(0, dearest), "", std::move(meaning));
}

Field tokens(std::string name, std::string meaning) {
    return key(std::move(name), count(1, longest), "", std::move(meaning));
}

Field fact(std::string name, std::string standard, std::string meaning) {
    return key(std::move(name), boolean(), std::move(standard), std::move(meaning));
}

Shape tiers() {
    return list(object({needed("above", count(1, longest), "Tokens of the prompt."),
                        needed("price", token_prices(), "For the whole of a longer request.")}));
}

Shape multipliers() {
    std::vector<Field> fields;
    for (const char* name : {"batch", "flex", "priority", "fast"}) {
        fields.push_back(key(name, decimal(0, largest_multiplier), "", "In relation to the standard price."));
    }
    return object(std::move(fields));
}

Shape facts() {
    return object({key("thinking", list(choice({"enabled", "adaptive", "disabled", "between_tools"})), "[]",
                       "Anthropic: the types it takes; enabled is the one with a budget."),
                   fact("thinks_by_default", "false", "Without being asked."),
                   fact("sampling", "false", "Takes temperature, top_p and top_k."),
                   fact("both_sampling", "true", "Takes temperature and top_p together."),
                   fact("forced_tool", "true", "tool_choice may force a call."),
                   fact("prefill", "false", "Takes a last message of the assistant."),
                   fact("later_system", "false", "System messages may stand behind the first user message."),
                   fact("output_schema", "true", "Answers to a JSON schema by itself."),
                   fact("schema_with_tools", "true", "And beside function tools."),
                   fact("penalties", "false", "Takes presence and frequency penalty."),
                   fact("several_choices", "false", "Takes n above 1."),
                   fact("logprobs", "false", "Gives log probabilities."),
                   fact("signatures_required", "false", "Calls must come back with their signatures."),
                   fact("call_ids", "true", "Calls have ids."),
                   fact("system_instruction", "true", "Has a system instruction."),
                   fact("links", "true", "Fetches https links in a request by itself."),
                   fact("media_in_results", "true", "Takes media in a tool's result."),
                   fact("image_detail", "true", "Takes a resolution for each image."),
                   fact("json_schemas", "true", "Takes JSON schemas; else OpenAPI's subset."),
                   fact("newer_fields", "false",
                        "OpenAI: knows max_completion_tokens, safety_identifier, prompt_cache_key, custom "
                        "tools and lists of allowed ones."),
                   fact("tools_with_reasoning", "true",
                        "OpenAI: takes function tools beside reasoning on chat completions."),
                   fact("responses_only", "false", "OpenAI: exists at /responses alone."),
                   key("least_output", count(0, longest), "0", "With a smaller limit it answers nothing.")});
}

Shape model() {
    return object(
        {key("price", token_prices(), "", "US dollars per million tokens."),
         key("tiers", tiers(), "", "Prices of requests with a long prompt."),
         key("price_changes",
             list(object({needed("from", timestamp(), "When they begin to hold."),
                          needed("price", token_prices(), "US dollars per million tokens."),
                          key("tiers", tiers(), "", "Prices of requests with a long prompt.")})),
             "", "Prices announced for later."),
         key("multipliers", multipliers(), "", "In place of the vendor's."),
         tokens("context_window", "Tokens, prompt and answer."), tokens("max_input", "Tokens of the prompt."),
         tokens("max_output", "Tokens of the answer, thoughts included."),
         tokens("max_output_whole", "The same of a reply that is no stream."),
         key("media", list(choice({"text", "image", "pdf", "audio", "video"})), "",
             "What a prompt may hold."),
         key("efforts", list(choice({"none", "minimal", "low", "medium", "high", "xhigh", "max"})), "",
             "Accepted, ascending."),
         key("budget_range", list(count(0, longest), 2), "", "Least and most tokens to think with."),
         key("searches", boolean(), "false", "Looks things up while it answers: nothing of it is kept."),
         key("facts", facts(), "", "How a request must be written.")});
}

Shape build_price_list_schema() {
    std::vector<Field> by_vendor;
    std::vector<Field> vendor_multipliers;
    for (const char* vendor : {"openai", "anthropic", "gemini"}) {
        by_vendor.push_back(
            key(vendor, table(model()), "", "Models by upstream name; with a `*`: a family."));
        vendor_multipliers.push_back(key(vendor, multipliers(), "", "Of all its models."));
    }
    return object({key("as_of", text(), "", "The day of the prices."),
                   key("multipliers", object(std::move(vendor_multipliers)), "", "Of each vendor."),
                   key("models", object(std::move(by_vendor)), "", "Models of each vendor.")});
}

}  // namespace

Shape token_prices() {
    return object({price("input", "Prompt."), price("cached_input", "Prompt, from the provider's cache."),
                   price("cache_write", "Written to the provider's cache for the shorter time."),
                   price("cache_write_1h", "Written to it for the longer time."),
                   price("output", "Answer, thoughts included."), price("input_image", "Images in a prompt."),
                   price("input_audio", "Sound in a prompt."), price("input_video", "Video in a prompt."),
                   price("output_audio", "Sound in an answer."),
                   price("output_image", "Images in an answer.")});
}

const Shape& price_list_schema() {
    static const Shape schema = build_price_list_schema();
    return schema;
}

}  // namespace gatehouse::config
