// Every recorded reply that says what it used (tests/golden), at the prices of the list that is built in: the
// same bill for a reply that is passed on and for one that is translated, for a whole one and the same as a
// stream. tests/golden/costs.json was reckoned from the recordings by a program that shares nothing with this
// one.
#include "json/json_value.hpp"

#include "gatehouse/config/load.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/translation.hpp"
#include "gatehouse/policy/cost.hpp"
#include "gatehouse/wire/sse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::integration {
namespace {

using chat::Endpoint;
using dialect::test::JsonValue;

constexpr WallTime list_day{std::chrono::seconds(1'795'305'600)};  // 2026-11-22

/// What a reply says of itself.
struct Heard {
    chat::Usage usage;
    std::string model;
};

const policy::ModelCatalog& catalog() {
    static const auto loaded = config::load_text("auth: {required: false}\n", {});
    return *loaded.configuration->catalog;
}

chat::Vendor vendor_named(const std::string& name) {
    return name == "anthropic" ? chat::Vendor::anthropic
           : name == "gemini"  ? chat::Vendor::gemini
                               : chat::Vendor::openai;
}

Endpoint endpoint_named(const std::string& name) {
    for (const auto each : {Endpoint::chat_completions, Endpoint::responses, Endpoint::embeddings,
                            Endpoint::messages, Endpoint::generate_content}) {
        if (chat::name_of(each) == name) {
            return each;
        }
    }
    return Endpoint::generate_content;
}

std::string stream_of(const JsonValue& response) {
    if (response.contains("stream")) {
        return response["stream"].text() + "\n\n";
    }
    std::string out;
    bool done = false;
    for (const auto& event : response["events"].elements()) {
        done = event.is_string();
        if (event.contains("type")) {
            out += "event: " + event["type"].text() + "\n";
        }
        out += "data: " + event.text() + "\n\n";
    }
    return done || out.find("chat.completion.chunk") == std::string::npos ? out : out + "data: [DONE]\n\n";
}

std::optional<Heard> follow(dialect::StreamDecoder& decoder, std::string_view stream, std::size_t step) {
    wire::SseSplitter splitter;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        if (!splitter.feed(stream.substr(at, step))) {
            return std::nullopt;
        }
        while (const auto event = splitter.next()) {
            if (!decoder.feed(*event)) {
                return std::nullopt;
            }
        }
    }
    if (!decoder.complete() && !decoder.close()) {
        return std::nullopt;
    }
    return Heard{decoder.usage(), std::string(decoder.model())};
}

/// A client of another vendor asks, so that the reply is translated.
struct Foreign {
    explicit Foreign(Endpoint provider) {
        const bool claude = provider == Endpoint::chat_completions || provider == Endpoint::responses;
        auto decoded = (claude ? dialect::anthropic() : dialect::openai())
                           .decode_request(claude ? Endpoint::messages : Endpoint::chat_completions,
                                           R"({"model":"m","max_tokens":9,"messages":[{"role":"user",)"
                                           R"("content":"x"}]})",
                                           {});
        request = std::move(*decoded);
        dialect::TranslateOptions options;
        options.model = "m";
        translation = std::move(*dialect::translate(request, provider, options));
    }
    chat::Request request;
    std::unique_ptr<dialect::Translation> translation;
};

class Recorded : public testing::TestWithParam<std::string> {
protected:
    void expect_bill(const std::optional<Heard>& heard, const JsonValue& expected, const char* way) {
        const auto name = expected["fixture"].text() + " " + expected["exchange"].text() + ", " + way;
        ASSERT_TRUE(heard) << name;
        const auto vendor = policy::vendor_named(GetParam());
        const policy::TargetRates rates(catalog(), *vendor, "nobody", nullptr);
        const auto cost = rates.cost_of(heard->usage, heard->model, list_day);
        EXPECT_TRUE(heard->usage.known) << name;
        EXPECT_EQ(heard->model, expected["model"].text()) << name;
        EXPECT_EQ(cost.has_value(), !expected["pico_usd"].is_null()) << name;
        if (cost) {
            EXPECT_EQ(cost->value(), expected["pico_usd"].integer()) << name;
        }
    }

    void check_stream(const JsonValue& response, const JsonValue& expected) {
        const auto endpoint = endpoint_named(expected["endpoint"].text());
        const auto stream = stream_of(response);
        const auto& words = dialect::dialect_of(vendor_named(GetParam()));
        for (const std::size_t step : {stream.size(), std::size_t{7}}) {
            expect_bill(follow(*words.stream_decoder(endpoint, {}), stream, step), expected, "passed on");
        }
        const Foreign foreign(endpoint);
        const auto decoder = foreign.translation->stream_decoder({});
        if (const auto heard = follow(*decoder, stream, stream.size())) {
            expect_bill(heard, expected, "translated");
            ++translated_;
        }
    }

    void check_whole(const JsonValue& response, const JsonValue& expected) {
        const auto endpoint = endpoint_named(expected["endpoint"].text());
        const auto body = (response.contains("body") ? response["body"] : response).dump();
        std::string edited;
        const auto passed =
            dialect::dialect_of(vendor_named(GetParam())).decode_reply(endpoint, body, {}, edited);
        expect_bill(passed ? std::optional(Heard{passed->usage, passed->model}) : std::nullopt, expected,
                    "passed on");
        if (endpoint == Endpoint::embeddings) {
            return;
        }
        if (const auto streamed = dialect::stream_whole(endpoint, body, {})) {
            expect_bill(Heard{streamed->usage, streamed->model}, expected, "as a stream");
        }
        const Foreign foreign(endpoint);
        if (const auto told = foreign.translation->decode_reply(body, {}, edited)) {
            expect_bill(Heard{told->usage, told->model}, expected, "translated");
            ++translated_;
        }
    }

    int translated_{0};
};

TEST_P(Recorded, RepliesAreBilledToTheLastDigit) {
    int all = 0;
    for (const auto& expected : JsonValue::golden("costs.json").elements()) {
        if (expected["vendor"].text() != GetParam()) {
            continue;
        }
        const auto file = JsonValue::golden(GetParam() + "/fixtures/" + expected["fixture"].text() + ".json");
        const auto response =
            expected["exchange"].is_null()
                ? file
                : file["exchanges"][static_cast<std::size_t>(expected["exchange"].integer())]["response"];
        ++all;
        if (expected["stream"].truth()) {
            check_stream(response, expected);
        } else {
            check_whole(response, expected);
        }
    }
    EXPECT_GT(all, 20);
    EXPECT_GT(translated_ * 10, all * 8) << "most of them can be translated";
}

INSTANTIATE_TEST_SUITE_P(From, Recorded, testing::Values("openai", "anthropic", "gemini"),
                         [](const auto& about) { return about.param; });

}  // namespace
}  // namespace gatehouse::integration
