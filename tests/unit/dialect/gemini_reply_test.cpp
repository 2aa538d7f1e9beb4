// What the reader of Gemini's replies makes of each form that a reply can have.
#include "gemini_reply_in_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using test::read_stream;
using test::read_whole;
using testing::ElementsAre;

/// A candidate of these parts.
std::string candidate(std::string_view parts, std::string_view reason = "STOP", int index = 0) {
    return R"({"content":{"parts":[)" + std::string(parts) + R"(],"role":"model"})" +
           (reason.empty() ? std::string() : R"(,"finishReason":")" + std::string(reason) + '"') +
           R"(,"index":)" + std::to_string(index) + "}";
}

std::string chunk(std::string_view candidates, std::string_view usage = R"("totalTokenCount":0)") {
    return R"({"candidates":[)" + std::string(candidates) + R"(],"usageMetadata":{)" + std::string(usage) +
           R"(},"modelVersion":"m","responseId":"r"})";
}

std::string event(std::string_view data) {
    return "data: " + std::string(data) + "\r\n\r\n";
}

/// The lines behind the start.
std::vector<std::string> lines_of(const test::GeminiReply& reply) {
    EXPECT_EQ(reply.problem, "") << reply.message;
    auto lines = reply.in_words();
    EXPECT_EQ(lines.at(0), "start id=r model=m");
    lines.erase(lines.begin());
    return lines;
}

std::vector<std::string> whole(std::string_view parts, const ReplyMap& map = {},
                               std::string_view reason = "STOP") {
    return lines_of(read_whole(chunk(candidate(parts, reason)), map));
}

TEST(GeminiReply, keeps_thoughts_out_of_the_answer) {
    EXPECT_THAT(
        whole(R"({"text":"Hm. ","thought":true},{"text":"Well","thought":true,"thoughtSignature":"UA=="},)"
              R"({"text":"Hi"},{"text":" you","thought":false})"),
        ElementsAre("reasoning Hm. Well", "signature UA==", "text Hi you", "finish stop STOP"));
}

TEST(GeminiReply, keeps_a_signature_that_stands_on_empty_text) {
    EXPECT_THAT(whole(R"({"text":"Hi"},{"text":"","thoughtSignature":"U0lH"})"),
                ElementsAre("text Hi", "signature U0lH", "finish stop STOP"));
}

TEST(GeminiReply, numbers_calls_over_the_whole_stream_and_makes_missing_ids) {
    const auto stream =
        event(chunk(candidate(R"({"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"UA=="},)"
                              R"({"functionCall":{"args":{ "b" : [1, "x y"] },"name":"g","id":"given"}})",
                              ""))) +
        event(chunk(candidate(R"({"functionCall":{"name":"f"}})", ""))) +
        event(chunk(candidate(R"({"text":""})")));
    EXPECT_THAT(
        lines_of(read_stream({stream})),
        ElementsAre("tool_start 0 f id=call_x0 signature=UA==", R"(tool_arguments 0 {"a":1})", "tool_end 0",
                    "tool_start 1 g id=given signature=", R"(tool_arguments 1 {"b":[1,"x y"]})", "tool_end 1",
                    "tool_start 2 f id=call_x2 signature=", "tool_arguments 2 {}", "tool_end 2",
                    "finish tool_calls STOP"));
}

TEST(GeminiReply, leaves_blanks_and_escapes_inside_strings_of_arguments_alone) {
    EXPECT_THAT(whole(R"({"functionCall":{"name":"f","args":{"a":"x \" \\", "b" : "\u00e9\n"}}})"),
                ElementsAre("tool_start 0 f id=call_x0 signature=",
                            R"(tool_arguments 0 {"a":"x \" \\","b":"\u00e9\n"})", "tool_end 0",
                            "finish tool_calls STOP"));
}

TEST(GeminiReply, counts_calls_of_each_choice_apart_but_never_gives_an_id_twice) {
    const auto call = R"({"functionCall":{"name":"f"}})";
    const auto reply = read_whole(chunk(candidate(call) + "," + candidate(call, "STOP", 1)));
    EXPECT_THAT(lines_of(reply),
                ElementsAre("tool_start 0 f id=call_x0 signature=", "tool_arguments 0 {}", "tool_end 0",
                            "tool_start@1 0 f id=call_x1 signature=", "tool_arguments@1 0 {}", "tool_end@1 0",
                            "finish tool_calls STOP", "finish@1 tool_calls STOP"));
}

TEST(GeminiReply, is_complete_when_every_choice_was_finished) {
    const auto first = event(chunk(candidate(R"({"text":"a"})") + "," + candidate(R"({"text":"b"})", "", 1)));
    const auto second = event(chunk(candidate(R"({"text":"c"})", "MAX_TOKENS", 1)));
    EXPECT_FALSE(read_stream({first}).complete);
    const auto reply = read_stream({first, second});
    EXPECT_TRUE(reply.complete);
    EXPECT_THAT(lines_of(reply),
                ElementsAre("text a", "text@1 bc", "finish stop STOP", "finish@1 length MAX_TOKENS"));
}

TEST(GeminiReply, translates_every_reason) {
    const std::vector<std::pair<const char*, const char*>> table{
        {"STOP", "stop"},
        {"MAX_TOKENS", "length"},
        {"CONTINUATION", "length"},
        {"SAFETY", "content_filter"},
        {"RECITATION", "content_filter"},
        {"BLOCKLIST", "content_filter"},
        {"PROHIBITED_CONTENT", "content_filter"},
        {"SPII", "content_filter"},
        {"IMAGE_SAFETY", "content_filter"},
        {"IMAGE_PROHIBITED_CONTENT", "content_filter"},
        {"IMAGE_RECITATION", "content_filter"},
        {"OTHER", "stop"},
        {"LANGUAGE", "stop"},
        {"NO_IMAGE", "stop"},
        {"IMAGE_OTHER", "stop"},
        {"INVENTED_LATER", "stop"}};
    for (const auto& [reason, finish] : table) {
        EXPECT_EQ(whole(R"({"text":"a"})", {}, reason).back(),
                  "finish " + std::string(finish) + " " + reason);
    }
}

TEST(GeminiReply, finishes_as_cut_or_filtered_even_with_a_call) {
    const auto call = R"({"functionCall":{"name":"f"}})";
    EXPECT_EQ(whole(call, {}, "MAX_TOKENS").back(), "finish length MAX_TOKENS");
    EXPECT_EQ(whole(call, {}, "SAFETY").back(), "finish content_filter SAFETY");
    EXPECT_EQ(whole(call, {}, "OTHER").back(), "finish tool_calls OTHER");
}

TEST(GeminiReply, is_a_failure_when_the_model_broke_its_own_call) {
    for (const char* reason :
         {"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}) {
        const ReplyMap map;
        const auto reader = gemini_reader(map, "call_x");
        const auto events = reader->whole(chunk(candidate("", reason)));
        ASSERT_FALSE(events) << reason;
        EXPECT_EQ(events.problem().kind(), ProblemKind::upstream_failed);
        EXPECT_EQ(events.problem().retry(), Retry::same_place);
        EXPECT_EQ(events.problem().code(), reason);
        EXPECT_EQ(read_stream({event(chunk(candidate("", reason)))}).problem, "upstream_failed");
    }
}

TEST(GeminiReply, of_a_blocked_prompt_is_a_refusal) {
    const auto body = R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":9,)"
                      R"("totalTokenCount":9},"modelVersion":"m","responseId":"r"})";
    const auto expected = ElementsAre("refusal Prompt blocked: SAFETY", "finish content_filter SAFETY");
    EXPECT_THAT(lines_of(read_whole(body)), expected);
    EXPECT_THAT(lines_of(read_stream({event(body), event(body)})), expected);
    EXPECT_EQ(read_whole(body).usage.prompt(), TokenCount(9));
}

TEST(GeminiReply, is_not_blocked_by_a_reason_that_stands_for_none) {
    const auto body = R"({"candidates":[)" + candidate(R"({"text":"Hi"})") +
                      R"(],"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"},)"
                      R"("modelVersion":"m","responseId":"r"})";
    EXPECT_THAT(lines_of(read_whole(body)), ElementsAre("text Hi", "finish stop STOP"));
}

TEST(GeminiReply, may_finish_before_its_last_words_and_counts) {
    const auto stream = event(chunk(candidate(R"({"text":"a"})"), R"("promptTokenCount":3)")) +
                        event(chunk(candidate(R"({"text":"","thoughtSignature":"U0lH"})", ""),
                                    R"("candidatesTokenCount":2,"totalTokenCount":5)"));
    const auto reply = read_stream({stream});
    EXPECT_THAT(lines_of(reply), ElementsAre("text a", "signature U0lH", "finish stop STOP"));
    EXPECT_EQ(reply.usage.input, TokenCount(3));
    EXPECT_EQ(reply.usage.output, TokenCount(2));
}

TEST(GeminiReply, that_is_cut_is_never_complete) {
    for (const char* reason : {"", "FINISH_REASON_UNSPECIFIED"}) {
        const auto reply = read_stream({event(
            chunk(candidate(R"({"text":"a"})", reason), R"("promptTokenCount":3,"totalTokenCount":3)"))});
        EXPECT_FALSE(reply.complete);
        EXPECT_THAT(lines_of(reply), ElementsAre("text a"));
    }
    EXPECT_FALSE(read_stream({}).complete);
    EXPECT_FALSE(read_stream({event("{}")}).complete);
    EXPECT_FALSE(read_stream({event(chunk("", R"("promptTokenCount":3,"totalTokenCount":3)"))}).complete);
}

TEST(GeminiReply, of_thoughts_alone_is_an_empty_answer_when_the_counts_agree) {
    const auto thoughts = R"({"text":"Hm.","thought":true})";
    const auto balanced = R"("promptTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":7)";
    const auto reply = read_stream({event(chunk(candidate(thoughts, ""), balanced))});
    EXPECT_TRUE(reply.complete);
    EXPECT_THAT(lines_of(reply), ElementsAre("reasoning Hm.", "finish stop "));
    EXPECT_THAT(lines_of(read_whole(chunk(candidate(thoughts, ""), balanced))),
                ElementsAre("reasoning Hm.", "finish stop "));
    const auto unbalanced = R"("promptTokenCount":3,"thoughtsTokenCount":4,"totalTokenCount":8)";
    EXPECT_FALSE(read_stream({event(chunk(candidate(thoughts, ""), unbalanced))}).complete);
    const auto no_thoughts = R"("promptTokenCount":3,"totalTokenCount":3)";
    EXPECT_FALSE(read_stream({event(chunk(candidate(thoughts, ""), no_thoughts))}).complete);
}

TEST(GeminiReply, without_parts_is_empty_and_says_why) {
    const auto body = R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS","index":0}],)"
                      R"("modelVersion":"m","responseId":"r"})";
    EXPECT_THAT(lines_of(read_whole(body)), ElementsAre("finish length MAX_TOKENS"));
    const auto bare = R"({"candidates":[{"finishReason":"STOP"}],"modelVersion":"m","responseId":"r"})";
    EXPECT_THAT(lines_of(read_whole(bare)), ElementsAre("finish stop STOP"));
}

TEST(GeminiReply, skips_parts_it_does_not_know) {
    EXPECT_THAT(whole(R"({"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{}},)"
                      R"({"toolCall":{"functionCall":{"name":"x"}}},null,1,"x",{"text":null},)"
                      R"({"functionCall":null},{"functionCall":{}},{"inlineData":{"mimeType":"audio/wav",)"
                      R"("data":"AA=="}},{"text":"Hi"})"),
                ElementsAre("text Hi", "finish stop STOP"));
}

TEST(GeminiReply, gives_images) {
    EXPECT_THAT(whole(R"({"inlineData":{"mimeType":"image/png","data":"iVBO"},"thoughtSignature":"UA=="},)"
                      R"({"inlineData":{"mimeType":"image/png","data":"dGhvdWdodA=="},"thought":true})"),
                ElementsAre("image image/png iVBO", "signature UA==", "finish stop STOP"));
}

TEST(GeminiReply, gives_the_text_of_the_answer_tool) {
    ReplyMap map;
    map.json_tool = "json";
    EXPECT_THAT(whole(R"({"functionCall":{"name":"json","args":{"a": [1]}}})", map),
                ElementsAre(R"(text {"a":[1]})", "finish stop STOP"));
}

TEST(GeminiReply, prefers_a_real_call_to_the_answer_tool) {
    ReplyMap map;
    map.json_tool = "json";
    map.json_waits = true;
    const auto answer = R"({"functionCall":{"name":"json","args":{"a":1}}})";
    EXPECT_THAT(whole(answer, map), ElementsAre(R"(text {"a":1})", "finish stop STOP"));
    EXPECT_THAT(whole(std::string(answer) + R"(,{"functionCall":{"name":"f"}})", map),
                ElementsAre("tool_start 0 f id=call_x0 signature=", "tool_arguments 0 {}", "tool_end 0",
                            "finish tool_calls STOP"));
}

TEST(GeminiReply, gives_tools_their_own_names_back_and_free_text_unwrapped) {
    ReplyMap map;
    map.names = {{"_7zip", "7zip"}};
    map.custom_tools = {"7zip"};
    EXPECT_THAT(whole(R"({"functionCall":{"name":"_7zip","args":{"input":"x -r\n"}}})", map),
                ElementsAre("tool_start 0 7zip id=call_x0 signature= custom", "tool_arguments 0 x -r\n",
                            "tool_end 0", "finish tool_calls STOP"));
    EXPECT_THAT(whole(R"({"functionCall":{"name":"_7zip","args":{"other":1}}})", map),
                ElementsAre("tool_start 0 7zip id=call_x0 signature= custom",
                            R"(tool_arguments 0 {"other":1})", "tool_end 0", "finish tool_calls STOP"));
}

/// `pieces` are elements of `parts`, each in an event of its own.
std::vector<std::string> streamed(const std::vector<std::string>& pieces) {
    std::string stream;
    for (const auto& piece : pieces) {
        stream += event(chunk(candidate(piece, "")));
    }
    return lines_of(read_stream({stream + event(chunk(candidate("")))}));
}

TEST(GeminiReply, puts_arguments_together_that_come_in_pieces) {
    EXPECT_THAT(
        streamed(
            {R"({"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"UA=="})",
             R"({"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"Bos","willContinue":true}],)"
             R"("willContinue":true}})",
             R"({"functionCall":{"partialArgs":[{"jsonPath":"$.city","stringValue":"ton \"M\""},)"
             R"({"jsonPath":"$.days[0].n","numberValue":1.5},{"jsonPath":"$.days[1]['a.b']","boolValue":true},)"
             R"({"jsonPath":"$.none","nullValue":"NULL_VALUE"}],"willContinue":true}})",
             R"({"functionCall":{}})"}),
        ElementsAre("tool_start 0 f id=call_x0 signature=UA==",
                    R"(tool_arguments 0 {"city":"Boston \"M\"","days":[{"n":1.5},{"a.b":true}],"none":null})",
                    "tool_end 0", "finish tool_calls STOP"));
}

TEST(GeminiReply, ends_a_call_in_pieces_with_the_next_one_or_with_the_answer) {
    EXPECT_THAT(
        streamed({R"({"functionCall":{"name":"f","willContinue":true}})",
                  R"({"functionCall":{"name":"g","partialArgs":[{"jsonPath":"$.a","stringValue":"b"}],)"
                  R"("willContinue":true}})"}),
        ElementsAre("tool_start 0 f id=call_x0 signature=", "tool_arguments 0 {}", "tool_end 0",
                    "tool_start 1 g id=call_x1 signature=", R"(tool_arguments 1 {"a":"b"})", "tool_end 1",
                    "finish tool_calls STOP"));
}

TEST(GeminiReply, refuses_pieces_of_arguments_that_do_not_fit) {
    for (const char* path :
         {"", "$", "city", "$city", "$.", "$..a", "$[", "$[x]", "$[1]", "$['a", "$.a[0]x", "$.a.b.c]"}) {
        const auto piece =
            R"({"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":"b"},)"
            R"({"jsonPath":")" +
            std::string(path) + R"(","stringValue":"b"}]}})";
        EXPECT_EQ(read_whole(chunk(candidate(piece))).problem, "upstream_protocol") << path;
    }
    std::string deep = "$";
    for (int i = 0; i < 65; ++i) {
        deep += ".a";
    }
    EXPECT_EQ(read_whole(chunk(candidate(R"({"functionCall":{"name":"f","partialArgs":[{"jsonPath":")" +
                                         deep + R"(","numberValue":1}]}})")))
                  .problem,
              "upstream_protocol");
}

TEST(GeminiReply, keeps_the_last_count_that_was_said) {
    const auto stream =
        event(chunk(candidate(R"({"text":"a"})", ""),
                    R"("promptTokenCount":55,"cachedContentTokenCount":20,"totalTokenCount":59)")) +
        event(chunk(candidate(R"({"text":"b"})"),
                    R"("promptTokenCount":"257","cachedContentTokenCount":null,"candidatesTokenCount":8,)"
                    R"("thoughtsTokenCount":5,"toolUsePromptTokenCount":3,"totalTokenCount":273)"));
    const auto usage = read_stream({stream}).usage;
    ASSERT_TRUE(usage.known);
    EXPECT_EQ(usage.input, TokenCount(240));
    EXPECT_EQ(usage.cached_input, TokenCount(20));
    EXPECT_EQ(usage.output, TokenCount(8));
    EXPECT_EQ(usage.reasoning, TokenCount(5));
    EXPECT_EQ(usage.prompt(), TokenCount(260));
    EXPECT_EQ(usage.completion(), TokenCount(13));
}

TEST(GeminiReply, has_the_counts_of_the_worked_example) {
    const auto usage =
        read_whole(
            chunk(candidate(R"({"text":"a"})"),
                  R"("promptTokenCount":1336,"cachedContentTokenCount":1024,"candidatesTokenCount":50,)"
                  R"("thoughtsTokenCount":30,"totalTokenCount":1416)"))
            .usage;
    EXPECT_EQ(usage.prompt(), TokenCount(1336));
    EXPECT_EQ(usage.completion(), TokenCount(80));
    EXPECT_EQ(usage.cached_input, TokenCount(1024));
}

TEST(GeminiReply, does_not_believe_impossible_counts) {
    for (const char* counts : {R"("promptTokenCount":-1)", R"("promptTokenCount":1.5)",
                               R"("promptTokenCount":"x")", R"("promptTokenCount":[])",
                               R"("promptTokenCount":9000000000000)", R"("trafficType":"ON_DEMAND")"}) {
        EXPECT_FALSE(read_whole(chunk(candidate(R"({"text":"a"})"), counts)).usage.known) << counts;
    }
    const auto usage =
        read_whole(chunk(candidate(R"({"text":"a"})"), R"("promptTokenCount":3,"cachedContentTokenCount":5)"))
            .usage;
    EXPECT_EQ(usage.cached_input, TokenCount(3));
    EXPECT_EQ(usage.input, TokenCount(0));
}

TEST(GeminiReply, cites_in_characters_what_is_said_in_bytes) {
    const auto grounding =
        R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"other":1},)"
        R"({"web":{"uri":"https://c"}}],"groundingSupports":[{"segment":{"endIndex":3},)"
        R"("groundingChunkIndices":[0,1,7]},{"segment":{"startIndex":4,"endIndex":999},)"
        R"("groundingChunkIndices":[2]},{"segment":{"startIndex":5,"endIndex":5},"groundingChunkIndices":[0]}]})";
    auto last = candidate(R"({"text":"\u00e9\ud83d\ude00b"})");
    last.insert(last.size() - 1, grounding);
    const auto expected = ElementsAre(
        "text a\u00e9\u00e9\U0001F600b",
        R"(citation {"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"url":"https://a","title":"A"}})",
        R"(citation {"type":"url_citation","url_citation":{"start_index":3,"end_index":5,"url":"https://c","title":""}})",
        "finish stop STOP");
    const auto first = candidate(R"({"text":"a\u00e9"})", "");
    EXPECT_THAT(lines_of(read_stream({event(chunk(first)), event(chunk(last))})), expected);
    // Said twice, it counts once.
    EXPECT_THAT(
        lines_of(read_stream({event(chunk(first)), event(chunk(last)),
                              event(R"({"candidates":[{"index":0)" + std::string(grounding) + "}]}")})),
        expected);
}

TEST(GeminiReply, cites_at_any_place_of_a_long_answer) {
    std::string words = "a";
    for (int i = 0; i < 2000; ++i) {
        words += "\u00e9b";
    }
    const auto cited = [&](std::size_t end) {
        auto said = candidate(R"({"text":")" + words + R"("})");
        said.insert(said.size() - 1,
                    R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],)"
                    R"("groundingSupports":[{"segment":{"endIndex":)" +
                        std::to_string(end) + R"(},"groundingChunkIndices":[0]}]})");
        const auto line = lines_of(read_whole(chunk(said))).at(1);
        const auto at = line.find(R"("end_index":)") + 12;
        return std::stoul(line.substr(at));
    };
    for (const std::size_t threes : {1U, 341U, 342U, 682U, 1999U, 2000U}) {
        EXPECT_EQ(cited(1 + 3 * threes), 1 + 2 * threes);
        EXPECT_EQ(cited(3 * threes), 2 * threes);
    }
    EXPECT_EQ(cited(1 + 1024), 1 + 683U);
    EXPECT_EQ(cited(99'999), 4001U);
}

TEST(GeminiReply, CitesWhatWasFoundWordByWordInAPage) {
    auto said = candidate(R"({"text":"\u00e9bcd"})");
    said.insert(
        said.size() - 1,
        R"(,"citationMetadata":{"citationSources":[{"endIndex":3,"uri":"u"},{"endIndex":3,"uri":"u"},)"
        R"({"startIndex":3,"endIndex":5,"license":"mit"},7],)"
        R"("citations":[{"startIndex":3,"endIndex":5,"uri":"v","title":"V"}]},)"
        R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"v","title":"W"}}],)"
        R"("groundingSupports":[{"segment":{"startIndex":3,"endIndex":5},"groundingChunkIndices":[0]}]})");
    EXPECT_THAT(
        lines_of(read_whole(chunk(said))),
        ElementsAre(
            "text \u00e9bcd",
            R"(citation {"type":"url_citation","url_citation":{"start_index":2,"end_index":4,"url":"v","title":"W"}})",
            R"(citation {"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"url":"u","title":""}})",
            "finish stop STOP"));
}

TEST(GeminiReply, cites_the_part_that_is_meant) {
    auto said = candidate(R"({"text":"Hm","thought":true},{"text":"ab"},{"text":"cd"})");
    said.insert(said.size() - 1,
                R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}],)"
                R"("groundingSupports":[{"segment":{"partIndex":2,"startIndex":1,"endIndex":2},)"
                R"("groundingChunkIndices":[0]}]})");
    EXPECT_EQ(
        lines_of(read_whole(chunk(said))).at(2),
        R"(citation {"type":"url_citation","url_citation":{"start_index":3,"end_index":4,"url":"u","title":"t"}})");
}

TEST(GeminiReply, fails_with_an_error_wherever_it_stands) {
    const std::string error = R"({"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}})";
    const auto text = chunk(candidate(R"({"text":"a"})"));
    for (const auto& reply :
         {read_whole(error), read_whole("[" + error + "]"), read_whole("[" + text + "," + error + "]"),
          read_stream({event(error)}), read_stream({event("[" + error + "]")}),
          read_stream({event(text), event(error)}), read_stream({"event: error\r\n" + event(error)}),
          read_stream({event(text), "{\n" + error.substr(1)}),
          read_stream({event(text), "[" + error + "\n]"})}) {
        EXPECT_EQ(reply.problem, "upstream_rate_limited");
        EXPECT_FALSE(reply.complete);
    }
    EXPECT_EQ(read_whole(error).message, "slow down");
    const auto null_error = R"({"error":null,)" + text.substr(1);
    EXPECT_EQ(read_whole(null_error).problem, "");
}

TEST(GeminiReply, may_be_an_array_of_chunks) {
    const auto body = " [" + chunk(candidate(R"({"text":"a"})", "")) + "\r\n,\r\n" +
                      chunk(candidate(R"({"text":"b"})")) + "] ";
    EXPECT_THAT(lines_of(read_whole(body)), ElementsAre("text ab", "finish stop STOP"));
}

TEST(GeminiReply, is_refused_when_it_is_none) {
    for (const char* body : {"", "null", "1", "\"x\"", "[]", "{}", "{", "[{]", "[1]", R"({"candidates":[]})",
                             R"({"candidates":null})", R"({"usageMetadata":{"totalTokenCount":1}})",
                             R"({"candidates":[{"index":-1}]})", R"({"candidates":[{"index":1.5}]})",
                             R"({"candidates":[{"index":4000000000}]})", "<html></html>"}) {
        EXPECT_EQ(read_whole(body).problem, "upstream_protocol") << body;
    }
    EXPECT_EQ(read_stream({event("nonsense")}).problem, "upstream_protocol");
    EXPECT_EQ(read_stream({event(R"({"candidates":[{"index":-1}]})")}).problem, "upstream_protocol");
}

TEST(GeminiReply, passes_over_a_terminator_that_others_have) {
    EXPECT_THAT(lines_of(read_stream({event(chunk(candidate(R"({"text":"a"})"))), event("[DONE]")})),
                ElementsAre("text a", "finish stop STOP"));
}

}  // namespace
}  // namespace gatehouse::dialect
