// Conversations as Gemini's clients say them, in neutral words.
#include "dialect/gemini_client_request.hpp"

#include "gemini_said_in_words.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using test::fault_of;
using test::read_in_words;
using testing::ElementsAre;

std::string contents(std::string_view inside) {
    return R"({"contents":[)" + std::string(inside) + "]}";
}
std::string user(std::string_view parts) {
    return R"({"role":"user","parts":[)" + std::string(parts) + "]}";
}
std::string model(std::string_view parts) {
    return R"({"role":"model","parts":[)" + std::string(parts) + "]}";
}
std::string fault_of_part(std::string_view part) {
    return fault_of(contents(user(R"({"text":"hi"})") + "," + user(part)));
}

TEST(GeminiClientRequest, takes_contents_in_every_form) {
    for (const auto* body : {R"({"contents":"hi"})", R"({"contents":{"parts":{"text":"hi"}}})",
                             R"({"contents":["hi"]})", R"({"contents":[{"parts":[{"text":"hi"}]}]})",
                             R"({"contents":[{"role":"USER","parts":[{"text":"hi"}]}]})",
                             R"({"generateContentRequest":{"model":"models/x","contents":"hi"}})"}) {
        EXPECT_THAT(read_in_words(body), ElementsAre("user[0] text hi")) << body;
    }
}

TEST(GeminiClientRequest, puts_the_systems_words_first) {
    const auto expected = ElementsAre("system[0] text Be", "system[0] text terse", "user[0] text hi");
    EXPECT_THAT(
        read_in_words(
            R"({"contents":"hi","systemInstruction":{"role":"user","parts":[{"text":"Be"},{"text":"terse"}]}})"),
        expected);
    EXPECT_THAT(
        read_in_words(R"({"system_instruction":{"parts":[{"text":"Be"},{"text":"terse"}]},"contents":"hi"})"),
        expected);
    EXPECT_THAT(read_in_words(R"({"systemInstruction":"Be","contents":"hi"})"),
                ElementsAre("system[0] text Be", "user[0] text hi"));
    EXPECT_EQ(
        fault_of(
            R"({"contents":"hi","systemInstruction":{"parts":[{"text":"a"},{"functionCall":{"name":"f"}}]}})"),
        "invalid_value systemInstruction.parts[1]");
}

TEST(GeminiClientRequest, refuses_roles_that_there_are_not) {
    EXPECT_EQ(fault_of(contents(R"({"role":"assistant","parts":[{"text":"a"}]})")),
              "invalid_value contents[0].role");
    EXPECT_EQ(fault_of(contents(R"({"role":"system","parts":[{"text":"a"}]})")),
              "invalid_value contents[0].role");
}

TEST(GeminiClientRequest, needs_something_said) {
    EXPECT_EQ(fault_of("{}"), "missing_parameter contents");
    EXPECT_EQ(fault_of(R"({"contents":null})"), "missing_parameter contents");
    EXPECT_EQ(fault_of(R"({"contents":[]})"), "invalid_value contents");
    EXPECT_EQ(fault_of(R"({"contents":[{"parts":[]},{"parts":[{"text":""}]}]})"), "invalid_value contents");
    EXPECT_EQ(fault_of(R"({"contents":"hi")"), "invalid_json ");
    EXPECT_EQ(fault_of("[]"), "invalid_type ");
}

TEST(GeminiClientRequest, reads_media_of_every_kind) {
    EXPECT_THAT(
        read_in_words(contents(user(
            R"({"inlineData":{"mimeType":"image/png","data":"aGk="},"mediaResolution":{"level":"media_resolution_low"}},)"
            R"({"inline_data":{"mime_type":"audio/wav","data":"a-_A","display_name":"x"}},)"
            R"({"inlineData":{"mimeType":"text/plain","data":"aGk"}},)"
            R"({"inlineData":{"mimeType":"application/pdf","data":"aGk="}},)"
            R"({"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a","mimeType":"image/png"}},)"
            R"({"fileData":{"fileUri":"https://x.example/A.JPG?b"}},{"fileData":{"fileUri":"gs://b/c.pdf"}})"))),
        ElementsAre(
            "user[0] image type=image/png data=aGk= detail=low",
            "user[0] audio type=audio/wav data=a+/A name=x", "user[0] document type=text/plain data=hi",
            "user[0] document type=application/pdf data=aGk=",
            "user[0] image type=image/png file=https://generativelanguage.googleapis.com/v1beta/files/a",
            "user[0] image url=https://x.example/A.JPG?b", "user[0] document file=gs://b/c.pdf"));
}

TEST(GeminiClientRequest, names_the_value_that_is_wrong) {
    EXPECT_EQ(fault_of_part(R"({"inlineData":{"mimeType":"image/png","data":7}})"),
              "invalid_type contents[1].parts[0].inlineData.data");
    EXPECT_EQ(fault_of_part(R"({"inlineData":{"mimeType":"image/png","data":"a*"}})"),
              "invalid_value contents[1].parts[0].inlineData.data");
    EXPECT_EQ(fault_of_part(R"({"inlineData":{"mimeType":"text/plain","data":"/w=="}})"),
              "invalid_value contents[1].parts[0].inlineData.data");
    EXPECT_EQ(fault_of_part(R"({"inline_data":{"mime_type":"image/png"}})"),
              "missing_parameter contents[1].parts[0].inlineData.data");
    EXPECT_EQ(fault_of_part(R"({"inlineData":{"data":"aGk="}})"),
              "missing_parameter contents[1].parts[0].inlineData.mimeType");
    EXPECT_EQ(fault_of_part(R"({"fileData":{}})"), "missing_parameter contents[1].parts[0].fileData.fileUri");
    EXPECT_EQ(fault_of_part(R"({"text":1})"), "invalid_type contents[1].parts[0].text");
    EXPECT_EQ(fault_of_part(R"({"functionCall":{"name":"f"}})"), "invalid_value contents[1].parts[0]");
    EXPECT_EQ(fault_of_part(R"({"functionResponse":{"name":"f","response":"x"}})"),
              "invalid_type contents[1].parts[0].functionResponse.response");
    EXPECT_EQ(fault_of_part(R"({"functionResponse":{"response":{}}})"),
              "missing_parameter contents[1].parts[0].functionResponse.name");
    EXPECT_EQ(fault_of(contents(model(R"({"functionResponse":{"name":"f"}})"))),
              "invalid_value contents[0].parts[0]");
    EXPECT_EQ(fault_of(contents(model(R"({"functionCall":{"args":{}}})"))),
              "missing_parameter contents[0].parts[0].functionCall.name");
    EXPECT_EQ(fault_of(contents(model(R"({"functionCall":{"name":"f","args":"{}"}})"))),
              "invalid_type contents[0].parts[0].functionCall.args");
}

TEST(GeminiClientRequest, refuses_what_only_google_can_go_on_with) {
    for (const auto* part : {"executableCode", "codeExecutionResult", "toolCall", "toolResponse"}) {
        EXPECT_EQ(fault_of(contents(model("{\"" + std::string(part) + "\":{}}"))),
                  "unsupported_parameter contents[0].parts[0]." + std::string(part));
    }
    EXPECT_EQ(fault_of(contents(model(R"({"functionCall":{"name":"f","partialArgs":[]}})"))),
              "unsupported_parameter contents[0].parts[0].functionCall.partialArgs");
    EXPECT_EQ(fault_of_part(R"({"functionResponse":{"name":"f","response":{},"willContinue":true}})"),
              "unsupported_parameter contents[1].parts[0].functionResponse.willContinue");
}

TEST(GeminiClientRequest, numbers_calls_without_ids_and_pairs_results_by_name_and_order) {
    EXPECT_THAT(
        read_in_words(contents(
            user(R"({"text":"q"})") + "," +
            model(
                R"({"functionCall":{"name":"f","args":{ "b" : 1, "a": "x y"}}},{"functionCall":{"name":"g"}},)"
                R"({"function_call":{"name":"f","args":null}})") +
            "," +
            user(R"({"functionResponse":{"name":"g","response":{"output":"G"}}},)"
                 R"({"function_response":{"name":"f","response":{"result":"1"}}},)"
                 R"({"functionResponse":{"name":"f","response":{"n": 2}}})"))),
        ElementsAre("user[0] text q", R"(assistant[1] call call_1_0 f {"b":1,"a":"x y"})",
                    "assistant[1] call call_1_1 g {}", "assistant[1] call call_1_2 f {}",
                    "tool[2] result call_1_1 g | G", "tool[2] result call_1_0 f | 1",
                    R"(tool[2] result call_1_2 f | {"n":2})"));
}

TEST(GeminiClientRequest, pairs_results_by_id_first) {
    EXPECT_THAT(
        read_in_words(contents(
            model(R"({"functionCall":{"id":"a","name":"f"}},{"functionCall":{"id":"b","name":"f"}})") + "," +
            user(R"({"functionResponse":{"id":"b","name":"f","response":{"output":"B"}}},)"
                 R"({"functionResponse":{"id":"unknown","name":"f","response":{"output":"A"}}},)"
                 R"({"functionResponse":{"name":"h","response":{"output":"nobody asked"}}})"))),
        ElementsAre("assistant[0] call a f {}", "assistant[0] call b f {}", "tool[1] result b f | B",
                    "tool[1] result a f | A", "tool[1] result h h | nobody asked"));
}

TEST(GeminiClientRequest, does_not_pair_a_result_with_a_call_of_an_older_turn) {
    EXPECT_THAT(
        read_in_words(contents(model(R"({"functionCall":{"name":"f"}})") + "," + user(R"({"text":"no"})") +
                               "," + model(R"({"functionCall":{"name":"f"}})") + "," +
                               user(R"({"functionResponse":{"name":"f","response":{}}})"))),
        ElementsAre("assistant[0] call call_0_0 f {}", "user[1] text no", "assistant[2] call call_2_0 f {}",
                    "tool[3] result call_2_0 f | {}"));
}

TEST(GeminiClientRequest, unwraps_what_results_say) {
    const auto said = [](std::string_view response) {
        return read_in_words(contents(user(R"({"functionResponse":{"name":"f","response":)" +
                                           std::string(response) + "}}")))
            .front();
    };
    EXPECT_EQ(said(R"({"output":"a\n\u00e9"})"), "tool[0] result f f | a\n\xc3\xa9");
    EXPECT_EQ(said(R"({"content":"a"})"), "tool[0] result f f | a");
    EXPECT_EQ(said(R"({"output":{"a":1}})"), R"(tool[0] result f f | {"output":{"a":1}})");
    EXPECT_EQ(said(R"({"output":"a","more":1})"), R"(tool[0] result f f | {"output":"a","more":1})");
    EXPECT_EQ(said(R"({"error":"broke"})"), "tool[0] failure f f | broke");
    EXPECT_EQ(said(R"({"error":{"code":3}})"), R"(tool[0] failure f f | {"code":3})");
    EXPECT_EQ(said("null"), "tool[0] result f f");
}

TEST(GeminiClientRequest, puts_results_before_words_and_keeps_their_media) {
    EXPECT_THAT(
        read_in_words(contents(user(
            R"({"text":"see"},{"functionResponse":{"name":"f","response":{"output":"x"},)"
            R"("parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}],"scheduling":"SILENT"}})"))),
        ElementsAre("tool[0] result f f | x | image type=image/png data=aGk=", "user[0] text see"));
}

TEST(GeminiClientRequest, joins_the_chunks_that_a_client_kept_of_a_stream) {
    EXPECT_THAT(
        read_in_words(contents(
            user(R"({"text":"q"})") + "," + model(R"({"text":"Hm","thought":true})") + "," +
            model(R"({"text":"m.","thought":true},{"text":"","thought":true,"thoughtSignature":"UA=="})") +
            "," + model(R"({"text":"Hel"})") + "," +
            model(R"({"text":"lo"},{"text":"","thoughtSignature":"U0lH"})") + "," +
            model(R"({"functionCall":{"name":"f"},"thoughtSignature":"Uk8="})") + "," +
            model(R"({"functionCall":{"name":"f"}},{"text":""})"))),
        ElementsAre("user[0] text q", "assistant[1] thought Hmm. signature=UA== of gemini",
                    "assistant[1] text Hello", "assistant[1] thought  signature=U0lH of gemini",
                    "assistant[1] call call_1_0 f {} signature=Uk8=", "assistant[1] call call_1_1 f {}"));
}

TEST(GeminiClientRequest, unwraps_signatures_of_other_vendors_models) {
    const auto anthropic = wrapped_signature(chat::Vendor::anthropic, "sig/+=", false);
    const auto redacted = wrapped_signature(chat::Vendor::anthropic, "data", true);
    const auto openai = wrapped_signature(chat::Vendor::openai, "e.n.c", false);
    EXPECT_TRUE(wire::from_base64(anthropic));
    EXPECT_EQ(wrapped_signature(chat::Vendor::gemini, "U0lH", false), "U0lH");
    EXPECT_THAT(
        read_in_words(
            contents(model(R"({"text":"Hm","thought":true},{"text":"","thought":true,)"
                           R"("thoughtSignature":")" +
                           anthropic + R"("},{"text":"","thought":true,"thoughtSignature":")" + redacted +
                           R"("},{"text":"a","thoughtSignature":")" + openai +
                           R"("},{"functionCall":{"name":"f"},"thoughtSignature":")" + openai + "\"}"))),
        ElementsAre("assistant[0] thought Hm signature=sig/+= of anthropic",
                    "assistant[0] thought  redacted=data of anthropic", "assistant[0] text a",
                    "assistant[0] thought  signature=e.n.c of openai", "assistant[0] call call_0_0 f {}"));
    EXPECT_EQ(wrapped_signature(chat::Vendor::gemini, "x", true), wire::to_base64("gh1.gemini-redacted.x"));
}

TEST(GeminiClientRequest, drops_signatures_that_say_nothing) {
    EXPECT_THAT(read_in_words(contents(model(
                    R"({"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"},)"
                    R"({"text":"a","thoughtSignature":""},{"text":"","thoughtSignature":")" +
                    wire::to_base64("gh1.nobody.x") + "\"}"))),
                ElementsAre("assistant[0] call call_0_0 f {}", "assistant[0] text a"));
    const auto said =
        read_gemini(R"({"contents":[{"parts":[{"text":"q"}]},{"role":"model","parts":[)"
                    R"({"thoughtSignature":")" +
                    wire::to_base64("gh1.nobody.x") + R"("}]},{"role":"user","parts":[{"text":"and?"}]}]})");
    ASSERT_TRUE(said);
    for (const auto& message : said->messages) {
        EXPECT_FALSE(message.parts.empty()) << "nobody says nothing";
    }
}

TEST(GeminiClientRequest, keeps_what_only_gemini_knows_by_name) {
    const auto said = read_gemini(
        R"({"contents":[{"parts":[{"text":"a","videoMetadata":{"fps":1}}]}],"safetySettings":[{"category":"X"}],)"
        R"("labels":{"a":"b"},"store":null,"empty":{},"we\nird":1,"model":"x","toolConfig":{"retrievalConfig":{"a":1}}})");
    ASSERT_TRUE(said);
    std::vector<std::string> names;
    for (const auto& other : said->others) {
        names.push_back(other.name + "=" + other.value);
    }
    EXPECT_THAT(names, ElementsAre(R"(contents.parts.videoMetadata={"fps":1})",
                                   R"(safetySettings=[{"category":"X"}])", R"(labels={"a":"b"})", "we_ird=1",
                                   R"(toolConfig.retrievalConfig={"a":1})"));
}

TEST(GeminiClientRequest, refuses_what_lies_with_google) {
    EXPECT_EQ(fault_of(R"({"contents":"a","cachedContent":"cachedContents/x"})"),
              "unsupported_parameter cachedContent");
    EXPECT_EQ(fault_of(R"({"contents":"a","continuation_token":"x"})"),
              "unsupported_parameter continuationToken");
    EXPECT_EQ(fault_of(R"({"contents":"a","cachedContent":""})"), "none");
}

TEST(GeminiClientRequest, reads_the_service_tier) {
    const auto tier = [](std::string_view word) {
        const auto said = read_gemini(R"({"contents":"a","serviceTier":")" + std::string(word) + "\"}");
        return said ? said->service_tier : std::string(said.problem().param());
    };
    EXPECT_EQ(tier("flex"), "flex");
    EXPECT_EQ(tier("PRIORITY"), "priority");
    EXPECT_EQ(tier("standard"), "default");
    EXPECT_EQ(tier("SERVICE_TIER_UNSPECIFIED"), "");
    EXPECT_EQ(tier("gold"), "serviceTier");
}

}  // namespace
}  // namespace gatehouse::dialect
