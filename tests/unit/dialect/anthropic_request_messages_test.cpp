// Requests for Anthropic: messages and what is in them (wire-formats 8.2, 8.4).
#include "anthropic_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::anthropic_asked;

TEST(AnthropicMessages, system_stands_apart_and_marks_stay_on_their_blocks) {
    chat::Conversation said;
    auto rules = text("rules");
    rules.cache = chat::CacheLifetime::five_minutes;
    say(said, Role::system, {rules});
    say(said, Role::developer, {text("more")});
    say(said, Role::user, {text("hi")});
    EXPECT_EQ(send(said).body["system"],
              parsed(R"([{"type":"text","text":"rules","cache_control":{"type":"ephemeral"}},)"
                     R"({"type":"text","text":"more"}])"));
}

TEST(AnthropicMessages, later_system_messages_follow_the_model) {
    auto said = asked();
    say(said, Role::system, {text("s")});
    EXPECT_EQ(messages(said), parsed(R"([{"role":"user","content":[{"type":"text","text":"hi"},)"
                                     R"({"type":"text","text":"<system>s</system>"}]}])"));
    chat::ModelFacts facts;
    facts.later_system = true;
    EXPECT_EQ(messages(said, facts), parsed(R"([{"role":"user","content":[{"type":"text","text":"hi"}]},)"
                                            R"({"role":"system","content":[{"type":"text","text":"s"}]}])"));
}

TEST(AnthropicMessages, calls_and_results_are_blocks) {
    auto said = asked();
    say(said, Role::assistant,
        {text("let me"), call("A", R"({"b":1,"a":[ 2 ]})"), call("B", " "), call("C", "[1"),
         call("D", "[1]")});
    auto last = result("B", "");
    last.cache = chat::CacheLifetime::five_minutes;
    say(said, Role::tool, {last});
    say(said, Role::tool, {result("A", "42")});
    say(said, Role::user, {text("and?")});
    const auto turns = messages(said);
    EXPECT_EQ(turns[1]["content"],
              parsed(R"([{"type":"text","text":"let me"},)"
                     R"({"type":"tool_use","id":"A","name":"f","input":{"b":1,"a":[2]}},)"
                     R"({"type":"tool_use","id":"B","name":"f","input":{}},)"
                     R"({"type":"tool_use","id":"C","name":"f","input":{"_raw":"[1"}},)"
                     R"({"type":"tool_use","id":"D","name":"f","input":{"_raw":"[1]"}}])"));
    EXPECT_EQ(
        turns[2]["content"],
        parsed(
            R"([{"type":"tool_result","tool_use_id":"A","content":"42"},)"
            R"({"type":"tool_result","tool_use_id":"B","content":"","cache_control":{"type":"ephemeral"}},)"
            R"({"type":"tool_result","tool_use_id":"C","content":"No result provided","is_error":true},)"
            R"({"type":"tool_result","tool_use_id":"D","content":"No result provided","is_error":true},)"
            R"({"type":"text","text":"and?"}])"));
}

TEST(AnthropicMessages, results_may_hold_pictures) {
    auto said = asked();
    say(said, Role::assistant, {call("A")});
    auto seen = result("A", "see:");
    auto& made = std::get<chat::ToolResult>(seen.what);
    chat::Media image;
    image.url = "https://example.org/a.png";
    made.parts.emplace_back(chat::Text{" "});
    made.parts.emplace_back(image);
    made.is_error = true;
    say(said, Role::tool, {seen});
    EXPECT_EQ(messages(said)[2]["content"][0],
              parsed(R"({"type":"tool_result","tool_use_id":"A","content":[{"type":"text","text":"see:"},)"
                     R"({"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]})"));
}

TEST(AnthropicMessages, a_prefill_is_for_the_models_that_take_it) {
    auto said = asked();
    say(said, Role::assistant, {text("{ \n")});
    EXPECT_EQ(send(said).refused, "messages[1]");
    EXPECT_EQ(messages(said, budget_model())[1]["content"][0]["text"], "{");
    said.reasoning.effort = Effort::high;
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"reasoning_effort"});
}

TEST(AnthropicMessages, of_more_than_four_cache_marks_the_last_stay) {
    chat::Conversation said;
    for (int i = 0; i < 6; ++i) {
        auto part = text(std::to_string(i));
        part.cache = chat::CacheLifetime::five_minutes;
        say(said, i < 2 ? Role::system : Role::user, {part});
    }
    const auto sent = send(said);
    EXPECT_FALSE(sent.body["system"][1].contains("cache_control"));
    EXPECT_TRUE(sent.body["messages"][0]["content"][0].contains("cache_control"));
    EXPECT_EQ(sent.dropped, Names{"cache_control"});
}

TEST(AnthropicIds, are_pure_short_and_plain) {
    EXPECT_EQ(anthropic_id("toolu_01-A"), "toolu_01-A");
    EXPECT_EQ(anthropic_id(std::string(64, 'a')), std::string(64, 'a'));
    for (const auto& id :
         {std::string(450, 'a'), std::string("call.1"), std::string(), std::string("\u00e9")}) {
        const auto made = anthropic_id(id);
        EXPECT_EQ(made, anthropic_id(id));
        EXPECT_LE(made.size(), 64U);
        EXPECT_EQ(made, anthropic_id(made)) << "fits by now";
    }
    EXPECT_NE(anthropic_id("call.1"), anthropic_id("call_1"));
    EXPECT_NE(anthropic_id(std::string(450, 'a')), anthropic_id(std::string(451, 'a')));
}

TEST(AnthropicIds, are_the_same_for_call_and_result_and_unique_in_a_request) {
    auto said = asked();
    const std::string id(450, 'x');
    for (int i = 0; i < 2; ++i) {
        say(said, Role::assistant, {call(id)});
        say(said, Role::tool, {result(id, std::to_string(i))});
    }
    const auto turns = messages(said);
    for (const std::size_t at : {1U, 3U}) {
        EXPECT_EQ(turns[at]["content"][0]["id"], turns[at + 1]["content"][0]["tool_use_id"]);
    }
    EXPECT_NE(turns[1]["content"][0]["id"], turns[3]["content"][0]["id"]);
}

chat::Conversation in_a_loop(std::vector<Part> thoughts) {
    auto said = asked();
    thoughts.push_back(call("A"));
    say(said, Role::assistant, std::move(thoughts));
    say(said, Role::tool, {result("A", "1")});
    said.tools = {tool("f")};
    return said;
}

TEST(AnthropicThoughts, go_back_verbatim_while_the_model_thinks) {
    auto said = in_a_loop({thought("hm \u00fc", "c2ln"), thought("", "", "eHh4")});
    EXPECT_EQ(messages(said, bound_model())[1]["content"][0],
              parsed(R"({"type":"thinking","thinking":"hm ü","signature":"c2ln"})"));
    EXPECT_EQ(messages(said, bound_model())[1]["content"][1],
              parsed(R"({"type":"redacted_thinking","data":"eHh4"})"));
    EXPECT_EQ(messages(said, effort_model())[1]["content"].size(), 1U) << "it does not think here";
}

TEST(AnthropicThoughts, go_back_all_or_not_at_all) {
    EXPECT_EQ(
        messages(in_a_loop({thought("hm", "c2ln"), thought("no signature", "")}), bound_model())[1]["content"]
            .size(),
        1U);
    EXPECT_EQ(messages(in_a_loop({thought("hm", "gh1.gemini.c2ln")}), bound_model())[1]["content"].size(),
              1U);
}

TEST(AnthropicThoughts, that_a_loop_lacks_end_thinking_with_a_budget) {
    auto with = in_a_loop({thought("hm", "c2ln")});
    with.reasoning.effort = Effort::high;
    EXPECT_TRUE(send(with, budget_model()).body.contains("thinking"));
    auto without = in_a_loop({});
    without.reasoning.effort = Effort::high;
    const auto sent = send(without, budget_model());
    EXPECT_FALSE(sent.body.contains("thinking"));
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    say(without, Role::assistant, {text("done")});
    say(without, Role::user, {text("next")});
    EXPECT_TRUE(send(without, budget_model()).body.contains("thinking")) << "the loop is over";
}

JsonValue media(const chat::Media& what, const chat::ModelFacts& facts = {}) {
    auto said = asked();
    said.messages[0].parts.push_back(Part{what, {}});
    const auto sent = send(said, facts);
    return sent.refused.empty() ? sent.body["messages"][0]["content"][1] : JsonValue(sent.refused);
}

chat::Media data(chat::MediaKind kind, std::string type, std::string base64) {
    chat::Media made;
    made.kind = kind;
    made.media_type = std::move(type);
    made.data = std::move(base64);
    return made;
}

TEST(AnthropicMedia, images_are_what_their_bytes_say) {
    const auto type = [](std::string said, std::string base64) {
        const auto block = media(data(chat::MediaKind::image, std::move(said), std::move(base64)));
        return block.is_object() ? block["source"]["media_type"].text() : "refused";
    };
    EXPECT_EQ(type("image/png", "iVBORw0KGgo="), "image/png");
    EXPECT_EQ(type("image/png", "/9j/4AAQSkZJRg=="), "image/jpeg");
    EXPECT_EQ(type("image/jpeg", "R0lGODlhAQABAA=="), "image/gif");
    EXPECT_EQ(type("image/bmp", "UklGRiQAAABXRUJQVlA4IA=="), "image/webp");
    EXPECT_EQ(type("image/webp", "AAAA"), "image/webp");
    EXPECT_EQ(type("image/bmp", "Qk0AAA=="), "refused");
}

TEST(AnthropicMedia, links_files_and_documents) {
    chat::Media image;
    image.url = "https://example.org/a.png";
    image.detail = "auto";
    EXPECT_EQ(media(image),
              parsed(R"({"type":"image","source":{"type":"url","url":"https://example.org/a.png"}})"));
    image.url = "http://example.org/a.png";
    EXPECT_EQ(media(image), "messages[0]");
    auto pdf = data(chat::MediaKind::document, "application/pdf", "JVBERg==");
    pdf.name = "a.pdf";
    EXPECT_EQ(media(pdf),
              parsed(R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
                     R"("data":"JVBERg=="},"title":"a.pdf"})"));
    EXPECT_EQ(
        media(data(chat::MediaKind::document, "text/markdown", "# A")),
        parsed(R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"# A"}})"));
    EXPECT_EQ(media(data(chat::MediaKind::document, "application/zip", "AAAA")), "messages[0]");
    EXPECT_EQ(media(data(chat::MediaKind::audio, "audio/wav", "AAAA")), "messages[0]");
}

TEST(AnthropicMedia, files_of_the_provider_need_a_beta) {
    auto said = asked();
    chat::Media file;
    file.kind = chat::MediaKind::document;
    file.file_id = "file_01";
    said.messages[0].parts.push_back(Part{file, {}});
    const auto sent = send(said);
    EXPECT_EQ(sent.body["messages"][0]["content"][1]["source"],
              parsed(R"({"type":"file","file_id":"file_01"})"));
    EXPECT_EQ(sent.fields, std::string(new_version) + "anthropic-beta: files-api-2025-04-14\r\n");
    file.file_id = "file-openai";
    EXPECT_EQ(media(file), "messages[0]");
}

TEST(AnthropicMedia, follows_what_the_model_takes) {
    chat::ModelFacts facts;
    facts.media = {"image"};
    EXPECT_TRUE(media(data(chat::MediaKind::image, "image/png", "iVBORw0KGgo="), facts).is_object());
    EXPECT_EQ(media(data(chat::MediaKind::document, "application/pdf", "JVBERg=="), facts), "messages[0]");
    EXPECT_TRUE(media(data(chat::MediaKind::document, "text/plain", "a"), facts).is_object());
    auto said = asked();
    auto image = data(chat::MediaKind::image, "image/png", "iVBORw0KGgo=");
    image.detail = "low";
    said.messages[0].parts.push_back(Part{image, {}});
    EXPECT_EQ(send(said).dropped, Names{"image_url.detail"});
}

TEST(AnthropicPrefix, of_a_longer_conversation_is_the_same_to_the_byte) {
    chat::Conversation said;
    say(said, Role::system, {text("rules")});
    say(said, Role::user, {text("hi")});
    said.tools = {tool("f")};
    TranslateOptions options;
    options.model = "claude-x";
    const auto shorter = write_anthropic(said, false, options);
    say(said, Role::assistant, {text("ok"), call("A.1", R"({"a":1})")});
    say(said, Role::tool, {result("A.1", "1")});
    const auto longer = write_anthropic(said, false, options);
    ASSERT_TRUE(shorter && longer);
    const auto prefix = shorter->body.substr(0, shorter->body.size() - 2);  // without `]}`
    EXPECT_TRUE(longer->body.starts_with(prefix)) << prefix << "\n" << longer->body;
}

}  // namespace
}  // namespace gatehouse::dialect
