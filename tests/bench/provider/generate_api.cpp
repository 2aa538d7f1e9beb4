#include "answers.hpp"
#include "api.hpp"

namespace gatehouse::bench {
namespace {

/// Google ends lines with CR LF, and puts a blank behind colons.
void append_event(std::string& out, std::string_view data) {
    append_http_chunk(out, std::string("data: ").append(data).append("\r\n\r\n"));
}

/// `completion` is 0 in the chunks before the last, which leave it out.
std::string content_json(const Asked& asked, std::string_view text, bool last, std::size_t completion) {
    const auto prompt = tokens_of(asked.body_size);
    std::string json = R"({"candidates": [{"content": {"parts": [{"text": ")";
    json.append(text).append(R"("}],"role": "model"})").append(last ? R"(,"finishReason": "STOP")" : "");
    json.append(R"(,"index": 0}],"usageMetadata": {"promptTokenCount": )").append(std::to_string(prompt));
    if (completion > 0) {
        json.append(R"(,"candidatesTokenCount": )").append(std::to_string(completion));
    }
    json.append(R"(,"totalTokenCount": )").append(std::to_string(prompt + completion));
    json.append(R"(,"promptTokensDetails": [{"modality": "TEXT","tokenCount": )")
        .append(std::to_string(prompt));
    json.append(R"(}]},"modelVersion": ")").append(asked.model);
    return json.append(R"(","responseId": "mock-)").append(std::to_string(asked.id)).append(R"("})");
}

class GenerateApi final : public Api {
public:
    std::optional<Asked> read(std::string_view path, std::string_view body) const override {
        constexpr std::string_view before = "/v1beta/models/";
        const std::size_t colon = path.find(':');
        const bool whole = path.ends_with(":generateContent");
        const bool stream = path.ends_with(":streamGenerateContent?alt=sse");
        if (!path.starts_with(before) || !(whole || stream) ||
            body.find(R"("contents":[)") == std::string_view::npos) {
            return std::nullopt;
        }
        auto asked = read_body(body);
        if (asked) {
            asked->model = path.substr(before.size(), colon - before.size());
            asked->stream = stream;
        }
        return asked;
    }

    std::string whole_answer(const Asked& asked, const Plan& plan) const override {
        return content_json(asked, filler(plan.size), true, tokens_of(static_cast<std::size_t>(plan.size)));
    }

    std::string error_answer(int status) const override {
        return R"({"error": {"code": )" + std::to_string(status) +
               R"(,"message": "mock error","status": "INTERNAL"}})";
    }

    /// Nothing comes before the first content.
    void append_head(std::string& out, const Asked& /*asked*/) const override {
        append_stream_head(out, "text/event-stream");
    }

    void append_chunk(std::string& out, const Asked& asked, int sequence,
                      std::string_view filler) const override {
        append_event(out, content_json(asked, marked_text(sequence, filler), false, 0));
    }

    void append_done(std::string& out, const Asked& asked, int chunks) const override {
        append_event(out, content_json(asked, "", true, static_cast<std::size_t>(chunks)));
    }

    void append_error(std::string& out) const override { append_event(out, error_answer(503)); }
};

}  // namespace

const Api& generate_api() {
    static const GenerateApi api;
    return api;
}

}  // namespace gatehouse::bench
