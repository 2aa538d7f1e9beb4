#include "answers.hpp"

#include "clock.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::bench {
namespace {

void append_event(std::string& out, std::string_view data) {
    constexpr std::string_view before = "data: ";
    constexpr std::string_view after = "\n\n";
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   before.size() + data.size() + after.size(), 16);
    out.append(digits.data(), end.ptr)
        .append("\r\n")
        .append(before)
        .append(data)
        .append(after)
        .append("\r\n");
}

std::string chunk_json(const Asked& asked, std::string_view delta, std::string_view finish) {
    std::string json = R"({"id":"chatcmpl-)";
    json.append(std::to_string(asked.id))
        .append(R"(","object":"chat.completion.chunk","created":1700000000,"model":")");
    json.append(asked.model).append(R"(","system_fingerprint":"fp_mock","choices":[{"index":0,"delta":)");
    json.append(delta).append(R"(,"logprobs":null,"finish_reason":)").append(finish).append("}]");
    json.append(asked.usage ? R"(,"usage":null})" : "}");
    return json;
}

std::string usage_json(std::size_t prompt, std::size_t completion) {
    return R"({"prompt_tokens":)" + std::to_string(prompt) + R"(,"completion_tokens":)" +
           std::to_string(completion) + R"(,"total_tokens":)" + std::to_string(prompt + completion) +
           R"(,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}})";
}

constexpr std::size_t bytes_per_token = 4;

}  // namespace

std::string filler(int size) {
    constexpr std::string_view words = "the quick brown fox jumps over a lazy dog while counting tokens ";
    std::string text(static_cast<std::size_t>(size), ' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = words[i % words.size()];
    }
    return text;
}

void append_message(std::string& out, int status, std::string_view type, std::string_view body) {
    out.append("HTTP/1.1 ").append(std::to_string(status)).append(status == 200 ? " OK" : " Mock");
    out.append("\r\ncontent-type: ")
        .append(type)
        .append("\r\ncontent-length: ")
        .append(std::to_string(body.size()));
    out.append("\r\n\r\n").append(body);
}

std::string whole_answer(const Asked& asked, const Plan& plan) {
    std::string json = R"({"id":"chatcmpl-)" + std::to_string(asked.id);
    json.append(R"(","object":"chat.completion","created":1700000000,"model":")").append(asked.model);
    json.append(R"(","choices":[{"index":0,"message":{"role":"assistant","content":")")
        .append(filler(plan.size));
    json.append(R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":)");
    json.append(
        usage_json(asked.body_size / bytes_per_token, static_cast<std::size_t>(plan.size) / bytes_per_token));
    return json.append(R"(,"system_fingerprint":"fp_mock"})");
}

std::string error_answer(int status) {
    return R"({"error":{"message":"mock error )" + std::to_string(status) +
           R"(","type":"server_error","param":null,"code":null}})";
}

void append_stream_head(std::string& out, const Asked& asked) {
    out.append(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
        "transfer-encoding: chunked\r\n\r\n");
    append_event(out, chunk_json(asked, R"({"role":"assistant","content":"","refusal":null})", "null"));
}

void append_stream_chunk(std::string& out, const Asked& asked, int sequence, std::string_view text) {
    std::string delta = R"({"content":"@)" + std::to_string(sequence) + ":" + std::to_string(now_ns()) + ";";
    delta.append(text).append(R"("})");
    append_event(out, chunk_json(asked, delta, "null"));
}

void append_stream_done(std::string& out, const Asked& asked, int chunks) {
    append_event(out, chunk_json(asked, "{}", R"("stop")"));
    if (asked.usage) {
        append_event(
            out, R"({"id":"chatcmpl-)" + std::to_string(asked.id) +
                     R"(","object":"chat.completion.chunk","created":1700000000,"model":")" + asked.model +
                     R"(","choices":[],"usage":)" +
                     usage_json(asked.body_size / bytes_per_token, static_cast<std::size_t>(chunks)) + "}");
    }
    append_event(out, "[DONE]");
}

void append_stream_error(std::string& out) {
    append_event(
        out, R"({"error":{"message":"mock stream error","type":"server_error","param":null,"code":null}})");
}

void append_last_http_chunk(std::string& out) {
    out.append("0\r\n\r\n");
}

}  // namespace gatehouse::bench
