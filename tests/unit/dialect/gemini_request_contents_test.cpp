// How a conversation is written for Gemini: messages and media, for models of each generation.
#include "gemini_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::gemini_asked;

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

}  // namespace
}  // namespace gatehouse::dialect
