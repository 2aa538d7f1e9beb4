// A provider's API, as its requests and answers look on the wire: OpenAI's chat, Anthropic's messages,
// Gemini.
#pragma once

#include "plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::bench {

struct Asked {
    std::string model;
    std::size_t body_size{0};
    std::uint64_t id{0};
    bool stream{false};
    bool usage{false};  // of a stream, and only OpenAI's clients must ask for it
};

class Api {
public:
    virtual ~Api() = default;

    /// Nothing for a path of another API, and for a body that this one would refuse.
    virtual std::optional<Asked> read(std::string_view path, std::string_view body) const = 0;

    virtual std::string whole_answer(const Asked& asked, const Plan& plan) const = 0;
    virtual std::string error_answer(int status) const = 0;

    /// A stream: its HTTP head and what comes before the first content, then per chunk its number and the
    /// time.
    virtual void append_head(std::string& out, const Asked& asked) const = 0;
    virtual void append_chunk(std::string& out, const Asked& asked, int sequence,
                              std::string_view filler) const = 0;
    virtual void append_done(std::string& out, const Asked& asked, int chunks) const = 0;
    virtual void append_error(std::string& out) const = 0;
};

/// The `model` of a JSON body and whether it asks for a stream; nothing if it is no object.
std::optional<Asked> read_body(std::string_view body);

const Api& chat_api();      // POST .../chat/completions
const Api& messages_api();  // POST /v1/messages
const Api& generate_api();  // POST /v1beta/models/MODEL:generateContent, :streamGenerateContent?alt=sse

}  // namespace gatehouse::bench
