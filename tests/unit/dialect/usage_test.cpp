// What providers say that a reply used, by what it costs: kinds, lifetimes, ways of serving, the model that
// answered, and how much was said where nobody counts.
#include "dialect/anthropic_words.hpp"
#include "dialect/gemini_words.hpp"
#include "dialect/openai_words.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using chat::Service;

chat::Usage openai_usage(std::string_view json) {
    wire::JsonReader reader(json, reply_limits);
    chat::Usage usage;
    read_usage(reader, usage);
    return usage;
}

template <class Counts>
chat::Usage usage_of(std::initializer_list<std::string_view> values) {
    Counts counts;
    for (const auto json : values) {
        wire::JsonReader reader(json, reply_limits);
        counts.read(reader);
    }
    return counts.usage();
}

TEST(Usage, OfOpenaiIsTakenApart) {
    const auto usage = openai_usage(
        R"({"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,)"
        R"("prompt_tokens_details":{"cached_tokens":100,"cache_write_tokens":70,)"
        R"("cache_write_tokens_details":{"ttl_30m_tokens":50,"ttl_12h_tokens":20},"audio_tokens":30,)"
        R"("image_tokens":8},)"
        R"("completion_tokens_details":{"reasoning_tokens":200,"audio_tokens":40,"image_tokens":6}})");
    EXPECT_EQ(usage.cached_input.value(), 100);
    EXPECT_EQ(usage.cache_write.value(), 50);
    EXPECT_EQ(usage.cache_write_1h.value(), 20);
    EXPECT_EQ(usage.input_audio.value(), 30);
    EXPECT_EQ(usage.input_image.value(), 8);
    EXPECT_EQ(usage.input.value(), 792);
    EXPECT_EQ(usage.reasoning.value(), 200);
    EXPECT_EQ(usage.output_audio.value(), 40);
    EXPECT_EQ(usage.output_image.value(), 6);
    EXPECT_EQ(usage.output.value(), 254);
    EXPECT_EQ(usage.prompt().value(), 1000);
    EXPECT_EQ(usage.completion().value(), 500);
}

TEST(Usage, PartsAboveTheirSumAreCut) {
    const auto usage = openai_usage(R"({"prompt_tokens":10,"completion_tokens":5,)"
                                    R"("prompt_tokens_details":{"cached_tokens":8,"audio_tokens":30},)"
                                    R"("completion_tokens_details":{"reasoning_tokens":9}})");
    EXPECT_EQ(usage.cached_input.value(), 8);
    EXPECT_EQ(usage.input_audio.value(), 2);
    EXPECT_EQ(usage.input.value(), 0);
    EXPECT_EQ(usage.reasoning.value(), 5);
    EXPECT_EQ(usage.output.value(), 0);
}

TEST(Usage, AbsentAndZeroDiffer) {
    EXPECT_FALSE(openai_usage("{}").known);
    EXPECT_FALSE(openai_usage("null").known);
    EXPECT_FALSE(openai_usage(R"({"prompt_tokens":null,"completion_tokens":null})").known);
    EXPECT_TRUE(openai_usage(R"({"prompt_tokens":0,"completion_tokens":0})").known);
    EXPECT_FALSE(usage_of<AnthropicUsage>({"{}"}).known);
    EXPECT_TRUE(usage_of<AnthropicUsage>({R"({"input_tokens":0})"}).known);
    EXPECT_FALSE(usage_of<GeminiUsage>({"{}"}).known);
    EXPECT_TRUE(usage_of<GeminiUsage>({R"({"totalTokenCount":0})"}).known);
}

TEST(Usage, OfAnthropicKnowsHowLongTheCacheKeeps) {
    const auto usage = usage_of<AnthropicUsage>(
        {R"({"input_tokens":3,"cache_creation_input_tokens":1245,"cache_read_input_tokens":7,)"
         R"("cache_creation":{"ephemeral_5m_input_tokens":456,"ephemeral_1h_input_tokens":789},)"
         R"("output_tokens":1,"service_tier":"batch"})",
         R"({"output_tokens":9})"});
    EXPECT_EQ(usage.cache_write.value(), 456);
    EXPECT_EQ(usage.cache_write_1h.value(), 789);
    EXPECT_EQ(usage.output.value(), 9) << "a later value replaces an earlier one";
    EXPECT_EQ(usage.service, Service::batch);
    const auto undivided = usage_of<AnthropicUsage>({R"({"cache_creation_input_tokens":1245})"});
    EXPECT_EQ(undivided.cache_write.value(), 1245);
    EXPECT_EQ(undivided.cache_write_1h.value(), 0);
    const auto fast =
        usage_of<AnthropicUsage>({R"({"input_tokens":1,"service_tier":"standard","speed":"fast"})"});
    EXPECT_EQ(fast.service, Service::fast);
}

TEST(Usage, OfGeminiKnowsWhatTheTokensAreOf) {
    const auto usage = usage_of<GeminiUsage>(
        {R"({"promptTokenCount":1000,"cachedContentTokenCount":200,"toolUsePromptTokenCount":50,)"
         R"("candidatesTokenCount":90,"thoughtsTokenCount":7,"totalTokenCount":1147,"serviceTier":"flex",)"
         R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":400},{"modality":"AUDIO","tokenCount":300},)"
         R"({"modality":"VIDEO","tokenCount":258},{"modality":"IMAGE","tokenCount":42}],)"
         R"("cacheTokensDetails":[{"modality":"AUDIO","tokenCount":100},{"modality":"TEXT","tokenCount":100}],)"
         R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":80},{"modality":"TEXT","tokenCount":10}]})"});
    EXPECT_EQ(usage.cached_input.value(), 200);
    EXPECT_EQ(usage.input_audio.value(), 200);
    EXPECT_EQ(usage.input_video.value(), 258);
    EXPECT_EQ(usage.input_image.value(), 42);
    EXPECT_EQ(usage.input.value(), 350);
    EXPECT_EQ(usage.output_image.value(), 80);
    EXPECT_EQ(usage.output.value(), 10);
    EXPECT_EQ(usage.reasoning.value(), 7);
    EXPECT_EQ(usage.prompt().value(), 1050);
    EXPECT_EQ(usage.service, Service::flex);
}

TEST(Usage, WordsForTheWayOfServing) {
    EXPECT_EQ(chat::service_named("default"), Service::standard);
    EXPECT_EQ(chat::service_named("standard"), Service::standard);
    EXPECT_EQ(chat::service_named("auto"), Service::standard);
    EXPECT_EQ(chat::service_named("flex"), Service::flex);
    EXPECT_EQ(chat::service_named("priority"), Service::priority);
    EXPECT_EQ(chat::service_named("batch"), Service::batch);
    EXPECT_EQ(chat::service_named("fast"), Service::fast);
    EXPECT_EQ(chat::service_named("scale"), Service::other);
}

TEST(Usage, OfOpenaiIsServedAsTheReplySays) {
    const std::string body =
        R"({"object":"chat.completion","model":"m-2026","service_tier":"priority","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":3,"completion_tokens":4}})";
    std::string edited;
    const auto reply = openai().decode_reply(chat::Endpoint::chat_completions, body, {}, edited);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->usage.service, Service::priority);
    EXPECT_EQ(reply->model, "m-2026");
    EXPECT_GT(reply->said, 0U);
}

/// Tells what it was asked.
class Teller : public chat::CostTeller {
public:
    std::string tell(const chat::Usage& usage, std::string_view model) const override {
        asked = std::to_string(usage.prompt().value()) + " " + std::string(model);
        return said;
    }
    mutable std::string asked;
    std::string said{"0.25"};
};

std::string relayed(chat::Endpoint endpoint, std::string_view stream, const RelayOptions& options) {
    const auto decoder = openai().stream_decoder(endpoint, options);
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(stream));
    std::string out;
    while (const auto event = splitter.next()) {
        const auto delta = decoder->feed(*event);
        EXPECT_TRUE(delta);
        out += delta ? delta->bytes : std::string_view();
    }
    return out;
}

TEST(UsageCost, IsToldInTheLastUsageOfAStreamOfResponses) {
    const std::string stream =
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"m-1\","
        "\"usage\":null}}\n\n"
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"m-1\","
        "\"status\":\"completed\",\"usage\":{\"input_tokens\":7,\"output_tokens\":2}}}\n\n";
    Teller teller;
    RelayOptions options;
    options.cost = &teller;
    const auto told = relayed(chat::Endpoint::responses, stream, options);
    EXPECT_NE(told.find(R"("output_tokens":2,"cost":0.25}}})"), std::string::npos) << told;
    EXPECT_EQ(teller.asked, "7 m-1");
    teller.said.clear();
    EXPECT_EQ(relayed(chat::Endpoint::responses, stream, options), stream);
}

TEST(UsageCost, IsNotToldWhereUsageIsNotShown) {
    const std::string stream =
        "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":"
        "\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n";
    Teller teller;
    RelayOptions options;
    options.cost = &teller;
    EXPECT_NE(relayed(chat::Endpoint::chat_completions, stream, options).find("\"cost\":0.25}"),
              std::string::npos)
        << "also where it stands on a chunk with choices";
    options.show_usage = false;
    EXPECT_EQ(relayed(chat::Endpoint::chat_completions, stream, options).find("cost"), std::string::npos);
}

TEST(StreamDecoder, CountsWhatIsSaid) {
    const auto decoder = openai().stream_decoder(chat::Endpoint::chat_completions, {});
    wire::SseSplitter splitter;
    EXPECT_TRUE(
        splitter.feed("data: {\"model\":\"m-9\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
                      "\"assistant\",\"content\":\"\"}}]}\n\n"
                      "data: {\"model\":\"m-9\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                      "\"12345678\"}}]}\n\n"));
    while (const auto event = splitter.next()) {
        EXPECT_TRUE(decoder->feed(*event));
    }
    EXPECT_EQ(decoder->said(), 10U) << "with its quotes";
    EXPECT_EQ(decoder->model(), "m-9");
}

}  // namespace
}  // namespace gatehouse::dialect
