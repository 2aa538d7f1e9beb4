#include "answers.hpp"
#include "api.hpp"

namespace gatehouse::bench {
namespace {

void append_event(std::string& out, std::string_view name, std::string_view data) {
    std::string event = "event: ";
    event.append(name).append("\ndata: ").append(data).append("\n\n");
    append_http_chunk(out, event);
}

std::string message_json(const Asked& asked, std::string_view content, std::string_view stop_reason,
                         std::size_t completion) {
    std::string json = R"({"model":")" + asked.model + R"(","id":"msg_)" + std::to_string(asked.id);
    json.append(R"(","type":"message","role":"assistant","content":[)").append(content);
    json.append(R"(],"stop_reason":)").append(stop_reason);
    json.append(R"(,"stop_sequence":null,"stop_details":null,"usage":{"input_tokens":)");
    json.append(std::to_string(tokens_of(asked.body_size)));
    json.append(R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":)");
    json.append(R"({"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":)");
    json.append(std::to_string(completion));
    return json.append(R"(,"service_tier":"standard","inference_geo":"not_available"}})");
}

class MessagesApi final : public Api {
public:
    std::optional<Asked> read(std::string_view path, std::string_view body) const override {
        const bool complete = body.find(R"("max_tokens":)") != std::string_view::npos &&
                              body.find(R"("messages":[)") != std::string_view::npos;
        return path == "/v1/messages" && complete ? read_body(body) : std::nullopt;
    }

    std::string whole_answer(const Asked& asked, const Plan& plan) const override {
        const auto block = R"({"type":"text","text":")" + filler(plan.size) + R"("})";
        return message_json(asked, block, R"("end_turn")", tokens_of(static_cast<std::size_t>(plan.size)));
    }

    std::string error_answer(int status) const override {
        return R"({"type":"error","error":{"type":"api_error","message":"mock error )" +
               std::to_string(status) + R"("},"request_id":"req_mock"})";
    }

    void append_head(std::string& out, const Asked& asked) const override {
        append_stream_head(out, "text/event-stream; charset=utf-8");
        append_event(out, "message_start",
                     R"({"type":"message_start","message":)" + message_json(asked, "", "null", 1) + "  }");
        append_event(
            out, "content_block_start",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}      })");
        append_event(out, "ping", R"({"type": "ping"})");
    }

    /// Anthropic pads its events with blanks of changing number.
    void append_chunk(std::string& out, const Asked& /*asked*/, int sequence,
                      std::string_view filler) const override {
        append_event(out, "content_block_delta",
                     R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
                         marked_text(sequence, filler) + R"("}       })");
    }

    void append_done(std::string& out, const Asked& asked, int chunks) const override {
        append_event(out, "content_block_stop", R"({"type":"content_block_stop","index":0    })");
        append_event(out, "message_delta",
                     R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,)"
                     R"("stop_details":null},"usage":{"input_tokens":)" +
                         std::to_string(tokens_of(asked.body_size)) +
                         R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)" +
                         std::to_string(chunks) + "}      }");
        append_event(out, "message_stop", R"({"type":"message_stop"  })");
    }

    void append_error(std::string& out) const override {
        append_event(out, "error",
                     R"({"type":"error","error":{"type":"overloaded_error","message":"mock stream error"}})");
    }
};

}  // namespace

const Api& messages_api() {
    static const MessagesApi api;
    return api;
}

}  // namespace gatehouse::bench
