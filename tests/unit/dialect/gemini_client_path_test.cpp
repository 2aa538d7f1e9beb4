// What Gemini's paths and errors say, read and written.
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/gemini_path.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

std::string read(std::string_view rest) {
    const auto path = read_gemini_path(rest);
    return path ? path->model + " | " + path->verb : "nothing";
}

TEST(GeminiPath, TellsModelAndVerb) {
    EXPECT_EQ(read("models/gemini-x:generateContent"), "gemini-x | generateContent");
    EXPECT_EQ(read("models/gemini-x"), "gemini-x | ");
    EXPECT_EQ(read("tunedModels/mine:countTokens"), "tunedModels/mine | countTokens");
}

TEST(GeminiPath, SplitsAtTheLastColon) {
    EXPECT_EQ(read("models/meta/llama:70b:generateContent"), "meta/llama:70b | generateContent");
    EXPECT_EQ(read("models/100%25:embedContent"), "100%25 | embedContent") << "it was decoded before";
}

TEST(GeminiPath, DropsOneLeadingModels) {
    EXPECT_EQ(read("models/models/x:y"), "models/x | y");
}

TEST(GeminiPath, IsNothingForWhatNamesNoModel) {
    for (const auto* rest : {"", "models", "models/", "models/:generateContent", "tunedModels/",
                             "models/tunedModels/:g", "models/models/:g", "files/x"}) {
        EXPECT_EQ(read(rest), "nothing") << rest;
    }
}

TEST(GeminiPath, KnowsTheVerbsThatAreServed) {
    const auto is = [](std::string_view verb, Endpoint endpoint, bool stream) {
        const auto known = gemini_verb(verb);
        return known && known->endpoint == endpoint && known->stream == stream;
    };
    EXPECT_TRUE(is("generateContent", Endpoint::generate_content, false));
    EXPECT_TRUE(is("streamGenerateContent", Endpoint::generate_content, true));
    EXPECT_TRUE(is("countTokens", Endpoint::count_content_tokens, false));
    EXPECT_TRUE(is("embedContent", Endpoint::embed_content, false));
    EXPECT_TRUE(is("batchEmbedContents", Endpoint::batch_embed_contents, false));
    for (const auto* verb : {"", "generatecontent", "batchGenerateContent", "predict"}) {
        EXPECT_FALSE(gemini_verb(verb)) << verb;
    }
}

TEST(GeminiPath, IsWrittenSoThatAServerReadsItBack) {
    EXPECT_EQ(gemini_path("gemini-2.5-pro", "generateContent"), "/models/gemini-2.5-pro:generateContent");
    EXPECT_EQ(gemini_path("models/x", "countTokens"), "/models/x:countTokens");
    EXPECT_EQ(gemini_path("tunedModels/mine", "generateContent"), "/tunedModels/mine:generateContent");
    EXPECT_EQ(gemini_path("a/b:c d", "countTokens"), "/models/a%2Fb%3Ac%20d:countTokens");
    EXPECT_EQ(gemini_path("x%2F?#&", "countTokens"), "/models/x%252F%3F%23%26:countTokens");
    EXPECT_EQ(gemini_path("\xc3\xa9", "countTokens"), "/models/%C3%A9:countTokens");
}

TEST(GeminiPath, IsTheRelaysOwn) {
    std::string made;
    chat::Request request;
    request.endpoint = Endpoint::generate_content;
    EXPECT_EQ(gemini().path(request, "x", made), "/models/x:generateContent");
    request.stream = true;
    EXPECT_EQ(gemini().path(request, "x", made), "/models/x:streamGenerateContent?alt=sse");
    request = {};
    request.endpoint = Endpoint::batch_embed_contents;
    EXPECT_EQ(gemini().path(request, "models/x", made), "/models/x:batchEmbedContents");
}

ErrorView view(std::optional<std::chrono::milliseconds> wait = {}) {
    ErrorView error;
    error.status = 429;
    error.type = "RESOURCE_EXHAUSTED";
    error.message = "Slow \"down\"";
    error.wait = wait;
    return error;
}

TEST(GeminiError, HasCodeMessageAndStatus) {
    EXPECT_EQ(gemini_error_body(view()),
              R"({"error":{"code":429,"message":"Slow \"down\"","status":"RESOURCE_EXHAUSTED"}})");
}

TEST(GeminiError, TellsHowLongToWait) {
    const auto delay = [](int wait) {
        const auto body = gemini_error_body(view(std::chrono::milliseconds(wait)));
        const std::string before =
            R"("details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")";
        const auto at = body.find(before);
        return at == std::string::npos ? body : body.substr(at + before.size());
    };
    EXPECT_EQ(delay(1500), R"(1.5s"}]}})");
    EXPECT_EQ(delay(48'000), R"(48s"}]}})");
    EXPECT_EQ(delay(7), R"(0.007s"}]}})");
    EXPECT_EQ(delay(0), R"(0s"}]}})");
}

TEST(GeminiError, EndsAStreamInEitherFraming) {
    const auto body = gemini_error_body(view());
    EXPECT_EQ(gemini_error_event(view(), false), "data: " + body + "\n\n");
    EXPECT_EQ(gemini_error_event(view(), true), ",\r\n" + body + "]");
}

TEST(GeminiError, ReadsBackAsWhatItWas) {
    wire::ResponseHead head;
    head.status = 429;
    const auto problem =
        decode_error(head, gemini_error_body(view(std::chrono::milliseconds(1500))), WallTime());
    EXPECT_EQ(problem.kind(), ProblemKind::upstream_rate_limited);
    EXPECT_EQ(problem.message(), "Slow \"down\"");
    ASSERT_TRUE(problem.wait());
    EXPECT_EQ(problem.wait()->count(), 1500);
}

}  // namespace
}  // namespace gatehouse::dialect
