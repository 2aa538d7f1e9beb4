// Tools, schemas and settings as Gemini's clients say them, in neutral words.
#include "dialect/gemini_client_request.hpp"
#include "gemini_said_in_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::OutputKind;
using chat::ToolChoiceKind;
using test::fault_of;
using testing::ElementsAre;

std::string body(std::string_view members) {
    return R"({"contents":"hi",)" + std::string(members) + "}";
}

chat::Conversation said(std::string_view members) {
    auto read = read_gemini(body(members));
    EXPECT_TRUE(read) << members << (read ? "" : read.problem().message());
    return read ? *std::move(read) : chat::Conversation{};
}

chat::Conversation generation(std::string_view members) {
    return said(R"("generationConfig":{)" + std::string(members) + "}");
}

std::string generation_fault(std::string_view members) {
    return fault_of(body(R"("generation_config":{)" + std::string(members) + "}"));
}

TEST(GeminiClientTools, come_from_every_declaration) {
    const auto conversation = said(
        R"("tools":[{"functionDeclarations":[{"name":"f","description":"F","parametersJsonSchema":{"type": "object"}},)"
        R"({"name":"g","parameters":null}]},{},{"function_declarations":{"name":"h","parameters":{"type":"OBJECT"}}}])");
    ASSERT_EQ(conversation.tools.size(), 3U);
    EXPECT_EQ(conversation.tools[0].name, "f");
    EXPECT_EQ(conversation.tools[0].description, "F");
    EXPECT_EQ(conversation.tools[0].schema, R"({"type": "object"})");
    EXPECT_EQ(conversation.tools[1].schema, "");
    EXPECT_EQ(conversation.tools[2].schema, R"({"type":"object"})");
    EXPECT_EQ(conversation.tool_choice.kind, ToolChoiceKind::unsaid);
}

TEST(GeminiClientTools, are_refused_for_what_is_wrong_with_them) {
    EXPECT_EQ(fault_of(body(R"("tools":[{"googleSearch":{}}])")),
              "unsupported_parameter tools[0].googleSearch");
    EXPECT_EQ(fault_of(body(R"("tools":{"code_execution":{}})")),
              "unsupported_parameter tools.codeExecution");
    EXPECT_EQ(fault_of(body(R"("tools":[{"brandNew":{}}])")), "unsupported_parameter tools[0]");
    EXPECT_EQ(fault_of(body(R"("tools":[{"googleSearch":null}])")), "none");
    EXPECT_EQ(fault_of(body(R"("tools":[{"functionDeclarations":[{}]}])")),
              "missing_parameter tools[0].functionDeclarations[0].name");
    EXPECT_EQ(fault_of(body(R"("tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"},)"
                            R"("parameters_json_schema":{"type":"object"}}]}])")),
              "invalid_value tools[0].functionDeclarations[0].parameters");
    EXPECT_EQ(fault_of(body(R"("tools":[{"functionDeclarations":[{"name":"f","parameters":[]}]}])")),
              "invalid_type tools[0].functionDeclarations[0].parameters");
    EXPECT_EQ(fault_of(body(R"("tools":"x")")), "invalid_type tools");
}

std::string choice(std::string_view config) {
    const auto conversation = said(R"("toolConfig":{"functionCallingConfig":{)" + std::string(config) +
                                   R"(}},"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}])");
    constexpr std::string_view kinds[] = {"unsaid", "automatic", "none", "required", "named", "allowed"};
    const auto& made = conversation.tool_choice;
    std::string out(kinds[static_cast<std::size_t>(made.kind)]);
    for (const auto& name : made.names) {
        out += " " + name;
    }
    return out + (made.must_call ? " must" : "");
}

TEST(GeminiClientTools, are_chosen_by_mode_and_names) {
    EXPECT_EQ(choice(R"("mode":"AUTO")"), "automatic");
    EXPECT_EQ(choice(R"("mode":"none")"), "none");
    EXPECT_EQ(choice(R"("mode":"any")"), "required");
    EXPECT_EQ(choice(R"("mode":"ANY","allowedFunctionNames":["g"])"), "named g");
    EXPECT_EQ(choice(R"("allowed_function_names":["g","f"],"mode":"ANY")"), "allowed g f must");
    EXPECT_EQ(choice(R"("mode":"VALIDATED")"), "automatic");
    EXPECT_EQ(choice(R"("mode":"VALIDATED","allowedFunctionNames":["f"])"), "allowed f");
    EXPECT_EQ(choice(R"("mode":"MODE_UNSPECIFIED")"), "unsaid");
    EXPECT_EQ(choice(""), "unsaid");
}

TEST(GeminiClientTools, must_be_there_to_be_chosen) {
    EXPECT_EQ(fault_of(body(R"("tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":)"
                            R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f","x"]}})")),
              "invalid_value toolConfig.functionCallingConfig.allowedFunctionNames[1]");
    EXPECT_EQ(fault_of(body(R"("toolConfig":{"functionCallingConfig":{"mode":"ANY"}})")),
              "invalid_value toolConfig.functionCallingConfig.mode");
    EXPECT_EQ(fault_of(body(R"("toolConfig":{"functionCallingConfig":{"mode":"SOMETIMES"}})")),
              "invalid_value toolConfig.functionCallingConfig.mode");
}

TEST(GeminiClientSchema, becomes_json_schema_in_its_own_order) {
    struct Case {
        const char* google;
        const char* json;
    };
    for (
        const auto& each : {
            Case{
                R"({"type":"OBJECT","description":"d","properties":{"b":{"type":"STRING"},"a":{"type":"INTEGER"}},"required":["b"]})",
                R"({"type":"object","description":"d","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["b"]})"},
            Case{
                R"({"properties":{"c":{},"a":{},"b":{}},"propertyOrdering":["b","nobody","a","b"],"type":"Object"})",
                R"({"properties":{"b":{},"a":{},"c":{}},"type":"object"})"},
            Case{R"({"type":"STRING","nullable":true})", R"({"type":["string","null"]})"},
            Case{R"({"nullable":false,"type":"STRING"})", R"({"type":"string"})"},
            Case{R"({"type":"STRING","format":"enum","enum":["a","b"],"nullable":true})",
                 R"({"type":["string","null"],"enum":["a","b",null]})"},
            Case{R"({"anyOf":[{"type":"STRING"},{"type":"NUMBER","format":"double"}],"nullable":true})",
                 R"({"anyOf":[{"type":"string"},{"type":"number","format":"double"},{"type":"null"}]})"},
            Case{
                R"({"type":"ARRAY","items":{"type":"BOOLEAN"},"minItems":"1","max_items":"20","example":[true]})",
                R"({"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":20})"},
            Case{R"({"type":"NUMBER","minimum":"0.5","maximum":2,"maxLength":"many"})",
                 R"({"type":"number","minimum":0.5,"maximum":2,"maxLength":"many"})"},
            Case{R"({"type":"TYPE_UNSPECIFIED","title":"t","default":1,"pattern":"a"})",
                 R"({"title":"t","default":1,"pattern":"a"})"},
            Case{R"({"type":["string","null"],"additionalProperties":{"type":"STRING"}})",
                 R"({"type":["string","null"],"additionalProperties":{"type":"string"}})"},
            Case{R"({"type":"OBJECT","additional_properties":false,"prefixItems":[{"type":"STRING"}]})",
                 R"({"type":"object","additionalProperties":false,"prefixItems":[{"type":"string"}]})"},
            Case{
                R"({"properties":{"any_of":{"type":"STRING"},"nullable":{"type":"NUMBER"},"type":{"nullable":true,"type":"NULL"}}})",
                R"({"properties":{"any_of":{"type":"string"},"nullable":{"type":"number"},"type":{"type":"null"}}})"},
            Case{R"({"defs":{"N":{"type":"OBJECT"}},"$ref":"#/$defs/N"})",
                 R"({"$defs":{"N":{"type":"object"}},"$ref":"#/$defs/N"})"},
        }) {
        EXPECT_EQ(json_schema_of(each.google), each.json);
        EXPECT_EQ(json_schema_of(each.json), each.json) << "a schema that is one already";
    }
}

TEST(GeminiClientSchema, has_an_end) {
    std::string deep;
    for (int i = 0; i < 70; ++i) {
        deep += R"({"items":)";
    }
    deep += "{}" + std::string(70, '}');
    EXPECT_FALSE(json_schema_of(deep));
    EXPECT_EQ(
        fault_of(body(R"("tools":[{"functionDeclarations":[{"name":"f","parameters":)" + deep + "}]}]")),
        "invalid_value tools[0].functionDeclarations[0].parameters");
    EXPECT_FALSE(json_schema_of(R"({"description":")" + std::string(1'100'000, 'a') + "\"}"));
}

TEST(GeminiClientSettings, are_read_in_both_spellings) {
    const auto c = generation(
        R"("temperature":0.5,"top_p":0.9,"topK":40.0,"candidateCount":2,"max_output_tokens":"100",)"
        R"("stopSequences":["a","","b"],"seed":-7,"presencePenalty":1,"frequency_penalty":-1.5,)"
        R"("responseLogprobs":true,"logprobs":3)");
    EXPECT_EQ(c.temperature, 0.5);
    EXPECT_EQ(c.top_p, 0.9);
    EXPECT_EQ(c.top_k, 40);
    EXPECT_EQ(c.choices, 2);
    EXPECT_EQ(c.max_tokens, 100);
    EXPECT_THAT(c.stop, ElementsAre("a", "b"));
    EXPECT_EQ(c.seed, -7);
    EXPECT_EQ(c.presence_penalty, 1);
    EXPECT_EQ(c.frequency_penalty, -1.5);
    EXPECT_TRUE(c.logprobs);
    EXPECT_EQ(c.top_logprobs, 3);
    EXPECT_TRUE(c.others.empty());
}

TEST(GeminiClientSettings, may_all_be_null) {
    const auto c = generation(
        R"("temperature":null,"topK":null,"candidateCount":null,"maxOutputTokens":null,"stopSequences":null,)"
        R"("responseMimeType":null,"responseSchema":null,"responseModalities":null,"thinkingConfig":null)");
    EXPECT_FALSE(c.temperature || c.top_k || c.max_tokens);
    EXPECT_EQ(c.choices, 1);
    EXPECT_EQ(c.output.kind, OutputKind::text);
    EXPECT_EQ(
        fault_of(body(R"("generationConfig":null,"tools":null,"toolConfig":null,"systemInstruction":null)")),
        "none");
}

TEST(GeminiClientSettings, are_refused_out_of_their_range) {
    for (const auto& [members, fault] :
         {std::pair{R"("temperature":3)", "invalid_value generationConfig.temperature"},
          std::pair{R"("temperature":"1")", "invalid_type generationConfig.temperature"},
          std::pair{R"("topK":0)", "invalid_value generationConfig.topK"},
          std::pair{R"("topK":1.5)", "invalid_value generationConfig.topK"},
          std::pair{R"("topK":1e3)", "invalid_value generationConfig.topK"},
          std::pair{R"("maxOutputTokens":"x")", "invalid_value generationConfig.maxOutputTokens"},
          std::pair{R"("maxOutputTokens":[])", "invalid_type generationConfig.maxOutputTokens"},
          std::pair{R"("candidateCount":99)", "invalid_value generationConfig.candidateCount"},
          std::pair{R"("stopSequences":[1])", "invalid_type generationConfig.stopSequences[0]"},
          std::pair{R"("responseModalities":["TEXT","image"])",
                    "unsupported_parameter generationConfig.responseModalities[1]"},
          std::pair{R"("responseMimeType":"text/x.enum")",
                    "unsupported_parameter generationConfig.responseMimeType"},
          std::pair{R"("responseMimeType":"image/png")", "invalid_value generationConfig.responseMimeType"},
          std::pair{R"("responseSchema":{"type":"OBJECT"},"responseJsonSchema":{"type":"object"})",
                    "invalid_value generationConfig.responseSchema"},
          std::pair{R"("thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"LOW"})",
                    "invalid_value generationConfig.thinkingConfig.thinkingLevel"},
          std::pair{R"("thinkingConfig":{"thinkingBudget":-2})",
                    "invalid_value generationConfig.thinkingConfig.thinkingBudget"}}) {
        EXPECT_EQ(generation_fault(members), fault);
    }
    EXPECT_EQ(generation_fault(R"("responseModalities":["text"])"), "none");
    EXPECT_EQ(generation_fault(R"("responseModalities":"TEXT")"), "none");
}

TEST(GeminiClientSettings, tell_the_answers_form) {
    EXPECT_EQ(generation(R"("responseMimeType":"text/plain")").output.kind, OutputKind::text);
    EXPECT_EQ(generation(R"("responseMimeType":"application/json")").output.kind, OutputKind::json_object);
    const auto google =
        generation(R"("response_schema":{"type":"OBJECT"},"response_mime_type":"application/json")").output;
    EXPECT_EQ(google.kind, OutputKind::json_schema);
    EXPECT_EQ(google.schema, R"({"type":"object"})");
    EXPECT_EQ(google.name, "response");
    EXPECT_EQ(generation(R"("responseMimeType":"application/json","responseJsonSchema":{"type" : "X"})")
                  .output.schema,
              R"({"type" : "X"})");
}

TEST(GeminiClientSettings, tell_how_much_to_think) {
    const auto wish = [](std::string_view config) {
        return generation(R"("thinkingConfig":{)" + std::string(config) + "}").reasoning;
    };
    EXPECT_EQ(wish(R"("thinkingLevel":"low")").effort, Effort::low);
    EXPECT_EQ(wish(R"("thinking_level":"MINIMAL")").effort, Effort::minimal);
    EXPECT_EQ(wish(R"("thinkingLevel":"THINKING_LEVEL_UNSPECIFIED")").effort, Effort::unsaid);
    EXPECT_EQ(wish(R"("thinkingBudget":0)").budget, 0);
    EXPECT_EQ(wish(R"("thinking_budget":2048,"includeThoughts":true)").budget, 2048);
    EXPECT_TRUE(wish(R"("include_thoughts":true)").show_text);
    EXPECT_FALSE(wish(R"("thinkingBudget":-1)").budget) << "-1 leaves it to the model";
}

TEST(GeminiClientSettings, of_gemini_alone_are_named) {
    const auto c = generation(R"("mediaResolution":"MEDIA_RESOLUTION_LOW","speechConfig":{"a":1},"x":2)");
    std::vector<std::string> names;
    for (const auto& other : c.others) {
        names.push_back(other.name);
    }
    EXPECT_THAT(names, ElementsAre("generationConfig.mediaResolution", "generationConfig.speechConfig",
                                   "generationConfig.x"));
}

}  // namespace
}  // namespace gatehouse::dialect
