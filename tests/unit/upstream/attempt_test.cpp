#include "gatehouse/upstream/attempt.hpp"

#include "scripted_caller.hpp"
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/upstream/thought_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string event(const std::string& data) {
    return "data: " + data + "\n\n";
}

const std::string opening = event(
    R"({"id":"c","model":"up","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})");
const std::string hello = event(
    R"({"id":"c","model":"up","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]})");
const std::string finish =
    event(R"({"id":"c","model":"up","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
const std::string usage = event(
    R"({"id":"c","model":"up","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}})");
const std::string end = event("[DONE]");

struct AttemptTest : testing::Test {
    AttemptTest() {
        ProviderOptions options;
        options.name = "acme";
        options.base_url = "http://127.0.0.1:1/v1";
        options.api_keys.emplace_back("sk-provider-secret");
        options.headers = {{"OpenAI-Organization", "org-1"}};
        auto made = Provider::make(std::move(options));
        EXPECT_TRUE(made);
        target.provider = *made;
        target.model = "up";
    }

    chat::Request ask(const std::string& body) {
        auto decoded =
            dialect::openai().decode_request(chat::Endpoint::chat_completions, body, wire::JsonLimits{});
        EXPECT_TRUE(decoded);
        return std::move(*decoded);
    }
    chat::Request streamed() {
        return ask(R"({"model":"up","stream":true,"messages":[{"role":"user","content":"hi"}]})");
    }
    chat::Request whole() { return ask(R"({"model":"up","messages":[{"role":"user","content":"hi"}]})"); }

    Result<Answer> attempt(const chat::Request& request) {
        Callers callers(clock, caller, &thoughts);
        AttemptTerms terms;
        terms.caller = "alice";
        Attempt one(callers, target, trail, terms);
        return test::run(one.run(request, sink));
    }
    void answer_with_stream(std::vector<std::string> pieces, std::optional<Problem> problem = std::nullopt) {
        caller.answer.fields = {{"content-type", "text/event-stream"}};
        caller.answer.pieces = std::move(pieces);
        caller.answer.end = std::move(problem);
    }

    test::HandClock clock;
    ThoughtStore thoughts;
    test::ScriptedCaller caller;
    test::RecordingSink sink;
    telemetry::Trail trail;
    Target target;
};

TEST_F(AttemptTest, SendsTheProvidersKeyAndFieldsAndNothingOfTheCallers) {
    caller.answer.pieces = {
        R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]})"};
    ASSERT_TRUE(attempt(whole()));
    ASSERT_EQ(caller.seen.size(), 1U);
    EXPECT_EQ(caller.seen[0].target, "/v1/chat/completions");
    EXPECT_THAT(caller.seen[0].fields, HasSubstr("Authorization: Bearer sk-provider-secret\r\n"));
    EXPECT_THAT(caller.seen[0].fields, HasSubstr("OpenAI-Organization: org-1\r\n"));
    EXPECT_THAT(caller.seen[0].fields, HasSubstr("Content-Type: application/json\r\n"));
}

TEST_F(AttemptTest, RelaysAWholeReplyByteForByte) {
    const std::string body =
        R"({ "object":"chat.completion", "model":"up-2026", "choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7} })";
    caller.answer.pieces = {body.substr(0, 20), body.substr(20)};
    const auto answer = attempt(whole());
    ASSERT_TRUE(answer);
    EXPECT_EQ(sink.text, body);
    EXPECT_EQ(answer->usage.prompt().value(), 3);
    EXPECT_EQ(answer->usage.completion().value(), 4);
    EXPECT_EQ(trail.finish_reason, "stop");
}

TEST_F(AttemptTest, PushesNothingOfAWholeReplyThatIsTorn) {
    caller.answer.pieces = {R"({"object":"chat.completion","choices":[)"};
    caller.answer.end = Problem(ProblemKind::upstream_lost, "cut", Retry::same_place);
    const auto answer = attempt(whole());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_lost);
    EXPECT_TRUE(sink.pushes.empty());
}

TEST_F(AttemptTest, TakesAnHtmlPageForNoAnswer) {
    caller.answer.fields = {{"content-type", "text/html"}};
    caller.answer.pieces = {"<html>Welcome</html>"};
    const auto answer = attempt(whole());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_protocol);
    EXPECT_THAT(answer.problem().message(), Not(HasSubstr("Welcome")));
}

TEST_F(AttemptTest, HoldsTheOpeningUntilContentComes) {
    answer_with_stream({opening, hello, finish, usage, end});
    auto request = streamed();
    request.wants_usage = true;
    ASSERT_TRUE(attempt(request));
    ASSERT_FALSE(sink.pushes.empty());
    EXPECT_EQ(sink.pushes.front(), opening + hello);
    EXPECT_EQ(sink.text, opening + hello + finish + usage + end);
}

TEST_F(AttemptTest, HidesUsageThatTheClientDidNotAskFor) {
    answer_with_stream({opening, hello, finish, usage, end});
    const auto answer = attempt(streamed());
    ASSERT_TRUE(answer);
    EXPECT_EQ(sink.text, opening + hello + finish + end);
    EXPECT_EQ(trail.input_tokens.value(), 7);
    EXPECT_EQ(trail.output_tokens.value(), 2);
    EXPECT_THAT(caller.seen[0].body, HasSubstr(R"("include_usage":true)"));
}

TEST_F(AttemptTest, KeepsFailoverPossibleWhenAnErrorComesBeforeContent) {
    answer_with_stream({opening, event(R"({"error":{"message":"boom","type":"server_error","code":null}})")});
    const auto answer = attempt(streamed());
    ASSERT_FALSE(answer);
    EXPECT_TRUE(sink.pushes.empty());
    EXPECT_NE(answer.problem().retry(), Retry::no);
}

TEST_F(AttemptTest, DeliversWhatCameBeforeAnErrorAfterContent) {
    answer_with_stream({opening + hello + event(R"({"error":{"message":"boom","type":"server_error"}})")});
    const auto answer = attempt(streamed());
    ASSERT_FALSE(answer);
    EXPECT_EQ(sink.text, opening + hello);
}

TEST_F(AttemptTest, NeverTakesACutStreamForAnAnswer) {
    answer_with_stream({opening, hello});
    const auto closed = attempt(streamed());
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.problem().kind(), ProblemKind::upstream_lost);

    answer_with_stream({opening, hello, finish});  // no terminator
    const auto unterminated = attempt(streamed());
    ASSERT_FALSE(unterminated);
    EXPECT_EQ(unterminated.problem().kind(), ProblemKind::upstream_lost);
}

TEST_F(AttemptTest, KeepsBackTheTerminatorOfAStreamThatNeverFinished) {
    answer_with_stream({opening, hello, end});
    const auto answer = attempt(streamed());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_lost);
    EXPECT_EQ(sink.text, opening + hello);  // with `[DONE]` the client would take it for whole
}

TEST_F(AttemptTest, GivesAnAnswerWithoutContentOnceItIsComplete) {
    const auto cut_short = event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})");
    answer_with_stream({opening, cut_short, end});
    ASSERT_TRUE(attempt(streamed()));
    EXPECT_EQ(sink.text, opening + cut_short + end);
}

TEST_F(AttemptTest, AcceptsALastEventWithoutItsEmptyLine) {
    answer_with_stream({opening, hello, finish, "data: [DONE]"});
    EXPECT_TRUE(attempt(streamed()));
}

TEST_F(AttemptTest, GivesTheSameStreamHoweverItIsCut) {
    const std::string all = opening + hello + hello + finish + usage + end;
    for (std::size_t cut = 1; cut < all.size(); ++cut) {
        sink.text.clear();
        answer_with_stream({all.substr(0, cut), all.substr(cut)});
        auto request = streamed();
        request.wants_usage = true;
        ASSERT_TRUE(attempt(request)) << cut;
        ASSERT_EQ(sink.text, all) << cut;
    }
}

TEST_F(AttemptTest, ShowsTheAskedNameWhereTheTargetsDiffers) {
    target.model = "up";
    answer_with_stream({opening, hello, finish, end});
    const auto request =
        ask(R"({"model":"alias","stream":true,"messages":[{"role":"user","content":"hi"}]})");
    ASSERT_TRUE(attempt(request));
    EXPECT_THAT(caller.seen[0].body, HasSubstr(R"("model":"up")"));
    EXPECT_THAT(sink.text, HasSubstr(R"("model":"alias")"));
    EXPECT_THAT(sink.text, Not(HasSubstr(R"("model":"up")")));
}

TEST_F(AttemptTest, RefusesAnOpeningWithoutEnd) {
    std::vector<std::string> pieces(3000, opening);
    answer_with_stream(std::move(pieces));
    const auto answer = attempt(streamed());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_protocol);
}

TEST_F(AttemptTest, RecordsEachCallOnTheTrail) {
    caller.failure = Problem(ProblemKind::upstream_connect, "refused", Retry::same_place);
    ASSERT_FALSE(attempt(whole()));
    ASSERT_EQ(trail.attempts.size(), 1U);
    EXPECT_EQ(trail.attempts[0].provider, "acme");
    EXPECT_EQ(trail.attempts[0].model, "up");
    EXPECT_EQ(trail.attempts[0].problem, ProblemKind::upstream_connect);
}

TEST_F(AttemptTest, StopsWhenTheClientCannotBeReached) {
    sink.refuse = true;
    answer_with_stream({opening, hello, finish, end});
    const auto answer = attempt(streamed());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::client_gone);
}

TEST_F(AttemptTest, BoundsAWholeReply) {
    ProviderOptions options;
    options.name = "small";
    options.base_url = "http://127.0.0.1:1/v1";
    options.response_limit = 100;
    target.provider = *Provider::make(std::move(options));
    caller.answer.pieces = {std::string(60, ' '), std::string(60, ' ')};
    const auto answer = attempt(whole());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_protocol);
}

TEST_F(AttemptTest, RelaysAudioAsItComes) {
    chat::Request speech;
    speech.endpoint = chat::Endpoint::audio_speech;
    speech.model = "up";
    speech.original.bytes = R"({"model":"up","input":"hi","voice":"alloy"})";
    speech.original.model = {9, 13};
    caller.answer.fields = {{"content-type", "audio/mpeg"}};
    caller.answer.pieces = {std::string("\x00\x01", 2), "abc"};
    ASSERT_TRUE(attempt(speech));
    EXPECT_EQ(sink.text, std::string("\x00\x01", 2) + "abc");
    EXPECT_EQ(sink.reply_head->content_type, "audio/mpeg");
}

TEST_F(AttemptTest, ReportsARefusalInTheProvidersWordsWithoutItsSecrets) {
    caller.answer.status = 401;
    caller.answer.pieces = {
        R"({"error":{"message":"Incorrect API key provided: sk-provider-secret.","type":"invalid_request_error","code":"invalid_api_key"}})"};
    const auto answer = attempt(whole());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::upstream_credentials);
    EXPECT_THAT(answer.problem().message(), Not(HasSubstr("sk-provider-secret")));
    EXPECT_EQ(trail.attempts[0].status, 401);
}

struct ClaudeAttemptTest : AttemptTest {
    ClaudeAttemptTest() {
        ProviderOptions options;
        options.name = "claude";
        options.kind = ProviderKind::anthropic;
        options.base_url = "http://127.0.0.1:1";
        options.api_keys.emplace_back("sk-ant-secret");
        target.provider = *Provider::make(std::move(options));
        facts.thinking.adaptive = true;
        target.facts = &facts;
        test::ScriptedAnswer refusal;
        refusal.status = 400;
        refusal.pieces = {
            R"({"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}})"};
        caller.before.push_back(refusal);
        caller.answer.pieces = {
            R"({"id":"msg_1","type":"message","role":"assistant","model":"up","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":2}})"};
    }
    chat::Request with_thoughts() {
        return ask(R"({"model":"up","reasoning_effort":"high","messages":[{"role":"user","content":"hi"},)"
                   R"({"role":"assistant","content":"a","thinking_blocks":[)"
                   R"({"type":"thinking","thinking":"hm","signature":"c2ln"}]},)"
                   R"({"role":"user","content":"and?"}]})");
    }
    chat::ModelFacts facts;
};

TEST_F(ClaudeAttemptTest, LeavesAllThoughtsOutWhenOneIsRefused) {
    const auto request = with_thoughts();
    ASSERT_TRUE(attempt(request));
    ASSERT_EQ(caller.seen.size(), 2U);
    EXPECT_THAT(caller.seen[0].body, HasSubstr("c2ln"));
    EXPECT_THAT(caller.seen[1].body, Not(HasSubstr("c2ln")));
    EXPECT_THAT(caller.seen[1].body, HasSubstr("and?"));
    ASSERT_EQ(trail.attempts.size(), 2U);
    EXPECT_EQ(trail.attempts[0].status, 400);
    EXPECT_EQ(trail.attempts[1].status, 200);
}

/// A tool's result, behind a call whose thoughts the client did not keep.
constexpr std::string_view loop =
    R"({"model":"up","reasoning_effort":"high","messages":[{"role":"user","content":"hi"},)"
    R"({"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f",)"
    R"("arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"x"}],)"
    R"("tools":[{"type":"function","function":{"name":"f"}}]})";

TEST_F(ClaudeAttemptTest, ForgetsRefusedThoughtsWhenItIsAnsweredWithoutThem) {
    const auto memory = thoughts_of(thoughts, clock, "alice", "claude", "up");
    memory->keep("c1", {{{"hm", "c2ln", "", {}}}, ""});
    const auto request = ask(std::string(loop));
    ASSERT_TRUE(attempt(request));
    ASSERT_EQ(caller.seen.size(), 2U);
    EXPECT_THAT(caller.seen[0].body, HasSubstr("c2ln"));
    EXPECT_THAT(caller.seen[1].body, Not(HasSubstr("c2ln")));
    EXPECT_FALSE(memory->find("c1"));
    ASSERT_TRUE(attempt(request));
    EXPECT_EQ(caller.seen.size(), 3U) << "asked once: nothing is there to be refused";
}

TEST_F(ClaudeAttemptTest, KeepsRefusedThoughtsWhileNothingIsAnsweredWithoutThem) {
    const auto memory = thoughts_of(thoughts, clock, "alice", "claude", "up");
    memory->keep("c1", {{{"hm", "c2ln", "", {}}}, ""});
    caller.answer = caller.before.front();
    ASSERT_FALSE(attempt(ask(std::string(loop))));
    EXPECT_EQ(caller.seen.size(), 2U);
    EXPECT_TRUE(memory->find("c1"));
}

TEST_F(ClaudeAttemptTest, SaysItOnceMoreOnly) {
    caller.answer = caller.before.front();
    const auto request = with_thoughts();
    ASSERT_FALSE(attempt(request));
    EXPECT_EQ(caller.seen.size(), 2U);
}

TEST_F(ClaudeAttemptTest, NeverSaysAgainWhatAClientHasHeard) {
    ProviderOptions options;
    options.name = "gemini";
    options.kind = ProviderKind::gemini;
    options.base_url = "http://127.0.0.1:1";
    target.provider = *Provider::make(std::move(options));
    facts.signatures_required = true;
    caller.before.clear();
    answer_with_stream({event(R"({"candidates":[{"content":{"parts":[{"text":"Hel"}]},"index":0}]})"),
                        event(R"({"error":{"code":400,"message":"Thought signature is not valid."}})")});
    const auto request =
        ask(R"({"model":"up","stream":true,"messages":[{"role":"user","content":"hi"},{"role":"assistant",)"
            R"("tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},)"
            R"("extra_content":{"google":{"thought_signature":"c2ln"}}}]},)"
            R"({"role":"tool","tool_call_id":"c","content":"x"}]})");
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.problem().message(), HasSubstr("signature"));
    ASSERT_EQ(caller.seen.size(), 1U);
    EXPECT_THAT(caller.seen[0].body, HasSubstr("c2ln"));
}

TEST_F(ClaudeAttemptTest, DoesNotRepeatWhatHasNoThoughts) {
    const auto request = whole();
    const auto answer = attempt(request);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.problem().message(), HasSubstr("signature"));
    EXPECT_EQ(caller.seen.size(), 1U);
}

}  // namespace
}  // namespace gatehouse::upstream
