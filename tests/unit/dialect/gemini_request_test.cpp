// How a conversation is written for Gemini: each field, for models of each generation, lossy and strict.
#include "dialect/translation_parts.hpp"
#include "gemini_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Conversation;
using chat::Effort;
using chat::ModelFacts;
using test::gemini_20;
using test::gemini_25;
using test::gemini_3;
using test::gemini_4;
using testing::ElementsAre;
using testing::IsEmpty;
using Json = nlohmann::ordered_json;

chat::Message message(chat::Role role, std::vector<chat::Part> parts, std::size_t index = 0) {
    chat::Message out;
    out.role = role;
    out.parts = std::move(parts);
    out.index = index;
    return out;
}

chat::Part text(std::string words) {
    return {chat::Text{std::move(words)}, {}};
}

chat::Part call(std::string id, std::string name, std::string arguments = "{}", std::string signature = "") {
    chat::ToolCall out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.arguments = std::move(arguments);
    out.signature = std::move(signature);
    return {std::move(out), {}};
}

chat::Part result(std::string id, std::string words, bool is_error = false) {
    chat::ToolResult out;
    out.call_id = std::move(id);
    out.parts.emplace_back(chat::Text{std::move(words)});
    out.is_error = is_error;
    return {std::move(out), {}};
}

chat::Tool tool(std::string name, std::string schema = "") {
    chat::Tool out;
    out.name = std::move(name);
    out.description = "d";
    out.schema = std::move(schema);
    return out;
}

Conversation hello() {
    Conversation out;
    out.messages.push_back(message(chat::Role::user, {text("Hi")}));
    return out;
}

Result<Written> write(const Conversation& conversation, const ModelFacts& facts, bool strict = false) {
    TranslateOptions options;
    options.model = "gemini-x";
    options.facts = &facts;
    options.strict = strict;
    return write_gemini(conversation, false, options);
}

Json body(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (!written) {
        ADD_FAILURE() << written.problem().message();
        return {};
    }
    auto json = Json::parse(written->body, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << written->body;
    return json;
}

std::string contents(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    return body(conversation, facts)["contents"].dump();
}

std::vector<std::string> dropped(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (!written) {
        ADD_FAILURE() << written.problem().message();
        return {};
    }
    const auto strict = write(conversation, facts, true);
    EXPECT_EQ(static_cast<bool>(strict), written->dropped.empty());
    if (!strict) {
        EXPECT_EQ(strict.problem().kind(), ProblemKind::unsupported_parameter);
        EXPECT_THAT(written->dropped, testing::Contains(strict.problem().param()));
    }
    return written->dropped;
}

/// The field that makes the request impossible, in lossy mode as well; empty: none does.
std::string refused(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (written) {
        return {};
    }
    EXPECT_EQ(written.problem().kind(), ProblemKind::unsupported_parameter);
    return written.problem().param();
}

TEST(GeminiPath, names_the_model_and_the_method) {
    const auto path = [](std::string_view model, bool stream) {
        TranslateOptions options;
        options.model = model;
        const auto conversation = hello();
        const auto written = write_gemini(conversation, stream, options);
        return written ? written->path : written.problem().message();
    };
    EXPECT_EQ(path("gemini-4", false), "/models/gemini-4:generateContent");
    EXPECT_EQ(path("gemini-4", true), "/models/gemini-4:streamGenerateContent?alt=sse");
    EXPECT_EQ(path("models/gemini-4", false), "/models/gemini-4:generateContent");
    EXPECT_EQ(path("tunedModels/my-model", false), "/tunedModels/my-model:generateContent");
    EXPECT_EQ(path("a/../b?c:d\xC3\xA9", false), "/models/a%2F..%2Fb%3Fc%3Ad%C3%A9:generateContent");
}

TEST(GeminiContents, of_the_least_request) {
    EXPECT_EQ(body(hello()).dump(),
              R"({"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"generationConfig":{}})");
}

TEST(GeminiContents, put_leading_system_words_into_the_instruction) {
    auto said = hello();
    said.messages.insert(said.messages.begin(), message(chat::Role::developer, {text("B")}));
    said.messages.insert(said.messages.begin(), message(chat::Role::system, {text("A")}));
    said.messages.push_back(message(chat::Role::system, {text("later")}));
    const auto json = body(said);
    EXPECT_EQ(json["systemInstruction"].dump(), R"({"parts":[{"text":"A"},{"text":"B"}]})");
    EXPECT_EQ(json["contents"].dump(),
              R"([{"role":"user","parts":[{"text":"Hi"},{"text":"<system>later</system>"}]}])");
}

TEST(GeminiContents, put_system_words_before_the_users_where_there_is_no_instruction) {
    auto facts = gemini_4();
    facts.system_instruction = false;
    auto said = hello();
    said.messages.insert(said.messages.begin(), message(chat::Role::system, {text("A"), text("B")}));
    EXPECT_EQ(contents(said, facts), R"([{"role":"user","parts":[{"text":"A\n\nB\n\nHi"}]}])");
    EXPECT_FALSE(body(said, facts).contains("systemInstruction"));

    said.messages[1] = message(chat::Role::assistant, {text("Hello")});
    said.messages.push_back(message(chat::Role::user, {text("Hi")}));
    EXPECT_EQ(contents(said, facts),
              R"([{"role":"user","parts":[{"text":"A\n\nB\n\n"}]},)"
              R"({"role":"model","parts":[{"text":"Hello"}]},{"role":"user","parts":[{"text":"Hi"}]}])");
}

/// Two calls, answered the other way round, and a word of the user's behind.
Conversation tool_loop() {
    auto said = hello();
    said.messages.push_back(
        message(chat::Role::assistant,
                {text("Let me see"), call("c1", "f", R"({"a": 1})", "U0l-H_"), call("c2", "7z", "")}, 1));
    said.messages.push_back(message(chat::Role::tool, {result("c2", "forty two")}, 2));
    said.messages.push_back(message(chat::Role::tool, {result("c1", R"( {"x":[1]} )")}, 3));
    said.messages.push_back(message(chat::Role::user, {text("And?")}, 4));
    said.tools = {tool("f"), tool("7z")};
    return said;
}

TEST(GeminiContents, answer_all_calls_of_a_turn_alone_and_in_their_order) {
    EXPECT_EQ(contents(tool_loop()),
              R"([{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Let me see"},)"
              R"({"functionCall":{"id":"c1","name":"f","args":{"a":1}},"thoughtSignature":"U0l+H/"},)"
              R"({"functionCall":{"id":"c2","name":"_7z","args":{}}}]},{"role":"user","parts":[)"
              R"({"functionResponse":{"id":"c1","name":"f","response":{"x":[1]}}},)"
              R"({"functionResponse":{"id":"c2","name":"_7z","response":{"output":"forty two"}}}]},)"
              R"({"role":"user","parts":[{"text":"And?"}]}])");
}

TEST(GeminiContents, leave_ids_out_for_models_without) {
    EXPECT_EQ(contents(tool_loop(), gemini_25()).find("\"id\""), std::string::npos);
}

TEST(GeminiContents, mark_calls_of_others_where_signatures_are_required) {
    auto said = tool_loop();
    auto& parts = said.messages[1].parts;
    std::get<chat::ToolCall>(parts[1].what).signature.clear();
    const std::string mark = R"("thoughtSignature":"skip_thought_signature_validator")";
    const auto marked = contents(said);
    EXPECT_NE(marked.find(R"("args":{"a":1}},)" + mark), std::string::npos);
    EXPECT_EQ(marked.find(mark), marked.rfind(mark)) << "once in a turn";
    EXPECT_EQ(contents(said, gemini_25()).find("thoughtSignature"), std::string::npos);
}

TEST(GeminiContents, give_every_kind_of_result_as_an_object) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"plain", R"({"output":"plain"})"},
        {"", R"({"output":""})"},
        {"[1,2]", R"({"output":"[1,2]"})"},
        {R"({"a":{"b":1}})", R"({"a":{"b":1}})"},
        {R"({"a":[{"$ref":"x"}]})", R"({"output":"{\"a\":[{\"$ref\":\"x\"}]}"})"},
        {R"({"a":[{"\u0024ref":"x"}]})", R"({"output":"{\"a\":[{\"\\u0024ref\":\"x\"}]}"})"},
        {R"({"a":"\ud83d"})", "{\"a\":\"\uFFFD\"}"},
        {R"({"a":1)", R"({"output":"{\"a\":1"})"}};
    for (const auto& [given, expected] : table) {
        auto said = hello();
        said.messages.push_back(message(chat::Role::assistant, {call("c", "f")}));
        said.messages.push_back(message(chat::Role::tool, {result("c", given)}));
        EXPECT_EQ(body(said)["contents"][2]["parts"][0]["functionResponse"]["response"].dump(), expected);
    }
    auto said = hello();
    said.messages.push_back(message(chat::Role::assistant, {call("c", "f"), call("d", "f")}));
    said.messages.push_back(message(chat::Role::tool, {result("c", R"({"a":1})", true)}));
    const auto parts = body(said)["contents"][2]["parts"];
    EXPECT_EQ(parts[0]["functionResponse"]["response"].dump(), R"({"error":"{\"a\":1}"})");
    EXPECT_EQ(parts[1]["functionResponse"]["response"].dump(), R"({"error":"No result provided"})");
}

TEST(GeminiContents, give_arguments_as_an_object_whatever_the_model_wrote) {
    const std::vector<std::pair<std::string, std::string>> table{{"", "{}"},
                                                                 {" \n", "{}"},
                                                                 {R"( {"b":1,"a":2} )", R"({"b":1,"a":2})"},
                                                                 {"[1]", R"({"_raw":"[1]"})"},
                                                                 {R"({"a":)", R"({"_raw":"{\"a\":"})"}};
    for (const auto& [given, expected] : table) {
        auto said = hello();
        said.messages.push_back(message(chat::Role::assistant, {call("c", "f", given)}));
        EXPECT_EQ(body(said)["contents"][1]["parts"][0]["functionCall"]["args"].dump(), expected);
    }
    auto said = hello();
    said.messages.push_back(message(chat::Role::assistant, {call("c", "f", "ls -l")}));
    std::get<chat::ToolCall>(said.messages[1].parts[0].what).custom = true;
    EXPECT_EQ(body(said)["contents"][1]["parts"][0]["functionCall"]["args"].dump(), R"({"input":"ls -l"})");
}

TEST(GeminiContents, leave_thoughts_and_empty_words_out) {
    auto said = hello();
    chat::Reasoning thought;
    thought.text = "Hm";
    thought.signature = "of another provider";
    said.messages.push_back(message(chat::Role::assistant, {{thought, {}}, text(""), text("Hello")}));
    said.messages.push_back(message(chat::Role::user, {text(" ")}));
    EXPECT_EQ(contents(said), R"([{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":)"
                              R"([{"text":"Hello"}]},{"role":"user","parts":[{"text":" "}]}])");
}

TEST(GeminiContents, give_texts_back_their_signatures) {
    chat::Reasoning signature;
    signature.signature = "U0l-H_";
    signature.origin = chat::Vendor::gemini;
    chat::Reasoning other = signature;
    other.origin = chat::Vendor::anthropic;
    auto said = hello();
    said.messages.push_back(message(
        chat::Role::assistant, {text("One"), {signature, {}}, {signature, {}}, text("Two"), {other, {}}}));
    said.messages.push_back(message(chat::Role::user, {text("And?")}));
    EXPECT_EQ(contents(said),
              R"([{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[)"
              R"({"text":"One","thoughtSignature":"U0l+H/"},{"text":"","thoughtSignature":"U0l+H/"},)"
              R"({"text":"Two"}]},{"role":"user","parts":[{"text":"And?"}]}])");
}

TEST(GeminiContents, end_with_the_users_turn) {
    auto said = hello();
    said.messages.push_back(message(chat::Role::assistant, {text("Once upon")}, 7));
    EXPECT_EQ(refused(said), "messages[7]");
    EXPECT_EQ(refused(said, gemini_3()), "");
}

TEST(GeminiContents, keep_the_bytes_of_an_unchanged_beginning) {
    auto said = tool_loop();
    const auto shorter = write(said, gemini_4())->body;
    said.messages.push_back(message(chat::Role::assistant, {text("42")}, 5));
    said.messages.push_back(message(chat::Role::user, {text("Why?")}, 6));
    const auto longer = write(said, gemini_4())->body;
    const auto end = shorter.find("]}],\"tools\"");
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(longer.substr(0, end), shorter.substr(0, end));
}

Conversation with_media(chat::Media media) {
    auto said = hello();
    said.messages[0].parts.push_back({std::move(media), {}});
    said.messages[0].index = 4;
    return said;
}

chat::Media media(chat::MediaKind kind, std::string type, std::string data, std::string url = "") {
    chat::Media out;
    out.kind = kind;
    out.media_type = std::move(type);
    out.data = std::move(data);
    out.url = std::move(url);
    return out;
}

std::string media_part(const chat::Media& media, const ModelFacts& facts = gemini_4()) {
    return body(with_media(media), facts)["contents"][0]["parts"][1].dump();
}

TEST(GeminiMedia, are_sent_as_bytes_or_links) {
    using chat::MediaKind;
    EXPECT_EQ(media_part(media(MediaKind::image, "image/jpeg", "iVBORw0KGgoAAAA")),
              R"({"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgoAAAA"}})");
    EXPECT_EQ(media_part(media(MediaKind::image, "image/heic", "AAAA")),
              R"({"inlineData":{"mimeType":"image/heic","data":"AAAA"}})");
    EXPECT_EQ(media_part(media(MediaKind::audio, "audio/mpeg", "AAAA")),
              R"({"inlineData":{"mimeType":"audio/mp3","data":"AAAA"}})");
    EXPECT_EQ(media_part(media(MediaKind::document, "application/pdf", "JVBE")),
              R"({"inlineData":{"mimeType":"application/pdf","data":"JVBE"}})");
    EXPECT_EQ(media_part(media(MediaKind::document, "text/plain", "Hello")),
              R"({"inlineData":{"mimeType":"text/plain","data":"SGVsbG8="}})");
    EXPECT_EQ(media_part(media(MediaKind::image, "", "", "https://example.org/a.png?x=1")),
              R"({"fileData":{"mimeType":"image/png","fileUri":"https://example.org/a.png?x=1"}})");
    EXPECT_EQ(media_part(media(MediaKind::image, "", "", "https://youtu.be/abc"), gemini_25()),
              R"({"fileData":{"fileUri":"https://youtu.be/abc"}})");
}

TEST(GeminiMedia, that_nobody_can_fetch_or_hear_are_refused) {
    using chat::MediaKind;
    EXPECT_EQ(refused(with_media(media(MediaKind::image, "", "", "https://example.org/a"))), "");
    EXPECT_EQ(refused(with_media(media(MediaKind::image, "", "", "https://example.org/a")), gemini_25()),
              "messages[4]");
    EXPECT_EQ(refused(with_media(media(MediaKind::image, "", "", "http://example.org/a"))), "messages[4]");
    chat::Media file;
    file.kind = MediaKind::document;
    file.file_id = "file-abc";
    EXPECT_EQ(refused(with_media(file)), "messages[4]");
    file.file_id = "https://generativelanguage.googleapis.com/v1beta/files/abc";
    EXPECT_EQ(media_part(file, gemini_25()), R"({"fileData":{"fileUri":")" + file.file_id + R"("}})");
    auto facts = gemini_4();
    facts.media = {"image"};
    EXPECT_EQ(refused(with_media(media(MediaKind::audio, "audio/wav", "AAAA")), facts), "messages[4]");
    EXPECT_EQ(refused(with_media(media(MediaKind::image, "image/png", "AAAA")), facts), "");
    EXPECT_EQ(refused(with_media(media(MediaKind::document, "text/plain", "a")), facts), "");
}

TEST(GeminiMedia, have_a_resolution_where_the_model_knows_one) {
    auto image = media(chat::MediaKind::image, "image/png", "AAAA");
    image.detail = "high";
    EXPECT_EQ(media_part(image), R"({"inlineData":{"mimeType":"image/png","data":"AAAA"},)"
                                 R"("mediaResolution":{"level":"MEDIA_RESOLUTION_HIGH"}})");
    EXPECT_THAT(dropped(with_media(image)), IsEmpty());
    EXPECT_THAT(dropped(with_media(image), gemini_25()), ElementsAre("image_url.detail"));
    image.detail = "auto";
    EXPECT_THAT(dropped(with_media(image), gemini_25()), IsEmpty());
}

TEST(GeminiMedia, of_a_result_are_part_of_it_or_follow_all_results) {
    auto said = hello();
    said.messages.push_back(message(chat::Role::assistant, {call("c", "f")}));
    auto answer = result("c", "see");
    std::get<chat::ToolResult>(answer.what)
        .parts.emplace_back(media(chat::MediaKind::image, "image/png", "AAAA"));
    said.messages.push_back(message(chat::Role::tool, {answer}));
    const std::string image = R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})";
    EXPECT_EQ(body(said)["contents"][2].dump(),
              R"({"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":)"
              R"({"output":"see"},"parts":[)" +
                  image + "]}}]}");
    const auto old = body(said, gemini_25())["contents"];
    ASSERT_EQ(old.size(), 4U);
    EXPECT_EQ(old[2].dump(), R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":)"
                             R"({"output":"see"}}}]})");
    EXPECT_EQ(old[3].dump(), R"({"role":"user","parts":[)" + image + "]}");
}

TEST(GeminiTools, are_declared_with_their_schemas) {
    auto said = hello();
    said.tools = {tool("f", R"({"type":"object","properties":{"a":{"type":["integer","null"]}}})"),
                  tool("none", R"({"type":"object","properties":{}})"), tool("unsaid")};
    said.tools[2].description.clear();
    const auto json = body(said);
    EXPECT_EQ(json["tools"].dump(),
              R"([{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":)"
              R"({"type":"object","properties":{"a":{"type":["integer","null"]}}}},)"
              R"({"name":"none","description":"d"},{"name":"unsaid","description":""}]}])");
    EXPECT_FALSE(json.contains("toolConfig"));
    EXPECT_EQ(body(said, gemini_20())["tools"][0]["functionDeclarations"][0]["parameters"].dump(),
              R"({"type":"OBJECT","properties":{"a":{"type":"INTEGER","nullable":true}}})");
}

TEST(GeminiTools, of_free_text_take_it_as_an_argument) {
    auto said = hello();
    said.tools = {tool("sh")};
    said.tools[0].custom = true;
    const auto written = write(said, gemini_4());
    ASSERT_TRUE(written);
    EXPECT_THAT(written->map.custom_tools, ElementsAre("sh"));
    EXPECT_EQ(body(said)["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["required"].dump(),
              R"(["input"])");
    EXPECT_THAT(dropped(said), IsEmpty());
    said.tools[0].schema = R"({"type":"grammar","grammar":{"syntax":"lark"}})";
    EXPECT_THAT(dropped(said), ElementsAre("tools"));
    said.tools[0].schema = R"({"type":"text"})";
    EXPECT_THAT(dropped(said), IsEmpty());
}

TEST(GeminiTools, have_names_that_gemini_takes_and_get_theirs_back) {
    auto said = hello();
    said.tools = {tool("7z"), tool("_7z"), tool("-x"), tool("fine")};
    const auto written = write(said, gemini_4());
    ASSERT_TRUE(written);
    EXPECT_THAT(written->map.names, ElementsAre(std::pair<std::string, std::string>("__7z", "7z"),
                                                std::pair<std::string, std::string>("_-x", "-x")));
    EXPECT_NE(written->body.find(R"("name":"__7z")"), std::string::npos);
}

TEST(GeminiTools, with_the_same_name_are_a_fault_of_the_request) {
    auto said = hello();
    said.tools = {tool("f"), tool("g"), tool("f")};
    const auto written = write(said, gemini_4());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(written.problem().param(), "tools[2]");
}

TEST(GeminiTools, with_a_schema_that_cannot_be_said_are_refused) {
    auto said = hello();
    said.tools = {tool("f"), tool("g", R"({"properties":{"a":{"$ref":"https://example.org/x"}}})")};
    EXPECT_EQ(refused(said), "tools[1]");
}

std::string choice(chat::ToolChoiceKind kind, std::vector<std::string> names = {}, bool must_call = false,
                   bool strict = false, const ModelFacts& facts = gemini_4()) {
    auto said = hello();
    said.tools = {tool("f"), tool("7z")};
    said.tools[0].strict = strict;
    said.tool_choice = {kind, std::move(names), must_call};
    const auto json = body(said, facts);
    return json.contains("toolConfig") ? json["toolConfig"]["functionCallingConfig"].dump() : "";
}

TEST(GeminiTools, are_chosen_as_the_client_says) {
    using enum chat::ToolChoiceKind;
    EXPECT_EQ(choice(unsaid), "");
    EXPECT_EQ(choice(unsaid, {}, false, true), R"({"mode":"VALIDATED"})");
    EXPECT_EQ(choice(automatic), R"({"mode":"AUTO"})");
    EXPECT_EQ(choice(automatic, {}, false, true), R"({"mode":"VALIDATED"})");
    EXPECT_EQ(choice(none), R"({"mode":"NONE"})");
    EXPECT_EQ(choice(required), R"({"mode":"ANY"})");
    EXPECT_EQ(choice(named, {"7z"}), R"({"mode":"ANY","allowedFunctionNames":["_7z"]})");
    EXPECT_EQ(choice(allowed, {"f"}, true), R"({"mode":"ANY","allowedFunctionNames":["f"]})");
    EXPECT_EQ(choice(allowed, {"f"}), R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})");
    auto facts = gemini_4();
    facts.forced_tool = false;
    EXPECT_EQ(choice(required, {}, false, false, facts), R"({"mode":"AUTO"})");
    EXPECT_EQ(choice(named, {"f"}, false, false, facts),
              R"({"mode":"VALIDATED","allowedFunctionNames":["f"]})");
    auto said = hello();
    said.tools = {tool("f")};
    said.tool_choice.kind = required;
    EXPECT_THAT(dropped(said, facts), ElementsAre("tool_choice"));
    said.tools.clear();
    EXPECT_FALSE(body(said).contains("toolConfig"));
}

Conversation structured(bool with_tool) {
    auto said = hello();
    said.output.kind = chat::OutputKind::json_schema;
    said.output.schema = R"({"type":"object","properties":{"b":{"type":"string"},"a":{"const":1}}})";
    if (with_tool) {
        said.tools = {tool("json")};
    }
    return said;
}

TEST(GeminiAnswerForm, is_said_natively_where_the_model_can) {
    const std::string schema =
        R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object","properties":)"
        R"({"b":{"type":"string"},"a":{"enum":[1]}},"propertyOrdering":["b","a"]}})";
    EXPECT_EQ(body(structured(false))["generationConfig"].dump(), "{" + schema);
    EXPECT_EQ(body(structured(true))["generationConfig"].dump(), "{" + schema);
    EXPECT_EQ(body(structured(false), gemini_20())["generationConfig"]["responseSchema"].dump(),
              R"({"type":"OBJECT","properties":{"b":{"type":"STRING"},"a":{"description":"One of: [1]"}}})");
    auto said = hello();
    said.output.kind = chat::OutputKind::json_object;
    EXPECT_EQ(body(said)["generationConfig"].dump(), R"({"responseMimeType":"application/json"})");
    EXPECT_THAT(dropped(said), IsEmpty());
}

TEST(GeminiAnswerForm, is_a_function_where_schemas_and_tools_exclude_each_other) {
    const auto said = structured(true);
    const auto written = write(said, gemini_25());
    ASSERT_TRUE(written);
    EXPECT_EQ(written->map.json_tool, "json_");
    EXPECT_TRUE(written->map.json_waits);
    const auto json = body(said, gemini_25());
    EXPECT_EQ(json["tools"][0]["functionDeclarations"][1]["name"], "json_");
    EXPECT_EQ(json["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"ANY"})");
    EXPECT_EQ(json["generationConfig"].dump(), "{}");

    auto none = said;
    none.tool_choice.kind = chat::ToolChoiceKind::none;
    EXPECT_EQ(body(none, gemini_25())["toolConfig"]["functionCallingConfig"].dump(),
              R"({"mode":"ANY","allowedFunctionNames":["json_"]})");
    auto forced = said;
    forced.tool_choice = {chat::ToolChoiceKind::named, {"json"}, false};
    EXPECT_EQ(body(forced, gemini_25())["toolConfig"]["functionCallingConfig"].dump(),
              R"({"mode":"ANY","allowedFunctionNames":["json"]})");
    EXPECT_EQ(refused(forced), "tool_choice");

    auto facts = gemini_25();
    facts.output_schema = false;
    const auto alone = write(structured(false), facts);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->map.json_tool, "json");
    EXPECT_FALSE(alone->map.json_waits);
    facts.forced_tool = false;
    EXPECT_EQ(refused(structured(false), facts), "response_format");
}

TEST(GeminiAnswerForm, is_asked_for_where_nothing_else_is_left) {
    auto said = hello();
    said.output.kind = chat::OutputKind::json_object;
    said.tools = {tool("f")};
    EXPECT_EQ(body(said, gemini_25())["systemInstruction"].dump(),
              R"({"parts":[{"text":"Answer with one JSON object and nothing else."}]})");
    EXPECT_THAT(dropped(said, gemini_25()), ElementsAre("response_format"));
    EXPECT_EQ(body(said)["generationConfig"]["responseMimeType"], "application/json");
}

TEST(GeminiAnswerForm, beside_tools_leaves_the_choice_to_the_model) {
    auto said = structured(true);
    said.tools[0].strict = true;
    said.tool_choice.kind = chat::ToolChoiceKind::automatic;
    EXPECT_EQ(body(said)["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"AUTO"})");
    said.tool_choice = {chat::ToolChoiceKind::allowed, {"json"}, false};
    EXPECT_EQ(body(said)["toolConfig"]["functionCallingConfig"].dump(), R"({"mode":"AUTO"})");
    EXPECT_THAT(dropped(said), ElementsAre("tool_choice"));
    said.tool_choice.must_call = true;
    EXPECT_EQ(refused(said), "tool_choice");
}

TEST(GeminiGeneration, maps_what_the_model_takes) {
    auto said = hello();
    said.max_tokens = 100;
    said.temperature = 0.5;
    said.top_p = 0.9;
    said.top_k = 40;
    said.choices = 2;
    said.stop = {"a", "", "b"};
    said.presence_penalty = 0.5;
    said.frequency_penalty = -1;
    said.seed = 7;
    said.service_tier = "fast";
    const auto json = body(said, gemini_3());
    EXPECT_EQ(json["generationConfig"].dump(),
              R"({"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"topK":40,"candidateCount":2,"seed":7,)"
              R"("stopSequences":["a","b"],"presencePenalty":0.5,"frequencyPenalty":-1})");
    EXPECT_EQ(json["serviceTier"], "priority");
    EXPECT_THAT(dropped(said, gemini_3()), IsEmpty());
}

TEST(GeminiGeneration, names_what_the_model_does_not_take) {
    auto said = hello();
    said.temperature = 0.5;
    said.top_p = 0.9;
    said.top_k = 40;
    said.presence_penalty = 0.5;
    said.frequency_penalty = -1;
    said.service_tier = "scale";
    said.end_user = "u";
    said.tools = {tool("f")};
    said.parallel_tool_calls = false;
    said.messages[0].name = "Ann";
    said.messages[0].parts[0].cache = chat::CacheLifetime::one_hour;
    said.others = {{"logit_bias", R"({"1":2})"}, {"verbosity", "\"low\""}, {"metadata", R"({"a":"b"})"}};
    EXPECT_THAT(dropped(said),
                ElementsAre("cache_control", "frequency_penalty", "logit_bias", "messages.name", "metadata",
                            "parallel_tool_calls", "presence_penalty", "service_tier", "temperature", "top_k",
                            "top_p", "user", "verbosity"));
    EXPECT_EQ(body(said)["generationConfig"].dump(), "{}");
}

TEST(GeminiGeneration, is_silent_about_defaults) {
    auto said = hello();
    said.temperature = 1;
    said.top_p = 1;
    said.presence_penalty = 0;
    said.frequency_penalty = 0;
    said.service_tier = "default";
    said.parallel_tool_calls = true;
    said.top_logprobs = 3;
    EXPECT_THAT(dropped(said), IsEmpty());
    EXPECT_EQ(body(said)["generationConfig"].dump(), "{}");
}

TEST(GeminiGeneration, refuses_what_the_caller_relies_on) {
    auto several = hello();
    several.choices = 2;
    EXPECT_EQ(refused(several), "n");
    auto logprobs = hello();
    logprobs.logprobs = true;
    EXPECT_EQ(refused(logprobs), "logprobs");
    auto able = gemini_4();
    able.logprobs = true;
    logprobs.top_logprobs = 3;
    EXPECT_EQ(body(logprobs, able)["generationConfig"].dump(), R"({"responseLogprobs":true,"logprobs":3})");
    for (const char* name : {"web_search_options", "audio"}) {
        auto said = hello();
        said.others = {{name, "{}"}};
        EXPECT_EQ(refused(said), name);
    }
    auto spoken = hello();
    spoken.others = {{"modalities", R"(["text","audio"])"}};
    EXPECT_EQ(refused(spoken), "modalities");
    spoken.others = {{"modalities", R"(["text","image"])"}};
    EXPECT_EQ(body(spoken)["generationConfig"].dump(), R"({"responseModalities":["TEXT","IMAGE"]})");
}

TEST(GeminiGeneration, keeps_the_limit_within_the_models) {
    const auto limit = [](std::int64_t tokens, const ModelFacts& facts) {
        auto said = hello();
        said.max_tokens = tokens;
        const bool changed = dropped(said, facts) == std::vector<std::string>{"max_completion_tokens"};
        return std::pair(body(said, facts)["generationConfig"]["maxOutputTokens"].get<std::int64_t>(),
                         changed);
    };
    EXPECT_EQ(limit(10, gemini_4()), std::pair(std::int64_t{1024}, true));
    EXPECT_EQ(limit(10, gemini_3()), std::pair(std::int64_t{10}, false));
    EXPECT_EQ(limit(2000, gemini_4()), std::pair(std::int64_t{2000}, false));
    EXPECT_EQ(limit(100'000, gemini_4()), std::pair(std::int64_t{65'536}, true));
}

TEST(GeminiGeneration, folds_seeds_into_31_bits) {
    const auto seed = [](std::int64_t value) {
        auto said = hello();
        said.seed = value;
        return body(said)["generationConfig"]["seed"].get<std::int64_t>();
    };
    EXPECT_EQ(seed(2'147'483'647), 2'147'483'647);
    EXPECT_EQ(seed(-5), -5);
    EXPECT_EQ(seed(2'147'483'648), 0);
    EXPECT_EQ(seed((std::int64_t{5} << 31U) + 9), 9);
}

TEST(GeminiGeneration, takes_five_stops) {
    auto said = hello();
    said.stop = {"1", "2", "3", "4", "5"};
    EXPECT_THAT(dropped(said), IsEmpty());
    said.stop.emplace_back("6");
    EXPECT_THAT(dropped(said), ElementsAre("stop"));
    EXPECT_EQ(body(said)["generationConfig"]["stopSequences"].size(), 5U);
}

TEST(GeminiGeneration, passes_googles_own_words_on) {
    auto said = hello();
    said.reasoning.effort = Effort::high;
    said.others = {
        {"extra_body",
         R"({"google":{"thinking_config":{"thinking_budget":5},"cached_content":"cachedContents/a",)"
         R"("safety_settings":[{"category":"C","threshold":"OFF"}]}})"}};
    const auto json = body(said);
    EXPECT_EQ(json["generationConfig"].dump(), R"({"thinkingConfig":{"thinking_budget":5}})");
    EXPECT_EQ(json["cachedContent"], "cachedContents/a");
    EXPECT_EQ(json["safetySettings"].dump(), R"([{"category":"C","threshold":"OFF"}])");
    EXPECT_THAT(dropped(said), IsEmpty());
    said.others = {{"extra_body", R"({"google":{"unheard_of":1}})"}};
    EXPECT_THAT(dropped(said), ElementsAre("extra_body"));
    said.others = {{"extra_body", R"({"other":{}})"}};
    EXPECT_THAT(dropped(said), ElementsAre("extra_body"));
    said.others = {{"safety_settings", "[]"}};
    EXPECT_EQ(body(said)["safetySettings"].dump(), "[]");
}

/// `thinkingConfig`, and `!` behind it when the wish could not be honoured to the letter.
std::string thinking(const chat::ReasoningWish& wish, const ModelFacts& facts,
                     std::optional<std::int64_t> max_tokens = {}) {
    auto said = hello();
    said.reasoning = wish;
    said.max_tokens = max_tokens;
    const auto json = body(said, facts)["generationConfig"];
    const bool changed = dropped(said, facts) == std::vector<std::string>{"reasoning_effort"};
    return (json.contains("thinkingConfig") ? json["thinkingConfig"].dump() : "") + (changed ? "!" : "");
}

chat::ReasoningWish effort(Effort effort) {
    return {effort, {}, false};
}

TEST(GeminiThinking, has_the_nearest_level_below_what_was_asked_for) {
    const auto level = [](Effort asked, const ModelFacts& facts) { return thinking(effort(asked), facts); };
    EXPECT_EQ(level(Effort::unsaid, gemini_3()), "");
    EXPECT_EQ(level(Effort::none, gemini_3()), R"({"thinkingLevel":"MINIMAL"}!)");
    EXPECT_EQ(level(Effort::none, gemini_4()), R"({"thinkingLevel":"LOW"}!)");
    EXPECT_EQ(level(Effort::minimal, gemini_3()), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(level(Effort::minimal, gemini_4()), R"({"thinkingLevel":"LOW"}!)");
    EXPECT_EQ(level(Effort::low, gemini_4()), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(level(Effort::medium, gemini_4()), R"({"thinkingLevel":"MEDIUM"})");
    EXPECT_EQ(level(Effort::high, gemini_4()), R"({"thinkingLevel":"HIGH"})");
    EXPECT_EQ(level(Effort::xhigh, gemini_4()), R"({"thinkingLevel":"HIGH"}!)");
    auto neon = gemini_4();
    neon.efforts.push_back(Effort::xhigh);
    EXPECT_EQ(level(Effort::xhigh, neon), R"({"thinkingLevel":"XHIGH"})");
    EXPECT_EQ(level(Effort::max, neon), R"({"thinkingLevel":"XHIGH"}!)");
}

TEST(GeminiThinking, has_a_share_of_the_answer_as_its_budget) {
    const auto budget = [](Effort asked, const ModelFacts& facts) { return thinking(effort(asked), facts); };
    auto flash = gemini_25();
    flash.budget_range = {{0, 24'576}};
    EXPECT_EQ(budget(Effort::none, flash), R"({"thinkingBudget":0})");
    EXPECT_EQ(budget(Effort::none, gemini_25()), R"({"thinkingBudget":128}!)");
    EXPECT_EQ(budget(Effort::minimal, flash), R"({"thinkingBudget":1310})");
    EXPECT_EQ(budget(Effort::low, flash), R"({"thinkingBudget":6553})");
    EXPECT_EQ(budget(Effort::medium, flash), R"({"thinkingBudget":19660})");
    EXPECT_EQ(budget(Effort::high, flash), R"({"thinkingBudget":24576})");
    EXPECT_EQ(budget(Effort::max, gemini_25()), R"({"thinkingBudget":32768})");
}

TEST(GeminiThinking, takes_budgets_as_they_are_or_as_levels) {
    const auto budget = [](std::int64_t tokens, const ModelFacts& facts,
                           std::optional<std::int64_t> max_tokens = {}) {
        return thinking({Effort::unsaid, tokens, false}, facts, max_tokens);
    };
    EXPECT_EQ(budget(1000, gemini_25()), R"({"thinkingBudget":1000})");
    EXPECT_EQ(budget(10, gemini_25()), R"({"thinkingBudget":128}!)");
    EXPECT_EQ(budget(100'000, gemini_25()), R"({"thinkingBudget":32768}!)");
    EXPECT_EQ(budget(-1, gemini_25()), R"({"thinkingBudget":-1})");
    EXPECT_EQ(budget(0, gemini_3()), R"({"thinkingLevel":"MINIMAL"}!)");
    EXPECT_EQ(budget(1000, gemini_3()), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(budget(1000, gemini_3(), 5100), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(budget(1000, gemini_3(), 3000), R"({"thinkingLevel":"MEDIUM"})");
    EXPECT_EQ(budget(1000, gemini_3(), 2000), R"({"thinkingLevel":"HIGH"})");
    EXPECT_EQ(budget(-1, gemini_3()), "");
}

TEST(GeminiThinking, is_shown_when_the_client_wants_to_see_it) {
    EXPECT_EQ(thinking({Effort::unsaid, {}, true}, gemini_3()), R"({"includeThoughts":true})");
    EXPECT_EQ(thinking({Effort::low, {}, true}, gemini_25()),
              R"({"includeThoughts":true,"thinkingBudget":6553})");
}

TEST(GeminiThinking, is_not_asked_of_a_model_that_cannot) {
    EXPECT_EQ(thinking({Effort::high, {}, true}, gemini_20()), "!");
    EXPECT_EQ(thinking({Effort::none, {}, true}, gemini_20()), "");
    EXPECT_EQ(thinking({Effort::unsaid, {}, true}, gemini_20()), "");
}

TEST(GeminiRequest, without_anything_to_answer_is_a_fault) {
    const auto written = write(Conversation{}, gemini_4());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(written.problem().param(), "messages");
}

}  // namespace
}  // namespace gatehouse::dialect
