#include "gatehouse/dialect/response_state.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

TEST(ResponseAsk, GivesEachItemAnId) {
    const auto text = read_response_ask(R"({"model":"m","input":"say \"hi\""})", "x");
    EXPECT_TRUE(text.store);
    EXPECT_EQ(text.previous_id, "");
    EXPECT_EQ(text.input, R"({"id":"msg_x_0","type":"message","role":"user",)"
                          R"("content":[{"type":"input_text","text":"say \"hi\""}]})");
    const auto items = read_response_ask(
        R"({"previous_response_id":"resp_1","store":false,"input":[ {"role":"user","content":"a"}, {} , {"id":"own","type":"reasoning"}]})",
        "x");
    EXPECT_FALSE(items.store);
    EXPECT_EQ(items.previous_id, "resp_1");
    EXPECT_EQ(
        items.input,
        R"({"id":"msg_x_0","role":"user","content":"a"},{"id":"msg_x_1"},{"id":"own","type":"reasoning"})");
}

TEST(ResponseAsk, GivesIdsThatBeginAsTheProviderWantsThemForTheTypeOfTheItem) {
    const auto ask = read_response_ask(
        R"({"input":[{"type":"message","role":"user"},{"type":"reasoning"},{"type":"function_call"},)"
        R"({"type":"function_call_output"},{"type":"custom_tool_call"},{"type":"custom_tool_call_output"}]})",
        "x");
    EXPECT_EQ(ask.input, R"({"id":"msg_x_0","type":"message","role":"user"},)"
                         R"({"id":"rs_x_1","type":"reasoning"},{"id":"fc_x_2","type":"function_call"},)"
                         R"({"id":"fco_x_3","type":"function_call_output"},)"
                         R"({"id":"ctc_x_4","type":"custom_tool_call"},)"
                         R"({"id":"ctco_x_5","type":"custom_tool_call_output"})");
}

TEST(ResponseAsk, PutsAnIdInThePlaceOfNone) {
    EXPECT_EQ(
        read_response_ask(R"({"input":[{"role":"user","id":null,"content":"a"},{"id":"" }]})", "x").input,
        R"({"id":"msg_x_0","role":"user","content":"a"},{"id":"msg_x_1"})");
}

TEST(ResponseAsk, TakesNullForAbsent) {
    const auto ask = read_response_ask(R"({"previous_response_id":null,"store":null,"input":null})", "x");
    EXPECT_EQ(ask.previous_id, "");
    EXPECT_TRUE(ask.store);
    EXPECT_EQ(ask.input, "");
}

TEST(ResponseState, GoesOnFromWhatWasKept) {
    KeptResponse first;
    first.input = R"({"id":"i1"})";
    first.response = R"({"id":"resp_1","output":[{"id":"o1"},{"id":"o2"}]})";
    const auto kept = kept_response(to_json(first));
    EXPECT_EQ(kept.response, first.response);
    EXPECT_EQ(response_id(kept.response), "resp_1");
    const auto history = history_of(kept);
    EXPECT_EQ(history, R"({"id":"i1"},{"id":"o1"},{"id":"o2"})");
    EXPECT_EQ(
        with_history(
            R"({"model":"m","previous_response_id":"resp_1","input":"x","temp\u0065rature":1.50,"tools":[ ]})",
            history, R"({"id":"i2"})"),
        R"({"model":"m","temperature":1.50,"tools":[ ],"input":[{"id":"i1"},{"id":"o1"},{"id":"o2"},{"id":"i2"}]})");
    EXPECT_EQ(with_history(R"({})", "", ""), R"({"input":[]})");
    KeptResponse silent;
    silent.response = R"({"id":"r","output":[]})";
    EXPECT_EQ(history_of(silent), "");
}

TEST(ResponseState, SaysThatARequestIsNotStored) {
    EXPECT_EQ(unstored(R"({"model":"m","store":true,"input":"x"})"),
              R"({"model":"m","input":"x","store":false})");
    EXPECT_EQ(unstored("{}"), R"({"store":false})");
}

TEST(ResponseState, FindsTheResponseInTheLastEvent) {
    EXPECT_EQ(response_in(R"({"type":"response.completed","response":{"id":"r"},"sequence_number":9})"),
              R"({"id":"r"})");
    EXPECT_EQ(response_in(R"({"response":{"id":"r"},"type":"response.incomplete"})"), R"({"id":"r"})");
    EXPECT_EQ(response_in(R"({"type":"response.created","response":{"id":"r"}})"), "");
    EXPECT_EQ(response_in(R"({"type":"response.failed","response":{"id":"r"}})"), "");
    EXPECT_EQ(response_in("no json"), "");
}

std::string page(std::string_view query) {
    const auto shown = input_items_page(R"({"id":"a"},{"id":"b"},{"id":"c"})", query);
    return shown ? *shown : shown.problem().param();
}

TEST(InputItems, ArePagesNewestFirst) {
    EXPECT_EQ(
        page(""),
        R"({"object":"list","data":[{"id":"c"},{"id":"b"},{"id":"a"}],"first_id":"c","last_id":"a","has_more":false})");
    EXPECT_EQ(
        page("order=asc&limit=2"),
        R"({"object":"list","data":[{"id":"a"},{"id":"b"}],"first_id":"a","last_id":"b","has_more":true})");
    EXPECT_EQ(page("order=asc&after=b"),
              R"({"object":"list","data":[{"id":"c"}],"first_id":"c","last_id":"c","has_more":false})");
    EXPECT_EQ(page("order=asc&after=c"),
              R"({"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false})");
    EXPECT_EQ(page("order=up"), "order");
    EXPECT_EQ(page("limit=0"), "limit");
    EXPECT_EQ(page("limit=101"), "limit");
    EXPECT_EQ(page("after=z"), "after");
}

}  // namespace
}  // namespace gatehouse::dialect
