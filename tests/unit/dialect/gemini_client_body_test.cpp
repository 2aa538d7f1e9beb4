// Bodies of Gemini's clients, admitted and sent on to Gemini.
#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

constexpr auto generate = Endpoint::generate_content;
constexpr auto count = Endpoint::count_content_tokens;
constexpr auto embed = Endpoint::embed_content;
constexpr auto batch = Endpoint::batch_embed_contents;

Result<chat::Request> decode(Endpoint endpoint, std::string body) {
    return gemini().decode_request(endpoint, std::move(body), wire::JsonLimits{});
}

std::string fault(Endpoint endpoint, std::string body) {
    const auto request = decode(endpoint, std::move(body));
    if (request) {
        return "none";
    }
    const auto& problem = request.problem();
    return std::string(name_of(problem.kind())) + " " + problem.param();
}

std::string sent(Endpoint endpoint, const std::string& body, std::string_view model = "up",
                 bool signatures_required = false) {
    const auto request = decode(endpoint, body);
    if (!request) {
        return request.problem().message();
    }
    EncodeOptions options;
    options.model = model;
    options.signatures_required = signatures_required;
    const auto pieces = gemini().encode_request(*request, options);
    std::string out;
    for (const auto piece : pieces.pieces) {
        out += piece;
    }
    EXPECT_EQ(out.size(), pieces.size());
    return out;
}

TEST(GeminiBody, LeavesModelAndStreamToThePath) {
    const auto request = decode(generate, R"({"contents":[{"parts":[{"text":"hi"}]}],"stream":true})");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->vendor, chat::Vendor::gemini);
    EXPECT_EQ(request->endpoint, generate);
    EXPECT_TRUE(request->model.empty());
    EXPECT_FALSE(request->stream);
    EXPECT_TRUE(request->wants_usage);
    EXPECT_EQ(request->original.model.size(), 0U);
}

TEST(GeminiBody, MayBeSaidInEveryFormThatGoogleTakes) {
    for (const auto* body :
         {R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})",
          R"({"contents":{"parts":{"text":"hi"}}})",
          R"({"contents":"hi","generation_config":{"max_output_tokens":3}})",
          R"({"contents":[{"parts":[{"text":"hi"}],"role":null}],"systemInstruction":null,"anything":[1e9]})",
          R"( { "contents" : ["hi"] } )"}) {
        EXPECT_EQ(sent(generate, body), body);
    }
}

TEST(GeminiBody, IsRefusedForWhatIsWrongWithIt) {
    EXPECT_EQ(fault(generate, "{}"), "missing_parameter contents");
    EXPECT_EQ(fault(generate, R"({"contents":null})"), "missing_parameter contents");
    EXPECT_EQ(fault(generate, R"({"contents":[]})"), "invalid_value contents");
    EXPECT_EQ(fault(generate, R"({"contents":3})"), "invalid_type contents");
    EXPECT_EQ(fault(generate, R"({"contents":[{},7]})"), "invalid_type contents[1]");
    EXPECT_EQ(fault(generate, R"({"contents":[{"parts":"x"}]})"), "invalid_type contents[0].parts");
    EXPECT_EQ(fault(generate, R"({"contents":[{"parts":[{},"x"]}]})"), "invalid_type contents[0].parts[1]");
    EXPECT_EQ(fault(generate, R"({"contents":[{"role":1}]})"), "invalid_type contents[0].role");
    EXPECT_EQ(fault(generate, R"({"contents":"hi","model":1})"), "invalid_type model");
    EXPECT_EQ(fault(generate, R"({"contents":[{}]} x)"), "invalid_json ");
    EXPECT_EQ(fault(generate, R"([])"), "invalid_json ");
    EXPECT_EQ(fault(generate, R"({"contents":7,)"), "invalid_json ");
    EXPECT_EQ(fault(count, R"({"generateContentRequest":{}})"), "missing_parameter contents");
    EXPECT_EQ(fault(count, R"({"generate_content_request":{"contents":9}})"),
              "invalid_type generateContentRequest.contents");
    EXPECT_EQ(fault(embed, R"({"contents":"x"})"), "missing_parameter content");
    EXPECT_EQ(fault(embed, R"({"content":"x"})"), "invalid_type content");
    EXPECT_EQ(fault(batch, R"({"content":{}})"), "missing_parameter requests");
    EXPECT_EQ(fault(batch, R"({"requests":[]})"), "invalid_value requests");
    EXPECT_EQ(fault(batch, R"({"requests":[{"content":{}},{"model":"m"}]})"),
              "missing_parameter requests[1].content");
}

TEST(GeminiBody, HasEachKeyOnceInWhicheverSpelling) {
    for (const auto* body : {R"({"contents":"a","contents":"b"})",
                             R"({"contents":"a","generationConfig":{},"generation_config":{}})",
                             R"({"contents":"a","system_instruction":{},"system\u005finstruction":{}})",
                             R"({"contents":"a","":1,"":2})"}) {
        EXPECT_EQ(fault(generate, body), "invalid_json ") << body;
    }
    EXPECT_EQ(fault(generate, R"({"contents":"a","a_":1,"a":2,"_a":3,"a_1":4,"a1":5})"), "none");
}

TEST(GeminiBody, IsRefusedWhenItIsTooDeep) {
    std::string deep = R"({"contents":"a","x":)";
    deep += std::string(70, '[') + std::string(70, ']') + "}";
    EXPECT_EQ(fault(generate, deep), "invalid_json ");
}

TEST(GeminiBody, NamesTheModelOfItsTarget) {
    EXPECT_EQ(sent(generate, R"({"model":"models/alias","contents":"a"})"),
              R"({"model":"models/up","contents":"a"})");
    EXPECT_EQ(sent(generate, R"({"contents":"a", "model": null})"),
              R"({"contents":"a", "model": "models/up"})");
    EXPECT_EQ(sent(count, R"({"generateContentRequest":{"contents":[{}],"model":"models/a"}})"),
              R"({"generateContentRequest":{"contents":[{}],"model":"models/up"}})");
    EXPECT_EQ(sent(count, R"({"generateContentRequest":{"contents":[{}]}})", "tunedModels/t"),
              R"({"generateContentRequest":{"model":"tunedModels/t","contents":[{}]}})");
    EXPECT_EQ(sent(embed, R"({"model":"models/a","content":{"parts":[{"text":"x"}]}})"),
              R"({"model":"models/up","content":{"parts":[{"text":"x"}]}})");
    EXPECT_EQ(sent(batch,
                   R"({"requests":[{"model":"models/a","content":{}},{"content":{},"model":"b\u0063"}, )"
                   R"({ "content":{} }]})",
                   "models/up"),
              R"({"requests":[{"model":"models/up","content":{}},{"content":{},"model":"models/up"}, )"
              R"({"model":"models/up", "content":{} }]})");
}

TEST(GeminiBody, IsUntouchedWhereItNamesTheTargetAlready) {
    const std::string body = R"({"model":"models/up","contents":[{"parts":[{"text":"\u00e9"}]}]})";
    const auto request = decode(generate, body);
    ASSERT_TRUE(request);
    EncodeOptions options;
    options.model = "up";
    const auto pieces = gemini().encode_request(*request, options);
    ASSERT_EQ(pieces.pieces.size(), 1U);
    EXPECT_EQ(pieces.pieces.front(), body);
}

// base64 of gh1.anthropic.sig, as the gateway hands it out for Claude's thoughts.
constexpr std::string_view claudes = "Z2gxLmFudGhyb3BpYy5zaWc=";

std::string contents(const std::string& list) {
    return R"({"contents":[)" + list + "]}";
}

std::string model_says(const std::string& parts) {
    return R"({"role":"model","parts":[)" + parts + "]}";
}

TEST(GeminiBody, GoesOnWithoutTheThoughtsOfOtherProviders) {
    const std::string sign = R"("thoughtSignature":")" + std::string(claudes) + '"';
    const std::string thought = R"({"text":"","thought":true,)" + sign + "}";
    const std::string visible = R"({"text":"hm","thought":true})";
    const std::string text = R"({"text":"a"})";
    const std::string own = R"({"text":"","thought":true,"thoughtSignature":"Q2s="})";
    EXPECT_EQ(sent(generate, contents(model_says(visible + " , " + visible + "," + thought + "," + text))),
              contents(model_says(text)));
    EXPECT_EQ(sent(generate, contents(model_says(text + ", " + thought + " , " + own))),
              contents(model_says(text + " , " + own)));
    EXPECT_EQ(sent(generate, contents(model_says(text) + "," + model_says(thought))),
              contents(model_says(text)));
    EXPECT_EQ(sent(generate, contents(model_says(R"({"text":"a", )" + sign + "}"))),
              contents(model_says(text)));
    EXPECT_EQ(sent(generate, contents(model_says("{ " + sign + R"( , "text":"a"})"))),
              contents(model_says(R"({  "text":"a"})")));
    EXPECT_EQ(
        sent(count, R"({"generateContentRequest":{"model":"m",)" +
                        contents(model_says(text) + "," + model_says(thought)).substr(1) + "}"),
        R"({"generateContentRequest":{"model":"models/up",)" + contents(model_says(text)).substr(1) + "}");
}

TEST(GeminiBody, IsNotTouchedWhereAllThoughtsAreGeminis) {
    const std::string own =
        R"({"text":"hm","thought":true},{"text":"","thought_signature":"Z2gx"},{"text":"b","thought":true})";
    const auto body = contents(model_says(own) + R"(,{"role":"user","parts":[{"text":"Z2gxL"}]},null)");
    EXPECT_EQ(sent(generate, body, "up", true), body);
    const auto request = decode(generate, body);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->original.foreign.empty());
}

TEST(GeminiBody, SaysThatACallHasNoSignatureWhereTheModelWantsOne) {
    const std::string call = R"({"functionCall":{"name":"f","args":{}}})";
    const std::string known = R"({"functionCall":{"name":"f"},"thoughtSignature":"Q2s="})";
    const std::string excused = R"({"thoughtSignature":"skip_thought_signature_validator",)" + call.substr(1);
    const std::string answers = R"(,{"role":"user","parts":[{"functionResponse":{"name":"f"}}]},)";
    const auto all_marked = [&](const std::string& list) {
        return sent(generate, contents(list), "up", true);
    };
    EXPECT_EQ(all_marked(model_says(call + "," + call) + answers + model_says(call)),
              contents(model_says(excused + "," + call) + answers + model_says(excused)));
    EXPECT_EQ(all_marked(model_says(known + "," + call) + "," + model_says(call)),
              contents(model_says(known + "," + call) + "," + model_says(call)))
        << "contents that follow each other are one turn";
    const auto plain = contents(model_says(call) + answers + model_says(known));
    EXPECT_EQ(sent(generate, plain), plain) << "other models want none";
    EXPECT_EQ(
        all_marked(model_says(R"({"thoughtSignature":")" + std::string(claudes) + R"(",)" + call.substr(1))),
        contents(model_says(excused)));
    EXPECT_EQ(all_marked(R"({"parts":[)" + call + R"(],"role":"model"})"),
              contents(R"({"parts":[)" + excused + R"(],"role":"model"})"));
}

}  // namespace
}  // namespace gatehouse::dialect
