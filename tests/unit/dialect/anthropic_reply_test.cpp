// Replies of Anthropic that no recording shows: odd orders, odd blocks, odd ends.
#include "told.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view message_start =
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x",)"
    R"("content":[],"stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1}}})";
constexpr std::string_view message_stop = R"({"type":"message_stop"})";

std::string begin(int index, std::string_view block) {
    return R"({"type":"content_block_start","index":)" + std::to_string(index) + R"(,"content_block":)" +
           std::string(block) + "}";
}

std::string delta(int index, std::string_view piece) {
    return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
           std::string(piece) + "}";
}

std::string end(int index) {
    return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}

std::string stopped(std::string_view reason, std::string_view usage = R"({"output_tokens":30})") {
    return R"({"type":"message_delta","delta":{"stop_reason":")" + std::string(reason) +
           R"(","stop_sequence":null},"usage":)" + std::string(usage) + "}";
}

std::string text_block(int index, std::string_view text) {
    return R"({"type":"content_block_start","index":)" + std::to_string(index) +
           R"(,"content_block":{"type":"text","text":")" + std::string(text) + R"("}})";
}

std::string call_block(std::string_view id, std::string_view name, std::string_view input = "{}") {
    return R"({"type":"tool_use","id":")" + std::string(id) + R"(","name":")" + std::string(name) +
           R"(","input":)" + std::string(input) + "}";
}

std::string fragment(int index, std::string_view json) {
    std::string escaped;
    wire::append_json_escaped(escaped, json);
    return delta(index, R"({"type":"input_json_delta","partial_json":")" + escaped + R"("})");
}

using Events = std::vector<std::string>;

Told follow(ReplyReader& reader, const Events& events) {
    std::string stream;
    for (const auto& event : events) {
        stream += "data: " + event + "\n\n";
    }
    return hear_stream(reader, std::array{std::string_view(stream)});
}

Told follow(const Events& events, const ReplyMap& map = {}) {
    return follow(*anthropic_reader(map), events);
}

Told whole(std::string_view content, std::string_view rest, const ReplyMap& map = {}) {
    const std::string body = R"({"id":"msg_1","type":"message","model":"claude-x","content":)" +
                             std::string(content) + "," + std::string(rest) + "}";
    const auto reader = anthropic_reader(map);
    Told told;
    const auto events = reader->whole(body);
    if (events) {
        hear(told, *events);
    } else {
        told.problem = name_of(events.problem().kind());
    }
    return told;
}

chat::Usage usage_after(const Events& events) {
    const auto reader = anthropic_reader({});
    follow(*reader, events);
    return reader->usage();
}

TEST(AnthropicStream, tells_text_calls_and_end) {
    const auto told = follow({std::string(message_start), text_block(0, ""), R"({"type": "ping"})",
                              delta(0, R"({"type":"text_delta","text":"H\u00ef"})"), end(0),
                              begin(1, call_block("toolu_1", "f")), fragment(1, ""), fragment(1, R"({"a":)"),
                              fragment(1, "1}"), end(1), stopped("tool_use"), std::string(message_stop)});
    EXPECT_EQ(told.kinds, "stCaaeF");
    EXPECT_EQ(told.text, "H\u00ef");
    EXPECT_EQ(told.calls, (std::vector<ToldCall>{{"toolu_1", "f", R"({"a":1})", "", false, true}}));
    EXPECT_EQ(told.finish, "tool_calls");
    EXPECT_EQ(told.reason, "tool_use");
    EXPECT_TRUE(told.complete);
}

TEST(AnthropicStream, is_over_at_message_stop_and_heeds_nothing_behind_it) {
    const auto told = follow({std::string(message_start), stopped("end_turn"), std::string(message_stop),
                              text_block(0, "late"), R"({"type":"error","error":{"type":"api_error"}})"});
    EXPECT_EQ(told.kinds, "sF");
    EXPECT_TRUE(told.problem.empty());
}

TEST(AnthropicStream, is_over_when_it_closes_behind_a_stop_reason) {
    const auto told = follow({std::string(message_start), text_block(0, "a"), stopped("max_tokens")});
    EXPECT_EQ(told.kinds, "stF");
    EXPECT_EQ(told.finish, "length");
    EXPECT_TRUE(told.complete);
    const auto cut = follow({std::string(message_start), text_block(0, "a")});
    EXPECT_EQ(cut.kinds, "st");
    EXPECT_FALSE(cut.complete);
}

TEST(AnthropicStream, begins_with_its_message) {
    EXPECT_EQ(follow({text_block(0, "a")}).problem, "upstream_protocol");
    EXPECT_EQ(follow({std::string(message_stop)}).problem, "upstream_protocol");
}

TEST(AnthropicStream, a_second_message_is_a_fault_unless_it_is_the_same_again) {
    EXPECT_EQ(follow({std::string(message_start), std::string(message_start), text_block(0, "a")}).kinds,
              "st");
    EXPECT_EQ(follow({std::string(message_start),
                      R"({"type":"message_start","message":{"id":"msg_2","content":[]}})"})
                  .problem,
              "upstream_protocol");
}

TEST(AnthropicStream, blocks_that_come_with_the_message_count) {
    const auto told = follow(
        {R"({"type":"message_start","message":{"id":"m","model":"x","content":[{"type":"text","text":"a"},)" +
             call_block("t", "f", R"({"b": [1, "c d"]})") + R"(],"usage":{}}})",
         text_block(0, "b"), end(0), stopped("tool_use"), std::string(message_stop)});
    EXPECT_EQ(told.text, "ab");
    EXPECT_EQ(told.calls.at(0).arguments, R"({"b":[1,"c d"]})");
    EXPECT_EQ(told.kinds, "stCaetF");
}

TEST(AnthropicStream, input_that_came_with_the_call_is_all_of_it) {
    const auto told =
        follow({std::string(message_start), begin(0, call_block("t", "f", R"({"a": "\" }"})")),
                fragment(0, R"({"a":2})"), end(0), stopped("tool_use"), std::string(message_stop)});
    EXPECT_EQ(told.calls.at(0).arguments, R"({"a":"\" }"})");
}

TEST(AnthropicStream, a_call_without_arguments_gets_an_empty_object) {
    const auto told = follow({std::string(message_start), begin(0, call_block("t", "f")), end(0),
                              stopped("tool_use"), std::string(message_stop)});
    EXPECT_EQ(told.calls.at(0).arguments, "{}");
    const auto open =
        follow({std::string(message_start), begin(0, call_block("t", "f")), stopped("max_tokens")});
    EXPECT_TRUE(open.calls.at(0).ended);
    EXPECT_EQ(open.finish, "length");
}

TEST(AnthropicStream, fragments_of_other_blocks_never_reach_a_call) {
    const auto told = follow(
        {std::string(message_start), begin(0, call_block("t", "f")), fragment(0, R"({"a":1})"), end(0),
         begin(1, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})"),
         fragment(1, R"({"query":"x"})"), end(1),
         begin(2, R"({"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"x"}]})"), end(2),
         begin(3, R"({"type":"brand_new","text":"hidden"})"), delta(3, R"({"type":"text_delta","text":"x"})"),
         end(3), stopped("end_turn"), std::string(message_stop)});
    EXPECT_EQ(told.kinds, "sCaeF");
    EXPECT_EQ(told.calls.at(0).arguments, R"({"a":1})");
    EXPECT_EQ(told.finish, "tool_calls") << "a call was made, whatever the reason says";
}

TEST(AnthropicStream, interleaved_blocks_keep_their_pieces) {
    const auto told =
        follow({std::string(message_start), begin(0, call_block("a", "f")), begin(1, call_block("b", "g")),
                fragment(1, R"({"b":)"), fragment(0, R"({"a":)"), fragment(1, "2}"), fragment(0, "1}"),
                end(0), end(1), stopped("tool_use"), std::string(message_stop)});
    EXPECT_EQ(told.calls.at(0).arguments, R"({"a":1})");
    EXPECT_EQ(told.calls.at(1).arguments, R"({"b":2})");
}

TEST(AnthropicStream, a_piece_of_no_block_is_a_fault) {
    EXPECT_EQ(follow({std::string(message_start), delta(0, R"({"type":"text_delta","text":"x"})")}).problem,
              "upstream_protocol");
    EXPECT_EQ(follow({std::string(message_start), text_block(0, "a"), end(0),
                      delta(0, R"({"type":"text_delta","text":"x"})")})
                  .problem,
              "upstream_protocol");
    EXPECT_EQ(follow({std::string(message_start), end(7)}).kinds, "s") << "an end of nothing ends nothing";
}

TEST(AnthropicStream, does_not_open_blocks_without_end) {
    Events events{std::string(message_start)};
    for (int i = 0; i < 65; ++i) {
        events.push_back(text_block(i, "a"));
    }
    const auto told = follow(events);
    EXPECT_EQ(told.problem, "upstream_protocol");
    EXPECT_EQ(told.text.size(), 64U);
}

TEST(AnthropicStream, a_call_without_id_gets_one_of_its_message) {
    const auto told = follow({std::string(message_start), begin(0, call_block("", "f")), end(0),
                              begin(1, call_block("", "f")), end(1)});
    EXPECT_EQ(told.calls.at(0).id, "toolu_msg_1_0");
    EXPECT_EQ(told.calls.at(1).id, "toolu_msg_1_1");
}

TEST(AnthropicStream, thoughts_come_with_their_signatures) {
    const auto told =
        follow({std::string(message_start), begin(0, R"({"type":"thinking","thinking":"","signature":""})"),
                delta(0, R"({"type":"thinking_delta","thinking":"hm"})"),
                delta(0, R"({"type":"signature_delta","signature":"c2ln"})"), end(0),
                begin(1, R"({"type":"redacted_thinking","data":"eHh4"})"), end(1),
                begin(2, R"({"type":"thinking","thinking":"","signature":"b25seQ"})"), end(2),
                stopped("end_turn"), std::string(message_stop)});
    EXPECT_EQ(told.kinds, "srgdgF");
    EXPECT_EQ(told.reasoning, "hm");
    EXPECT_EQ(told.signatures, (std::vector<std::string>{"c2ln", "b25seQ"}));
    EXPECT_EQ(told.redacted, std::vector<std::string>{"eHh4"});
    EXPECT_EQ(told.finish, "stop");
}

TEST(AnthropicStream, errors_are_those_of_the_provider) {
    constexpr std::string_view overloaded =
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
    EXPECT_EQ(follow({std::string(overloaded)}).problem, "upstream_overloaded");
    EXPECT_EQ(follow({std::string(message_start), text_block(0, "a"), std::string(overloaded)}).problem,
              "upstream_overloaded");
    EXPECT_EQ(follow({R"({"error":{"type":"rate_limit_error","message":"slow"}})"}).problem,
              "upstream_rate_limited");
    EXPECT_EQ(follow({"nonsense"}).problem, "upstream_protocol");
    EXPECT_EQ(follow({R"(["a"])"}).problem, "upstream_protocol");
}

TEST(AnthropicStream, what_has_no_type_is_what_its_event_is_called) {
    const std::string stream =
        "event: message_start\ndata: {\"message\":{\"id\":\"m\",\"model\":\"x\"}}\n\n"
        "event: message_stop\ndata: {}\n\n";
    const auto told = hear_stream(*anthropic_reader({}), std::array{std::string_view(stream)});
    EXPECT_EQ(told.kinds, "sF");
    EXPECT_TRUE(told.complete);
}

TEST(AnthropicFinish, is_mapped_from_every_reason) {
    const auto finish = [](std::string_view reason) {
        const auto told = whole(R"([{"type":"text","text":"a"}])",
                                R"("stop_reason":")" + std::string(reason) + R"(","usage":{})");
        EXPECT_EQ(told.reason, reason);
        return told.finish;
    };
    EXPECT_EQ(finish("end_turn"), "stop");
    EXPECT_EQ(finish("stop_sequence"), "stop");
    EXPECT_EQ(finish("pause_turn"), "stop");
    EXPECT_EQ(finish("tool_use"), "stop") << "no call was made";
    EXPECT_EQ(finish("max_tokens"), "length");
    EXPECT_EQ(finish("model_context_window_exceeded"), "length");
    EXPECT_EQ(finish("refusal"), "content_filter");
    EXPECT_EQ(finish("brand_new"), "stop");
}

TEST(AnthropicFinish, by_length_stays_so_beside_a_call) {
    const auto told = whole("[" + call_block("t", "f", R"({"a":1})") + "]", R"("stop_reason":"max_tokens")");
    EXPECT_EQ(told.finish, "length");
    EXPECT_EQ(told.calls.size(), 1U);
}

TEST(AnthropicRefusal, throws_away_what_a_whole_reply_had_said) {
    const auto told = whole(R"([{"type":"text","text":"Sure, "}])",
                            R"("stop_reason":"refusal","stop_details":{"explanation":"No \"this\"."})");
    EXPECT_EQ(told.kinds, "sfF");
    EXPECT_EQ(told.refusal, "No \"this\".");
    EXPECT_EQ(whole("[]", R"("stop_reason":"refusal","stop_details":null)").refusal,
              "The model refused to answer.");
}

TEST(AnthropicRefusal, follows_what_a_stream_had_said) {
    const auto told = follow(
        {std::string(message_start), text_block(0, "Sure, "), end(0),
         R"({"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"explanation":"No."}}})",
         std::string(message_stop)});
    EXPECT_EQ(told.kinds, "stfF");
    EXPECT_EQ(told.refusal, "No.");
    EXPECT_EQ(told.finish, "content_filter");
}

TEST(AnthropicReply, that_is_none_is_a_fault) {
    const auto problem = [](std::string_view body) {
        const auto reader = anthropic_reader({});
        const auto events = reader->whole(body);
        return events ? std::string("none") : std::string(name_of(events.problem().kind()));
    };
    EXPECT_EQ(problem("<html>"), "upstream_protocol");
    EXPECT_EQ(problem("[]"), "upstream_protocol");
    EXPECT_EQ(problem("{}"), "upstream_protocol");
    EXPECT_EQ(problem(R"({"content":"text"})"), "upstream_protocol");
    EXPECT_EQ(problem(R"({"type":"error","error":{"type":"api_error","message":"m"}})"), "upstream_failed");
    EXPECT_EQ(problem(R"({"content":[]})"), "none");
}

TEST(AnthropicJsonTool, call_becomes_the_text) {
    ReplyMap map;
    map.json_tool = "json";
    const auto streamed =
        follow({std::string(message_start), begin(0, call_block("t", "json")), fragment(0, R"({"a":)"),
                fragment(0, "1}"), end(0), stopped("tool_use"), std::string(message_stop)},
               map);
    EXPECT_EQ(streamed.kinds, "sttF");
    EXPECT_EQ(streamed.text, R"({"a":1})");
    EXPECT_EQ(streamed.finish, "stop");
    const auto told =
        whole("[" + call_block("t", "json", R"({"a":1})") + "]", R"("stop_reason":"tool_use")", map);
    EXPECT_EQ(told.text, R"({"a":1})");
    EXPECT_TRUE(told.calls.empty());
    EXPECT_EQ(told.finish, "stop");
}

TEST(AnthropicJsonTool, gives_way_to_a_call_of_the_clients_own) {
    ReplyMap map;
    map.json_tool = "json";
    map.json_waits = true;
    const auto both = follow(
        {std::string(message_start), begin(0, call_block("t", "json")), fragment(0, R"({"a":1})"), end(0),
         begin(1, call_block("u", "f")), end(1), stopped("tool_use"), std::string(message_stop)},
        map);
    EXPECT_EQ(both.kinds, "sCaeF");
    EXPECT_EQ(both.finish, "tool_calls");
    const auto alone =
        follow({std::string(message_start), begin(0, call_block("t", "json")), fragment(0, R"({"a":)"),
                fragment(0, "1}"), end(0), stopped("tool_use"), std::string(message_stop)},
               map);
    EXPECT_EQ(alone.kinds, "stF");
    EXPECT_EQ(alone.text, R"({"a":1})");
    EXPECT_EQ(alone.finish, "stop");
}

TEST(AnthropicCustomTool, arguments_are_unwrapped_and_names_given_back) {
    ReplyMap map;
    map.names = {{"shell_", "shell"}};
    map.custom_tools = {"shell"};
    const auto told =
        follow({std::string(message_start), begin(0, call_block("t", "shell_")), fragment(0, R"({"input":)"),
                fragment(0, R"("ls \"a\""})"), end(0), stopped("tool_use"), std::string(message_stop)},
               map);
    EXPECT_EQ(told.calls, (std::vector<ToldCall>{{"t", "shell", R"(ls "a")", "", true, true}}));
    const auto broken =
        whole("[" + call_block("t", "shell_", R"({"cmd":"ls"})") + "]", R"("stop_reason":"tool_use")", map);
    EXPECT_EQ(broken.calls.at(0).arguments, R"({"cmd":"ls"})");
}

TEST(AnthropicCitation, of_an_address_spans_its_block_in_characters) {
    constexpr std::string_view location =
        R"({"type":"web_search_result_location","url":"https://a.example/?\"","title":"T","cited_text":"c"})";
    const auto told =
        follow({std::string(message_start), text_block(0, "\u00fcber "), end(0), text_block(1, ""),
                delta(1, R"({"type":"citations_delta","citation":)" + std::string(location) + "}"),
                delta(1, R"({"type":"text_delta","text":"s\u00fc\u00df"})"), end(1), stopped("end_turn"),
                std::string(message_stop)});
    EXPECT_EQ(told.citations, std::vector<std::string>{
                                  R"({"type":"url_citation","url_citation":{"start_index":5,"end_index":8,)"
                                  R"("url":"https://a.example/?\"","title":"T"}})"});
    EXPECT_EQ(told.kinds, "sttzF");
}

TEST(AnthropicCitation, counts_characters_of_every_length_wherever_they_begin) {
    constexpr std::string_view location =
        R"({"type":"web_search_result_location","url":"https://a.example/","title":"T","cited_text":"c"})";
    for (std::size_t shift = 0; shift < 9; ++shift) {
        const auto before = std::string(shift, 'x') + "\u00fc\u20ac\U0001f600\u00fc\u20ac\U0001f600yz";
        const auto told =
            follow({std::string(message_start), text_block(0, before), end(0), text_block(1, "cited"),
                    delta(1, R"({"type":"citations_delta","citation":)" + std::string(location) + "}"),
                    end(1), stopped("end_turn"), std::string(message_stop)});
        const auto span = R"("start_index":)" + std::to_string(shift + 8) + R"(,"end_index":)" +
                          std::to_string(shift + 13) + ",";
        ASSERT_EQ(told.citations.size(), 1U);
        EXPECT_NE(told.citations.front().find(span), std::string::npos) << told.citations.front();
    }
}

TEST(AnthropicCitation, OfADocumentStaysAsItIs) {
    const auto told = whole(
        R"([{"type":"text","text":"a","citations":[{"type":"char_location", "cited_text":"c d"},)"
        R"({"type":"search_result_location","source":"kb://1","title":"T"},{"type":"newer","url":"u"},null,7]}])",
        R"("stop_reason":"end_turn")");
    EXPECT_EQ(told.citations,
              (std::vector<std::string>{
                  R"({"type":"char_location","cited_text":"c d"})",
                  R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"url":"kb://1",)"
                  R"("title":"T"}})"}));
    EXPECT_EQ(whole(R"([{"type":"text","text":"a","citations":null}])", R"("stop_reason":"end_turn")").kinds,
              "stF");
}

TEST(AnthropicUsage, later_counts_replace_earlier_ones_and_null_changes_nothing) {
    const auto usage = usage_after(
        {R"({"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":12,)"
         R"("cache_creation_input_tokens":300,"cache_read_input_tokens":1000,"output_tokens":1}}})",
         stopped("end_turn", R"({"input_tokens":null,"cache_read_input_tokens":1024,"output_tokens":80,)"
                             R"("output_tokens_details":{"thinking_tokens":30}})")});
    EXPECT_TRUE(usage.known);
    EXPECT_EQ(usage.input.value(), 12);
    EXPECT_EQ(usage.cache_write.value(), 300);
    EXPECT_EQ(usage.cached_input.value(), 1024);
    EXPECT_EQ(usage.output.value(), 50);
    EXPECT_EQ(usage.reasoning.value(), 30);
    EXPECT_EQ(usage.prompt().value(), 1336);
    EXPECT_EQ(usage.completion().value(), 80);
}

TEST(AnthropicUsage, cache_writes_by_lifetime_count_when_their_sum_is_not_said) {
    const auto usage =
        usage_after({R"({"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":1,)"
                     R"("cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}}})"});
    EXPECT_EQ(usage.cache_write.value(), 3);
    EXPECT_EQ(usage.cache_write_1h.value(), 4);
    EXPECT_EQ(usage.written().value(), 7);
}

TEST(AnthropicUsage, a_bad_number_voids_what_stands_beside_it) {
    for (const char* bad : {"-1", "1.5", "\"7\"", "99999999999999999999"}) {
        const auto usage = usage_after(
            {std::string(message_start),
             stopped("end_turn", R"({"output_tokens":)" + std::string(bad) + R"(,"input_tokens":9})")});
        EXPECT_EQ(usage.input.value(), 25) << bad;
        EXPECT_EQ(usage.output.value(), 1) << bad;
    }
    EXPECT_FALSE(
        usage_after({R"({"type":"message_start","message":{"id":"m","content":[],"usage":{}}})"}).known);
}

TEST(AnthropicUsage, more_thoughts_than_output_are_cut) {
    const auto usage = usage_after(
        {std::string(message_start),
         stopped("end_turn", R"({"output_tokens":5,"output_tokens_details":{"thinking_tokens":9}})")});
    EXPECT_EQ(usage.output.value(), 0);
    EXPECT_EQ(usage.reasoning.value(), 5);
}

}  // namespace
}  // namespace gatehouse::dialect
