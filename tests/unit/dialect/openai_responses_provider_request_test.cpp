// Requests for OpenAI's Responses, field by field (wire-formats 3.1, 10.3, 15.3, 18.1), lossy and strict.
#include "dialect/signature_carrier.hpp"
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
    auto written = write_responses(said, stream, options);
    Sent sent;
    if (!written) {
        sent.refused = written.problem().param();
        return sent;
    }
    sent.body = JsonValue::parsed(written->body);
    EXPECT_TRUE(sent.body.is_object()) << written->body;
    EXPECT_EQ(written->path, "/responses");
    EXPECT_EQ(written->fields, "");
    sent.dropped = written->dropped;
    sent.map = written->map;
    return sent;
}

std::string items(const chat::Conversation& said, const chat::ModelFacts& facts = {}) {
    return send(said, facts).body["input"].dump();
}

/// As gpt-5.6-sol.
chat::ModelFacts newest_model() {
    auto facts = reasoning_model();
    facts.efforts.push_back(Effort::xhigh);
    facts.efforts.push_back(Effort::max);
    facts.tools_with_reasoning = false;
    return facts;
}

Part thought(std::string words, std::string signature,
             std::optional<chat::Vendor> origin = chat::Vendor::openai) {
    chat::Reasoning made;
    made.text = std::move(words);
    made.signature = std::move(signature);
    made.origin = origin;
    return Part{std::move(made), {}};
}

TEST(OpenaiResponsesRequest, SaysWhatMustBeSaidAndNothingElse) {
    EXPECT_EQ(send(asked()).body.dump(),
              R"({"model":"gpt-x","store":false,"input":[{"type":"message","role":"user","content":"hi"}]})");
    EXPECT_EQ(send(asked(), reasoning_model(), true).refused, "");
    const auto stream = send(asked(), {}, false, true).body;
    EXPECT_EQ(stream["stream"], true);
    EXPECT_FALSE(stream.contains("stream_options"));
    EXPECT_EQ(send({}).refused, "messages");
}

TEST(OpenaiResponsesRequest, AsksThinkersAloneForTheirThoughts) {
    auto said = asked();
    const auto thinks = send(said, reasoning_model()).body;
    EXPECT_EQ(thinks["include"].dump(), R"(["reasoning.encrypted_content"])");
    EXPECT_EQ(thinks["store"], false);
    EXPECT_FALSE(thinks.contains("reasoning"));
    said.reasoning.show_text = true;
    EXPECT_EQ(send(said, reasoning_model()).body["reasoning"].dump(), R"({"summary":"auto"})");
    said.reasoning.effort = Effort::low;
    EXPECT_EQ(send(said, reasoning_model()).body["reasoning"].dump(), R"({"effort":"low","summary":"auto"})");
    const auto plain = send(said, plain_model());
    EXPECT_FALSE(plain.body.contains("include"));
    EXPECT_FALSE(plain.body.contains("reasoning"));
    EXPECT_EQ(plain.dropped, Names{"reasoning_effort"});
}

TEST(OpenaiResponsesRequest, TakesToolsBesideReasoningAndTheGreatestEffort) {
    auto said = asked();
    said.tools = {tool("f")};
    said.reasoning.effort = Effort::max;
    const auto sent = send(said, newest_model());
    EXPECT_EQ(sent.body["reasoning"]["effort"], "max");
    EXPECT_EQ(sent.body["tools"].size(), 1U);
    EXPECT_EQ(sent.dropped, Names{});
    EXPECT_EQ(send(said, reasoning_model()).body["reasoning"]["effort"], "high");
    EXPECT_EQ(send(said, reasoning_model()).dropped, Names{"reasoning_effort"});
}

TEST(OpenaiResponsesRequest, NamesTheLimitAndKeepsItAboveTheLeast) {
    auto said = asked();
    said.max_tokens = 100;
    EXPECT_EQ(send(said, reasoning_model()).body["max_output_tokens"], 100);
    said.max_tokens = 5;
    const auto raised = send(said, reasoning_model());
    EXPECT_EQ(raised.body["max_output_tokens"], 16);
    EXPECT_EQ(raised.dropped, Names{"max_completion_tokens"});
    EXPECT_EQ(send(said, reasoning_model(), true).refused, "max_completion_tokens");
}

TEST(OpenaiResponsesRequest, InstructsInMessages) {
    chat::Conversation said;
    say(said, Role::system, {text("a"), text("b")});
    say(said, Role::user, {text("hi")});
    say(said, Role::system, {text("c")});
    say(said, Role::user, {text("d")});
    EXPECT_EQ(items(said), R"([{"type":"message","role":"system","content":"a\n\nb"},)"
                           R"({"type":"message","role":"user","content":"hi"},)"
                           R"({"type":"message","role":"system","content":"c"},)"
                           R"({"type":"message","role":"user","content":"d"}])");
    EXPECT_EQ(send(said, reasoning_model()).body["input"][0]["role"], "developer");
}

TEST(OpenaiResponsesRequest, WritesCallsAndTheirResultsAsItems) {
    auto said = asked();
    auto refused = Part{chat::Refusal{"no"}, {}};
    say(said, Role::assistant, {text("t"), refused, call("a", ""), call("b", R"({"x":1})")});
    say(said, Role::user, {text("and?"), result("b", {chat::Text{"1"}, chat::Text{"2"}}, true)});
    EXPECT_EQ(items(said),
              R"([{"type":"message","role":"user","content":"hi"},)"
              R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"},)"
              R"({"type":"refusal","refusal":"no"}]},)"
              R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"},)"
              R"({"type":"function_call","call_id":"b","name":"f","arguments":"{\"x\":1}"},)"
              R"({"type":"function_call_output","call_id":"a","output":"Error: No result provided"},)"
              R"({"type":"function_call_output","call_id":"b","output":"Error: 1\n2"},)"
              R"({"type":"message","role":"user","content":"and?"}])");
}

TEST(OpenaiResponsesRequest, PutsPicturesIntoTheResultTheyCameWith) {
    auto said = asked();
    say(said, Role::assistant, {call("a")});
    say(said, Role::tool,
        {result("a", {chat::Text{"see"}, media(chat::MediaKind::image, "image/png", "QUJD")}, true)});
    EXPECT_EQ(send(said).body["input"][2]["output"].dump(),
              R"([{"type":"input_text","text":"Error:"},{"type":"input_text","text":"see"},)"
              R"({"type":"input_image","image_url":"data:image/png;base64,QUJD"}])");
}

TEST(OpenaiResponsesRequest, ShortensIdsTheSameInCallAndResult) {
    auto said = asked();
    say(said, Role::assistant, {call(std::string(90, 'a'))});
    say(said, Role::tool, {result(std::string(90, 'a'), {chat::Text{"1"}})});
    const auto sent = send(said).body["input"];
    const auto id = sent[1]["call_id"].text();
    EXPECT_LE(id.size(), 64U);
    EXPECT_EQ(sent[2]["call_id"], id);
}

TEST(OpenaiResponsesRequest, WritesCallsOfCustomToolsAsTheServerKnowsThem) {
    auto said = asked();
    said.tools = {tool("shell", R"({"type":"grammar","grammar":{"syntax":"lark","definition":"a"}})")};
    said.tools[0].custom = true;
    auto made = call("a", "ls", "shell");
    std::get<chat::ToolCall>(made.what).custom = true;
    say(said, Role::assistant, {made});
    say(said, Role::tool, {result("a", {chat::Text{"x"}})});
    const auto sent = send(said, reasoning_model()).body;
    EXPECT_EQ(sent["tools"].dump(), R"([{"type":"custom","name":"shell",)"
                                    R"("format":{"type":"grammar","syntax":"lark","definition":"a"}}])");
    EXPECT_EQ(sent["input"][1].dump(),
              R"({"type":"custom_tool_call","call_id":"a","name":"shell","input":"ls"})");
    EXPECT_EQ(sent["input"][2].dump(), R"({"type":"custom_tool_call_output","call_id":"a","output":"x"})");
    const auto old = send(said);
    EXPECT_EQ(old.body["input"][1]["arguments"], R"({"input":"ls"})");
    EXPECT_EQ(old.body["input"][2]["type"], "function_call_output");
    EXPECT_EQ(old.map.custom_tools, Names{"shell"});
    said.tools[0].schema = R"({"type":"text"})";
    EXPECT_EQ(send(said, reasoning_model()).body["tools"][0]["format"].dump(), R"({"type":"text"})");
}

TEST(OpenaiResponsesRequest, BringsThoughtsBackBeforeTheItemTheyLedTo) {
    auto said = asked();
    say(said, Role::assistant,
        {thought("I", "e1"), thought("", "e2"), call("a"), text("t"), thought("II", "rs_3:e3"), text("u"),
         thought("nothing follows", "e4")});
    say(said, Role::tool, {result("a", {chat::Text{"1"}})});
    EXPECT_EQ(
        items(said, reasoning_model()),
        R"([{"type":"message","role":"user","content":"hi"},)"
        R"({"type":"reasoning","summary":[{"type":"summary_text","text":"I"}],"encrypted_content":"e1"},)"
        R"({"type":"reasoning","summary":[],"encrypted_content":"e2"},)"
        R"({"type":"function_call","call_id":"a","name":"f","arguments":"{}"},)"
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]},)"
        R"({"type":"reasoning","id":"rs_3","summary":[{"type":"summary_text","text":"II"}],)"
        R"("encrypted_content":"e3"},)"
        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"u"}]},)"
        R"({"type":"function_call_output","call_id":"a","output":"1"}])");
}

TEST(OpenaiResponsesRequest, UnwrapsThoughtsThatAnotherVendorsClientCarried) {
    const auto signature = JsonValue(carry_signature(chat::Vendor::openai, "e1")).dump();
    const auto body = R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"},)"
                      R"({"role":"assistant","content":[{"type":"thinking","thinking":"I","signature":)" +
                      signature +
                      R"(},{"type":"tool_use","id":"a","name":"f","input":{}}]},)"
                      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]})";
    chat::Request request;
    request.endpoint = chat::Endpoint::messages;
    request.vendor = chat::Vendor::anthropic;
    request.original.bytes = body;
    const auto facts = reasoning_model();
    TranslateOptions options;
    options.facts = &facts;
    const auto translation = translate(request, chat::Endpoint::responses, options);
    ASSERT_TRUE(translation) << translation.problem().message();
    EXPECT_EQ((*translation)->path(), "/responses");
    const auto input = JsonValue::parsed((*translation)->body())["input"];
    ASSERT_EQ(input.size(), 4U);
    EXPECT_EQ(
        input[1].dump(),
        R"({"type":"reasoning","summary":[{"type":"summary_text","text":"I"}],"encrypted_content":"e1"})");
}

TEST(OpenaiResponsesRequest, LeavesOutThoughtsThatItsProviderDidNotMake) {
    auto said = asked();
    say(said, Role::assistant,
        {thought("I", "e1", chat::Vendor::anthropic), thought("I", "e2", std::nullopt),
         thought("text alone", ""), call("a")});
    say(said, Role::tool, {result("a", {chat::Text{"1"}})});
    const auto sent = send(said, reasoning_model()).body["input"];
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[1]["type"], "function_call");
    said.messages[1].parts = {thought("I", "e1"), call("a")};
    EXPECT_EQ(send(said, reasoning_model()).body["input"].size(), 4U);
    EXPECT_EQ(send(said, plain_model()).body["input"].size(), 3U) << "a model that does not think";
}

TEST(OpenaiResponsesRequest, RefusesMessagesOfThoughtsAlone) {
    chat::Conversation said;
    say(said, Role::assistant, {thought("I", "e1")});
    auto facts = reasoning_model();
    facts.prefill = true;
    EXPECT_EQ(send(said, facts).refused, "messages");
}

struct MediaCase {
    chat::Media media;
    const char* written;  // empty: refused
};

TEST(OpenaiResponsesRequest, WritesMediaAsParts) {
    auto linked = media(chat::MediaKind::image, "", "");
    linked.url = "https://x/y.png";
    linked.detail = "low";
    auto own_image = media(chat::MediaKind::image, "", "");
    own_image.file_id = "file-1";
    auto titled = media(chat::MediaKind::document, "text/plain", "body");
    titled.name = "a.txt";
    auto own = media(chat::MediaKind::document, "", "");
    own.file_id = "file-1";
    auto foreign = own;
    foreign.file_id = "file_1";
    auto remote = media(chat::MediaKind::document, "application/pdf", "");
    remote.url = "https://x/y.pdf";
    const std::vector<MediaCase> cases{
        {linked, R"({"type":"input_image","image_url":"https://x/y.png","detail":"low"})"},
        {own_image, R"({"type":"input_image","file_id":"file-1"})"},
        {titled, R"({"type":"input_text","text":"a.txt\n\nbody"})"},
        {media(chat::MediaKind::document, "application/pdf", "QQ=="),
         R"({"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,QQ=="})"},
        {own, R"({"type":"input_file","file_id":"file-1"})"},
        {remote, R"({"type":"input_file","file_url":"https://x/y.pdf"})"},
        {media(chat::MediaKind::audio, "audio/mpeg", "QQ=="), ""},
        {foreign, ""}};
    for (const auto& [part, written] : cases) {
        chat::Conversation said;
        say(said, Role::user, {Part{part, {}}});
        const auto sent = send(said);
        if (*written == '\0') {
            EXPECT_EQ(sent.refused, "messages[0]");
        } else {
            EXPECT_EQ(sent.body["input"][0]["content"][0].dump(), written);
        }
    }
}

TEST(OpenaiResponsesRequest, WritesToolsFlatAndSaysAlwaysHowStrictTheyAre) {
    auto said = asked();
    said.tools = {tool("f", R"({"type":"object","properties":{"a":{"type":"integer"}}})"), tool("g", "")};
    said.tools[0].description = "d";
    EXPECT_EQ(send(said).body["tools"].dump(),
              R"([{"type":"function","name":"f","description":"d","parameters":{"type":"object",)"
              R"("properties":{"a":{"type":"integer"}}},"strict":false},)"
              R"({"type":"function","name":"g","parameters":{"type":"object","properties":{}},)"
              R"("strict":false}])");
    said.tools[0].strict = true;
    const auto strict = send(said).body["tools"][0];
    EXPECT_EQ(strict["strict"], true);
    EXPECT_EQ(strict["parameters"]["required"].dump(), R"(["a"])");
    said.tool_choice = {ToolChoiceKind::named, {"g"}, false};
    EXPECT_EQ(send(said).body["tool_choice"].dump(), R"({"type":"function","name":"g"})");
    said.tool_choice = {ToolChoiceKind::allowed, {"g"}, true};
    EXPECT_EQ(send(said, plain_model()).body["tool_choice"].dump(),
              R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]})");
    said.parallel_tool_calls = false;
    EXPECT_EQ(send(said).body["parallel_tool_calls"], false);
}

TEST(OpenaiResponsesRequest, HoldsTheAnswerToItsForm) {
    auto said = asked();
    EXPECT_FALSE(send(said).map.answer_alone);
    said.output.kind = chat::OutputKind::json_schema;
    said.output.name = "n";
    said.output.schema =
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
    said.output.strict = true;
    const auto sent = send(said);
    EXPECT_EQ(sent.body["text"].dump(), R"({"format":{"type":"json_schema","name":"n","schema":)" +
                                            said.output.schema + R"(,"strict":true}})");
    EXPECT_TRUE(sent.map.answer_alone);
    said.output = {};
    said.output.kind = chat::OutputKind::json_object;
    const auto any = send(said);
    EXPECT_EQ(any.body["text"].dump(), R"({"format":{"type":"json_object"}})");
    EXPECT_EQ(any.body["input"][0]["content"], "Answer with one JSON object and nothing else.");
    chat::ModelFacts old;
    old.output_schema = false;
    said.output.kind = chat::OutputKind::json_schema;
    said.output.schema = R"({"type":"object"})";
    EXPECT_EQ(send(said, old).body["tool_choice"].dump(), R"({"type":"function","name":"json"})");
    EXPECT_FALSE(send(said, old).body.contains("text"));
}

TEST(OpenaiResponsesRequest, NamesOrRefusesWhatHasNoPlaceThere) {
    const auto refused = [](const std::function<void(chat::Conversation&)>& change) {
        auto said = asked();
        change(said);
        return send(said).refused;
    };
    EXPECT_EQ(refused([](auto& said) { said.stop = {"a"}; }), "stop");
    EXPECT_EQ(refused([](auto& said) { said.choices = 2; }), "n");
    EXPECT_EQ(refused([](auto& said) { said.logprobs = true; }), "logprobs");
    EXPECT_EQ(refused([](auto& said) { said.others = {{"audio", "{}"}}; }), "audio");
    EXPECT_EQ(refused([](auto& said) { say(said, Role::assistant, {text("pre")}); }), "messages[1]");
    auto said = asked();
    said.seed = 1;
    said.presence_penalty = 1;
    said.frequency_penalty = 1;
    said.temperature = 0.5;
    said.top_p = 0.5;
    said.others = {{"logit_bias", "{\"1\":1}"}};
    const auto plain = send(said, plain_model());
    EXPECT_EQ(plain.dropped, (Names{"frequency_penalty", "logit_bias", "presence_penalty", "seed"}));
    EXPECT_EQ(plain.body["temperature"], 0.5);
    EXPECT_EQ(plain.body["top_p"], 0.5);
    const auto thinks = send(said, reasoning_model());
    EXPECT_FALSE(thinks.body.contains("temperature") || thinks.body.contains("top_p"));
    EXPECT_EQ(send(said, plain_model(), true).refused.empty(), false);
}

TEST(OpenaiResponsesRequest, PassesOnWhatOnlyOpenaiKnows) {
    auto said = asked();
    said.end_user = "u";
    said.service_tier = "flex";
    said.others = {{"prompt_cache_key", "\"k\""}, {"verbosity", "\"low\""}};
    const auto sent = send(said, reasoning_model());
    EXPECT_EQ(sent.body["safety_identifier"], "u");
    EXPECT_EQ(sent.body["service_tier"], "flex");
    EXPECT_EQ(sent.body["prompt_cache_key"], "k");
    EXPECT_EQ(sent.body["text"].dump(), R"({"verbosity":"low"})");
    EXPECT_EQ(sent.dropped, Names{});
    EXPECT_EQ(send(said).body["user"], "u");
}

TEST(OpenaiResponsesRequest, WritesAnUnchangedPrefixTheSame) {
    auto said = asked();
    say(said, Role::assistant, {thought("I", "e1"), call("a")});
    say(said, Role::tool, {result("a", {chat::Text{"1"}})});
    auto before = items(said, reasoning_model());
    say(said, Role::assistant, {text("done")});
    say(said, Role::user, {text("more")});
    before.pop_back();
    EXPECT_TRUE(items(said, reasoning_model()).starts_with(before));
}

}  // namespace
}  // namespace gatehouse::dialect
