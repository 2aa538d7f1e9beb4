#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

Result<chat::Request> admit(std::string_view body, Endpoint endpoint = Endpoint::messages) {
    return anthropic().decode_request(endpoint, std::string(body), wire::JsonLimits{});
}

std::string encoded(const chat::Request& request, std::string_view model) {
    std::string out;
    const auto body = anthropic().encode_request(request, EncodeOptions{model, true});
    for (const auto piece : body.pieces) {
        out += piece;
    }
    EXPECT_EQ(out.size(), body.size());
    return out;
}

TEST(AnthropicAdmission, reads_what_the_gateway_must_know) {
    const auto request = admit(
        R"({"model":"cl\u0061ude","max_tokens":0,"stream":true,"messages":[{"role":"user","content":"hi"}]})");
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(request->endpoint, Endpoint::messages);
    EXPECT_EQ(request->vendor, chat::Vendor::anthropic);
    EXPECT_EQ(request->model, "claude");
    EXPECT_TRUE(request->stream);
    EXPECT_TRUE(request->wants_usage);
    EXPECT_EQ(request->original.object_begin, 1U);
}

TEST(AnthropicAdmission, ReadsTheEffortThatDecidesWhereItGoes) {
    const auto effort = [](std::string_view fields) {
        const auto request = admit(R"({"model":"m","max_tokens":9000,)" + std::string(fields) +
                                   R"("messages":[{"role":"user","content":"hi"}]})");
        return request ? std::string(name_of(request->effort)) : "refused";
    };
    EXPECT_EQ(effort(""), "");
    EXPECT_EQ(effort(R"("output_config":{"format":null,"effort":"max"},)"), "max");
    EXPECT_EQ(effort(R"("output_config":{"effort":"max"},"thinking":{"type":"adaptive"},)"), "max");
    EXPECT_EQ(effort(R"("thinking":{"type":"between_tools"},"output_config":{"effort":"low"},)"), "low");
    EXPECT_EQ(effort(R"("thinking":{"type":"disabled"},"output_config":{"effort":"max"},)"), "none");
    EXPECT_EQ(effort(R"("thinking":{"type":"between_tools"},)"), "none");
    EXPECT_EQ(
        effort(R"("thinking":{"type":"enabled","budget_tokens":8999},"output_config":{"effort":"max"},)"), "")
        << "a budget is a share of the answer";
    for (const std::string strange :
         {R"("output_config":{"effort":7},)", R"("output_config":"max",)",
          R"("output_config":{"effort":"vast"},)", R"("thinking":["disabled"],)"}) {
        EXPECT_EQ(effort(strange), "") << strange;
    }
}

TEST(AnthropicAdmission, counts_without_a_limit_and_never_streams_a_count) {
    const auto request = admit(R"({"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]})",
                               Endpoint::count_message_tokens);
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(request->endpoint, Endpoint::count_message_tokens);
    EXPECT_FALSE(request->stream);
    std::string made;
    EXPECT_EQ(anthropic().path(*request, "m", made), "/v1/messages/count_tokens");
}

TEST(AnthropicAdmission, takes_blocks_and_fields_that_it_has_never_heard_of) {
    EXPECT_TRUE(admit(R"({"model":"m","max_tokens":1,"novel":{"a":[]},"messages":[
        {"role":"system","content":[{"type":"brand_new","x":1}],"more":1},
        {"role":"assistant","content":[]}]})"));
}

TEST(AnthropicAdmission, lets_a_thread_go_on_without_a_message) {
    EXPECT_TRUE(admit(R"({"model":"m","max_tokens":1,"messages":[],
                          "thread":{"type":"continue","previous_message_id":"msg_1"}})"));
}

struct Fault {
    const char* body;
    ProblemKind kind;
    const char* param;
};

TEST(AnthropicAdmission, names_the_field_at_fault) {
    const Fault faults[] = {
        {R"([])", ProblemKind::invalid_json, ""},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]} x)",
         ProblemKind::invalid_json, ""},
        {R"({"model":"m","max_tokens":"x","mod\u0065l":"n","messages":[]})", ProblemKind::invalid_json, ""},
        {R"({"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})", ProblemKind::missing_parameter,
         "model"},
        {R"({"model":"","max_tokens":1,"messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_value, "model"},
        {R"({"model":7,"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_type, "model"},
        {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", ProblemKind::missing_parameter,
         "max_tokens"},
        {R"({"model":"m","max_tokens":null,"messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_type, "max_tokens"},
        {R"({"model":"m","max_tokens":-1,"messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_value, "max_tokens"},
        {R"({"model":"m","max_tokens":1.5,"messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_value, "max_tokens"},
        {R"({"model":"m","max_tokens":1,"stream":"yes","messages":[{"role":"user","content":"hi"}]})",
         ProblemKind::invalid_type, "stream"},
        {R"({"model":"m","max_tokens":1})", ProblemKind::missing_parameter, "messages"},
        {R"({"model":"m","max_tokens":1,"messages":{}})", ProblemKind::invalid_type, "messages"},
        {R"({"model":"m","max_tokens":1,"messages":[]})", ProblemKind::invalid_value, "messages"},
        {R"({"model":"m","max_tokens":1,"messages":["hi"]})", ProblemKind::invalid_type, "messages[0]"},
        {R"({"model":"m","max_tokens":1,"messages":[{"content":"hi"}]})", ProblemKind::missing_parameter,
         "messages[0].role"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"tool","content":"hi"}]})",
         ProblemKind::invalid_value, "messages[0].role"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user"}]})", ProblemKind::missing_parameter,
         "messages[0].content"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":null}]})",
         ProblemKind::invalid_type, "messages[0].content"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":["hi"]}]})",
         ProblemKind::invalid_type, "messages[0].content[0]"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"text":"hi"}]}]})",
         ProblemKind::missing_parameter, "messages[0].content[0].type"},
        {R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":1}]}]})",
         ProblemKind::invalid_type, "messages[0].content[0].type"},
    };
    for (const auto& fault : faults) {
        const auto request = admit(fault.body);
        ASSERT_FALSE(request) << fault.body;
        EXPECT_EQ(request.problem().kind(), fault.kind) << fault.body;
        EXPECT_EQ(request.problem().param(), fault.param) << fault.body;
    }
}

TEST(AnthropicAdmission, replaces_the_model_and_nothing_else) {
    const auto request = admit(R"({ "max_tokens" : 1,
"model" :	"a" , "messages":[{"role":"user","content":"\u0041"}] }
)");
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(encoded(*request, "a"), request->original.bytes);
    EXPECT_EQ(encoded(*request, "b\""), R"({ "max_tokens" : 1,
"model" :	"b\"" , "messages":[{"role":"user","content":"\u0041"}] }
)");
}

std::string with_messages(std::string_view messages) {
    return R"({"model":"m","max_tokens":1,"messages":[)" + std::string(messages) + "]}";
}

// Anthropic's own index is nobody else's to make.
TEST(AnthropicAdmission, CutsOutCitationsThatOtherProvidersMade) {
    const std::string other =
        R"({"type":"web_search_result_location","encrypted_index":"gh1.openai.","url":"u"})";
    const std::string own = R"({"encrypted_index":"Eo8B","url":"u"})";
    const std::string document = R"({"type":"char_location"})";
    const auto text = [](const std::string& citations) {
        return R"({"role":"assistant","content":[{"type":"text","text":"x","citations":)" + citations +
               R"(},{"type":"text","text":"y"}]})";
    };
    const struct {
        std::string before;
        std::string after;
    } cases[] = {
        {"[" + other + "]", "[]"},
        {"[ " + other + " , " + own + "," + other + "]", "[ " + own + "]"},
        {"[" + own + "," + document + "]", "[" + own + "," + document + "]"},
        {"null", "null"},
        {"[7," + other + "]", "[7]"},
    };
    for (const auto& one : cases) {
        const auto request = admit(with_messages(text(one.before)));
        ASSERT_TRUE(request) << request.problem().message();
        EXPECT_EQ(encoded(*request, "m"), with_messages(text(one.after))) << one.before;
    }
    const std::string thought =
        R"({"type":"thinking","signature":"gh1.openai.QQ==","citations":[)" + other + R"(]})";
    const std::string cited = R"({"type":"text","text":"x","citations":[)";
    const auto request = admit(with_messages(R"({"role":"assistant","content":[)" + thought + "," + cited +
                                             other + "]}," + thought + "]}"));
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(encoded(*request, "m"), with_messages(R"({"role":"assistant","content":[)" + cited + "]}]}"));
}

// Anthropic takes back its own signatures only.
TEST(AnthropicAdmission, cuts_out_thoughts_of_other_providers) {
    constexpr std::string_view thought = R"({"type":"thinking","thinking":"","signature":"gh1.gemini.QQ=="})";
    constexpr std::string_view hidden = R"({"data":"gh1.openai.QQ==","type":"redacted_thinking"})";
    const auto assistant = [](const std::string& content) {
        return R"({"role":"user","content":"a"},{"role":"assistant","content":[)" + content + "]}";
    };
    const std::string t(thought);
    const std::string h(hidden);
    const std::string x = R"({"type":"text","text":"x"})";
    const std::string own = R"({"type":"thinking","thinking":"","signature":"EqQB"})";
    const struct {
        std::string before;
        std::string after;
    } cases[] = {
        {t + " , " + x, x},
        {x + "," + t, x},
        {x + " , " + t + "," + h + " , " + own, x + " , " + own},
        {t + "," + h + "," + x, x},
        {t + "," + x + "," + h + "," + own + "," + t, x + "," + own},
        {own + "," + x, own + "," + x},
    };
    for (const auto& one : cases) {
        const auto request = admit(with_messages(assistant(one.before)));
        ASSERT_TRUE(request) << request.problem().message();
        EXPECT_EQ(encoded(*request, "m"), with_messages(assistant(one.after))) << one.before;
    }
    const auto request =
        admit(with_messages(assistant(t) + "," + assistant(x + "," + h) + "," + assistant(h)));
    ASSERT_TRUE(request) << request.problem().message();
    EXPECT_EQ(encoded(*request, "m"), with_messages(R"({"role":"user","content":"a"},)" + assistant(x) +
                                                    R"(,{"role":"user","content":"a"})"));
}

TEST(AnthropicAdmission, leaves_text_alone_that_looks_like_a_carrier) {
    const auto body = with_messages(
        R"({"role":"user","content":[{"type":"tool_use","data":"gh1.openai.QQ==","signature":"gh1."}]})");
    const auto request = admit(body);
    ASSERT_TRUE(request);
    EXPECT_EQ(encoded(*request, "m"), body);
}

TEST(AnthropicErrors, have_the_form_that_the_sdks_know) {
    ErrorView error;
    error.type = "overloaded_error";
    error.message = "say \"please\"";
    EXPECT_EQ(
        anthropic_error_body(error),
        R"({"type":"error","error":{"type":"overloaded_error","message":"say \"please\""},"request_id":null})");
    error.request_id = "req_1";
    EXPECT_EQ(anthropic_error_event(error),
              "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
              "\"say \\\"please\\\"\"},\"request_id\":\"req_1\"}\n\n");
}

TEST(AnthropicAdmission, LeavesABudgetOutWhereAnotherModelMadeTheCall) {
    const auto relayed = [](const std::string& settings, const std::string& blocks) {
        const auto body = R"({"model":"m",)" + settings +
                          R"("max_tokens":9,"messages":[{"role":"user","content":"a"},)"
                          R"({"role":"assistant","content":[)" +
                          blocks + R"(]},{"role":"user","content":[{"type":"tool_result"}]}]})";
        const auto request = anthropic().decode_request(chat::Endpoint::messages, body, wire::JsonLimits{});
        EXPECT_TRUE(request) << (request ? "" : request.problem().message());
        std::string out;
        for (const auto piece : anthropic().encode_request(*request, EncodeOptions{"m", true}).pieces) {
            out += piece;
        }
        return out.find("budget_tokens") == std::string::npos;
    };
    const std::string budget = R"("thinking":{"type":"enabled","budget_tokens":1024},)";
    const std::string others = R"({"type":"tool_use","id":"call_1","name":"f","input":{}})";
    const std::string own = R"({"type":"tool_use","id":"toolu_1","name":"f","input":{}})";
    const std::string marked = R"({"type":"thinking","thinking":"","signature":"gh1.openai.QQ=="},)";
    const std::string thought = R"({"type":"thinking","thinking":"","signature":"QQ=="},)";
    EXPECT_TRUE(relayed(budget, others));
    EXPECT_TRUE(relayed(budget, marked + others));
    EXPECT_FALSE(relayed(budget, thought + others));
    EXPECT_FALSE(relayed(budget, own));
    EXPECT_FALSE(relayed(budget, R"({"type":"text","text":"call_1"})"));
    EXPECT_FALSE(relayed(R"("thinking":{"type":"adaptive","budget_tokens":1},)", others));
}

}  // namespace
}  // namespace gatehouse::dialect
