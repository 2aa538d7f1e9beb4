#include "answers.hpp"
#include "api.hpp"

namespace gatehouse::bench {
namespace {

void append_event(std::string& out, std::string_view data) {
    append_http_chunk(out, std::string("data: ").append(data).append("\n\n"));
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

class ChatApi final : public Api {
public:
    std::optional<Asked> read(std::string_view path, std::string_view body) const override {
        auto asked = path.ends_with("/chat/completions") ? read_body(body) : std::nullopt;
        if (asked) {
            asked->usage = body.find(R"("include_usage":true)") != std::string_view::npos;
        }
        return asked;
    }

    std::string whole_answer(const Asked& asked, const Plan& plan) const override {
        std::string json = R"({"id":"chatcmpl-)" + std::to_string(asked.id);
        json.append(R"(","object":"chat.completion","created":1700000000,"model":")").append(asked.model);
        json.append(R"(","choices":[{"index":0,"message":{"role":"assistant","content":")")
            .append(filler(plan.size));
        json.append(R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":)");
        json.append(usage_json(tokens_of(asked.body_size), tokens_of(static_cast<std::size_t>(plan.size))));
        return json.append(R"(,"system_fingerprint":"fp_mock"})");
    }

    std::string error_answer(int status) const override {
        return R"({"error":{"message":"mock error )" + std::to_string(status) +
               R"(","type":"server_error","param":null,"code":null}})";
    }

    void append_head(std::string& out, const Asked& asked) const override {
        append_stream_head(out, "text/event-stream");
        append_event(out, chunk_json(asked, R"({"role":"assistant","content":"","refusal":null})", "null"));
    }

    void append_chunk(std::string& out, const Asked& asked, int sequence,
                      std::string_view filler) const override {
        const auto delta = R"({"content":")" + marked_text(sequence, filler) + R"("})";
        append_event(out, chunk_json(asked, delta, "null"));
    }

    void append_done(std::string& out, const Asked& asked, int chunks) const override {
        append_event(out, chunk_json(asked, "{}", R"("stop")"));
        if (asked.usage) {
            append_event(out, R"({"id":"chatcmpl-)" + std::to_string(asked.id) +
                                  R"(","object":"chat.completion.chunk","created":1700000000,"model":")" +
                                  asked.model + R"(","choices":[],"usage":)" +
                                  usage_json(tokens_of(asked.body_size), static_cast<std::size_t>(chunks)) +
                                  "}");
        }
        append_event(out, "[DONE]");
    }

    void append_error(std::string& out) const override {
        append_event(
            out,
            R"({"error":{"message":"mock stream error","type":"server_error","param":null,"code":null}})");
    }
};

}  // namespace

std::optional<Asked> read_body(std::string_view body) {
    if (!body.starts_with('{') || !body.ends_with('}')) {
        return std::nullopt;
    }
    Asked asked;
    asked.model = text_after(body, R"("model":")");
    asked.body_size = body.size();
    asked.stream = body.find(R"("stream":true)") != std::string_view::npos;
    return asked;
}

const Api& chat_api() {
    static const ChatApi api;
    return api;
}

}  // namespace gatehouse::bench
