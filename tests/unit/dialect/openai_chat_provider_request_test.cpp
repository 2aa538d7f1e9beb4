// Requests for OpenAI's chat completions, field by field (wire-formats 2.1, 2.2, 10.1, 18.1), lossy and
// strict.
#include "json/json_value.hpp"
#include "openai_saying.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::Part;
using chat::Role;
using chat::ToolChoiceKind;
using test::JsonValue;
using Names = std::vector<std::string>;

struct Sent {
    JsonValue body;
    Names dropped;
    ReplyMap map;
    std::string refused;  // param
};

Sent send(const chat::Conversation& said, const chat::ModelFacts& facts = {}, bool strict = false,
          bool stream = false) {
    TranslateOptions options;
    options.model = "gpt-x";
    options.facts = &facts;
    options.strict = strict;
    auto written = write_openai_chat(said, stream, options);
    Sent sent;
    if (!written) {
        sent.refused = written.problem().param();
        return sent;
    }
    sent.body = JsonValue::parsed(written->body);
    EXPECT_TRUE(sent.body.is_object()) << written->body;
    EXPECT_EQ(written->path, "/chat/completions");
    EXPECT_EQ(written->fields, "");
    sent.dropped = written->dropped;
    sent.map = written->map;
    return sent;
}

std::string messages(const chat::Conversation& said, const chat::ModelFacts& facts = {}) {
    return send(said, facts).body["messages"].dump();
}

TEST(OpenaiChatRequest, SaysWhatMustBeSaidAndNothingElse) {
    EXPECT_EQ(send(asked()).body.dump(), R"({"model":"gpt-x","messages":[{"role":"user","content":"hi"}]})");
    EXPECT_EQ(send(asked(), reasoning_model(), true).refused, "");
    const auto stream = send(asked(), {}, false, true).body;
    EXPECT_EQ(stream["stream"], true);
    EXPECT_EQ(stream["stream_options"].dump(), R"({"include_usage":true})");
    EXPECT_EQ(send({}).refused, "messages");
}

TEST(OpenaiChatRequest, NamesTheLimitAsTheServerKnowsIt) {
    auto said = asked();
    said.max_tokens = 100;
    EXPECT_EQ(send(said, reasoning_model()).body["max_completion_tokens"], 100);
    EXPECT_EQ(send(said).body["max_tokens"], 100);
    said.max_tokens = 1'000'000;
    const auto lowered = send(said, plain_model());
    EXPECT_EQ(lowered.body["max_completion_tokens"], 32'768);
    EXPECT_EQ(lowered.dropped, Names{"max_completion_tokens"});
}

TEST(OpenaiChatRequest, InstructsReasoningModelsAsTheirDeveloper) {
    chat::Conversation said;
    say(said, Role::system, {text("a"), text("b")});
    say(said, Role::user, {text("hi")});
    EXPECT_EQ(messages(said, reasoning_model()),
              R"([{"role":"developer","content":"a\n\nb"},{"role":"user","content":"hi"}])");
    EXPECT_EQ(messages(said, plain_model()),
              R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"hi"}])");
    say(said, Role::system, {text("c")});
    say(said, Role::user, {text("d")});
    EXPECT_EQ(messages(said), R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"hi"},)"
                              R"({"role":"system","content":"c"},{"role":"user","content":"d"}])");
}

TEST(OpenaiChatRequest, AnswersEveryCallBeforeAllElse) {
    auto said = asked();
    say(said, Role::assistant, {text("t"), call("a", ""), call("b", R"({"x":1})")});
    say(said, Role::user, {text("and?"), result("b", {chat::Text{"1"}, chat::Text{"2"}}, true)});
    EXPECT_EQ(messages(said),
              R"([{"role":"user","content":"hi"},{"role":"assistant","content":"t","tool_calls":[)"
              R"({"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},)"
              R"({"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},)"
              R"({"role":"tool","tool_call_id":"a","content":"Error: No result provided"},)"
              R"({"role":"tool","tool_call_id":"b","content":"Error: 1\n2"},)"
              R"({"role":"user","content":"and?"}])");
}

TEST(OpenaiChatRequest, ShowsPicturesOfResultsInTheUsersMessage) {
    auto said = asked();
    say(said, Role::assistant, {call("a")});
    say(said, Role::tool,
        {result("a", {chat::Text{"see"}, media(chat::MediaKind::image, "image/png", "QUJD")})});
    const auto sent = send(said).body["messages"];
    EXPECT_EQ(sent[1]["content"], nullptr);
    EXPECT_EQ(sent[2]["content"], "see\n[image below]");
    EXPECT_EQ(sent[3].dump(), R"({"role":"user","content":[{"type":"image_url","image_url":)"
                              R"({"url":"data:image/png;base64,QUJD"}}]})");
}

TEST(OpenaiChatRequest, ShortensIdsTheSameInCallAndResult) {
    auto said = asked();
    say(said, Role::assistant, {call(std::string(60, 'a'))});
    say(said, Role::tool, {result(std::string(60, 'a'), {chat::Text{"1"}})});
    const auto sent = send(said).body["messages"];
    const auto id = sent[1]["tool_calls"][0]["id"].text();
    EXPECT_LE(id.size(), 40U);
    EXPECT_EQ(sent[2]["tool_call_id"], id);
}

struct MediaCase {
    chat::Media media;
    const char* written;  // empty: refused
};

TEST(OpenaiChatRequest, WritesMediaAsParts) {
    auto linked = media(chat::MediaKind::image, "", "");
    linked.url = "https://x/y.png";
    linked.detail = "low";
    auto titled = media(chat::MediaKind::document, "text/plain", "body");
    titled.name = "a.txt";
    auto own = media(chat::MediaKind::document, "", "");
    own.file_id = "file-1";
    auto foreign = own;
    foreign.file_id = "file_1";
    auto remote = media(chat::MediaKind::document, "application/pdf", "");
    remote.url = "https://x/y.pdf";
    const std::vector<MediaCase> cases{
        {linked, R"({"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}})"},
        {titled, R"({"type":"text","text":"a.txt\n\nbody"})"},
        {media(chat::MediaKind::document, "application/pdf", "QQ=="),
         R"({"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,QQ=="}})"},
        {own, R"({"type":"file","file":{"file_id":"file-1"}})"},
        {media(chat::MediaKind::audio, "audio/mpeg", "QQ=="),
         R"({"type":"input_audio","input_audio":{"data":"QQ==","format":"mp3"}})"},
        {foreign, ""},
        {remote, ""},
        {media(chat::MediaKind::audio, "audio/ogg", "QQ=="), ""},
        {media(chat::MediaKind::document, "application/zip", "QQ=="), ""}};
    for (const auto& [part, written] : cases) {
        chat::Conversation said;
        say(said, Role::user, {Part{part, {}}});
        const auto sent = send(said);
        if (*written == '\0') {
            EXPECT_EQ(sent.refused, "messages[0]");
        } else {
            EXPECT_EQ(sent.body["messages"][0]["content"][0].dump(), written);
        }
    }
    auto blind = plain_model();
    blind.media = {"text"};
    chat::Conversation said;
    say(said, Role::user, {Part{linked, {}}});
    EXPECT_EQ(send(said, blind).refused, "messages[0]");
}

TEST(OpenaiChatRequest, WritesToolsNestedAndClosesThemOnlyWhenAsked) {
    auto said = asked();
    said.tools = {
        tool(
            "f",
            R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["a"]})"),
        tool("g", "")};
    said.tools[0].description = "d";
    EXPECT_EQ(
        send(said).body["tools"].dump(),
        R"([{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object",)"
        R"("properties":{"b":{"type":"string"},"a":{"type":"integer"}},"required":["a"]}}},)"
        R"({"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}])");
    said.tools[0].strict = true;
    EXPECT_EQ(
        send(said).body["tools"][0]["function"].dump(),
        R"({"name":"f","description":"d","parameters":{"type":"object","properties":{"b":{"type":["string","null"]},)"
        R"("a":{"type":"integer"}},"required":["b","a"],"additionalProperties":false},"strict":true})");
    said.tools[0].schema = R"({"type":"object","properties":{"m":{"type":"object"}}})";
    EXPECT_EQ(send(said).dropped, Names{"tools.strict"});
    EXPECT_EQ(send(said, {}, true).refused, "tools.strict");
}

TEST(OpenaiChatRequest, SpeaksOfToolChoiceOnlyBesideTools) {
    auto said = asked();
    said.parallel_tool_calls = false;
    said.tool_choice = {ToolChoiceKind::automatic, {}, false};
    EXPECT_FALSE(send(said).body.contains("tool_choice"));
    EXPECT_FALSE(send(said).body.contains("parallel_tool_calls"));
    said.tools = {tool("f"), tool("g")};
    EXPECT_EQ(send(said).body["tool_choice"], "auto");
    EXPECT_EQ(send(said).body["parallel_tool_calls"], false);
    said.tool_choice = {ToolChoiceKind::required, {}, false};
    EXPECT_EQ(send(said).body["tool_choice"], "required");
    said.tool_choice = {ToolChoiceKind::named, {"g"}, false};
    EXPECT_EQ(send(said).body["tool_choice"].dump(), R"({"type":"function","function":{"name":"g"}})");
    said.tool_choice = {ToolChoiceKind::allowed, {"g"}, true};
    EXPECT_EQ(send(said, plain_model()).body["tool_choice"].dump(),
              R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[)"
              R"({"type":"function","function":{"name":"g"}}]}})");
    const auto old = send(said).body;
    EXPECT_EQ(old["tool_choice"], "required");
    EXPECT_EQ(old["tools"].size(), 1U);
    auto unforced = plain_model();
    unforced.forced_tool = false;
    said.tool_choice = {ToolChoiceKind::named, {"g"}, false};
    EXPECT_EQ(send(said, unforced).body["tool_choice"], "auto");
    EXPECT_EQ(send(said, unforced).dropped, Names{"tool_choice"});
}

TEST(OpenaiChatRequest, OffersFreeTextToolsAsTheServerKnowsThem) {
    auto said = asked();
    said.tools = {tool("shell", R"({"type":"text"})")};
    said.tools[0].custom = true;
    EXPECT_EQ(send(said, plain_model()).body["tools"].dump(),
              R"([{"type":"custom","custom":{"name":"shell","format":{"type":"text"}}}])");
    const auto old = send(said);
    EXPECT_EQ(old.body["tools"][0]["type"], "function");
    EXPECT_EQ(old.map.custom_tools, Names{"shell"});
    said.tools = {tool("a.b")};
    const auto renamed = send(said);
    ASSERT_EQ(renamed.map.names.size(), 1U);
    EXPECT_EQ(renamed.map.names[0].second, "a.b");
    EXPECT_EQ(renamed.body["tools"][0]["function"]["name"], renamed.map.names[0].first);
}

TEST(OpenaiChatRequest, RoundsTheEffortToTheModelsLevels) {
    struct Wish {
        Effort effort;
        std::optional<std::int64_t> budget;
        const char* sent;  // empty: none
        bool reported;
    };
    const std::vector<Wish> wishes{{Effort::high, {}, "high", false},     {Effort::minimal, {}, "none", true},
                                   {Effort::max, {}, "high", true},       {Effort::none, {}, "none", false},
                                   {Effort::unsaid, {}, "", false},       {Effort::unsaid, 0, "none", false},
                                   {Effort::unsaid, 300, "medium", false}};
    for (const auto& wish : wishes) {
        auto said = asked();
        said.max_tokens = 1000;
        said.reasoning.effort = wish.effort;
        said.reasoning.budget = wish.budget;
        const auto sent = send(said, reasoning_model());
        EXPECT_EQ(sent.body.contains("reasoning_effort") ? sent.body["reasoning_effort"].text() : "",
                  wish.sent);
        EXPECT_EQ(sent.dropped, wish.reported ? Names{"reasoning_effort"} : Names{});
        const auto plain = send(said, plain_model());
        EXPECT_FALSE(plain.body.contains("reasoning_effort"));
    }
}

TEST(OpenaiChatRequest, SamplesOnlyWhereTheModelTakesIt) {
    auto said = asked();
    said.temperature = 0.5;
    said.top_p = 1;
    said.top_k = 3;
    said.presence_penalty = 1;
    EXPECT_EQ(send(said, plain_model()).body["temperature"], 0.5);
    EXPECT_EQ(send(said, plain_model()).dropped, Names{"top_k"});
    const auto thinking = send(said, reasoning_model());
    EXPECT_FALSE(thinking.body.contains("temperature"));
    EXPECT_EQ(thinking.dropped, (Names{"presence_penalty", "temperature", "top_k"}));
    said.reasoning.effort = Effort::none;
    EXPECT_EQ(send(said, reasoning_model()).body["temperature"], 0.5);
}

TEST(OpenaiChatRequest, TakesFourStopSequencesWhereTheModelTakesAny) {
    auto said = asked();
    said.stop = {"a", "b", "c", "d"};
    EXPECT_EQ(send(said).body["stop"].dump(), R"(["a","b","c","d"])");
    EXPECT_EQ(send(said, reasoning_model()).refused, "stop");
    said.stop.emplace_back("e");
    EXPECT_EQ(send(said).refused, "stop");
}

TEST(OpenaiChatRequest, KeepsToolsAndReasoningApartWhereChatDoes) {
    auto facts = reasoning_model();
    facts.tools_with_reasoning = false;
    auto said = asked();
    said.tools = {tool("f")};
    said.reasoning.effort = Effort::high;
    const auto sent = send(said, facts);
    EXPECT_EQ(sent.body["reasoning_effort"], "none");
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    facts.efforts = {Effort::low};
    EXPECT_EQ(send(said, facts).refused, "tools");
}

TEST(OpenaiChatRequest, HoldsTheAnswerToItsForm) {
    auto said = asked();
    said.output.kind = chat::OutputKind::json_schema;
    said.output.schema =
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
    said.output.strict = true;
    EXPECT_EQ(send(said).body["response_format"].dump(),
              R"({"type":"json_schema","json_schema":{"name":"response","schema":)" + said.output.schema +
                  R"(,"strict":true}})");
    said.output.schema = R"({"type":"object","additionalProperties":true})";
    EXPECT_EQ(send(said).body["response_format"]["json_schema"]["strict"], false);
    EXPECT_EQ(send(said).dropped, Names{"response_format.strict"});
    chat::ModelFacts old;
    old.output_schema = false;
    const auto tool_way = send(said, old);
    EXPECT_EQ(tool_way.map.json_tool, "json");
    EXPECT_EQ(tool_way.body["tool_choice"].dump(), R"({"type":"function","function":{"name":"json"}})");
    EXPECT_FALSE(tool_way.body.contains("response_format"));
}

TEST(OpenaiChatRequest, SaysJsonWhereJsonModeWantsToReadIt) {
    auto said = asked();
    said.output.kind = chat::OutputKind::json_object;
    const auto sent = send(said);
    EXPECT_EQ(sent.body["response_format"].dump(), R"({"type":"json_object"})");
    EXPECT_EQ(sent.body["messages"][0]["content"], "Answer with one JSON object and nothing else.");
    said.messages[0].parts[0] = text("as Json, please");
    EXPECT_EQ(send(said).body["messages"].size(), 1U);
}

TEST(OpenaiChatRequest, RefusesWhatItsAnswerCouldNotHold) {
    const auto refused = [](const std::function<void(chat::Conversation&)>& change) {
        auto said = asked();
        change(said);
        return send(said).refused;
    };
    EXPECT_EQ(refused([](auto& said) { said.logprobs = true; }), "logprobs");
    EXPECT_EQ(refused([](auto& said) { said.choices = 2; }), "n");
    EXPECT_EQ(refused([](auto& said) { said.others = {{"audio", "{}"}}; }), "audio");
    EXPECT_EQ(refused([](auto& said) { said.others = {{"web_search_options", "{}"}}; }),
              "web_search_options");
    EXPECT_EQ(refused([](auto& said) { say(said, Role::assistant, {text("pre")}); }), "messages[1]");
    auto said = asked();
    said.choices = 2;
    EXPECT_EQ(send(said, plain_model()).body["n"], 2);
}

TEST(OpenaiChatRequest, PassesOnWhatOnlyOpenaiKnows) {
    auto said = asked();
    said.end_user = std::string(65, 'u');
    said.service_tier = "flex";
    said.others = {{"prompt_cache_key", "\"k\""}, {"verbosity", "\"low\""}, {"container", "{}"}};
    const auto sent = send(said, reasoning_model());
    EXPECT_EQ(sent.body["safety_identifier"].text().size(), 64U);
    EXPECT_EQ(sent.body["service_tier"], "flex");
    EXPECT_EQ(sent.body["prompt_cache_key"], "k");
    EXPECT_EQ(sent.body["verbosity"], "low");
    EXPECT_EQ(sent.dropped, Names{"container"});
    said.end_user = "u";
    const auto old = send(said);
    EXPECT_EQ(old.body["user"], "u");
    EXPECT_EQ(old.dropped, (Names{"container", "prompt_cache_key", "service_tier", "verbosity"}));
}

TEST(OpenaiClosedSchema, ClosesEveryLevel) {
    const auto closed = [](const char* schema) { return closed_schema(schema).value_or("none"); };
    EXPECT_EQ(closed(R"({ "type":"object","properties":{},"required":[],"additionalProperties":false})"),
              R"({ "type":"object","properties":{},"required":[],"additionalProperties":false})");
    EXPECT_EQ(
        closed(
            R"({"properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"enum":["x"],"type":"string"}}}},"c":{"$ref":"#/$defs/d"}},"required":["a"],"$defs":{"d":{"type":"string"}}})"),
        R"({"properties":{"a":{"type":"array","items":{"type":"object","properties":{"b":{"enum":["x",null],"type":["string","null"]}},"required":["b"],"additionalProperties":false}},"c":{"anyOf":[{"$ref":"#/$defs/d"},{"type":"null"}]}},"required":["a","c"],"$defs":{"d":{"type":"string"}},"type":"object","additionalProperties":false})");
    EXPECT_EQ(closed(R"({"type":"object","properties":{"a":{"not":{}}}})"), "none");
    EXPECT_EQ(closed(R"({"type":"object","properties":{"a":true}})"), "none");
    EXPECT_EQ(closed(R"({"anyOf":[{"type":"object"}]})"), "none");
    EXPECT_EQ(closed("[]"), "none");
}

}  // namespace
}  // namespace gatehouse::dialect
