// Clients of Anthropic's, Google's and OpenAI's Responses API: how they ask, what their providers answer, and
// what an answer says, whichever form it comes in.
#pragma once

#include "support/fake_upstream.hpp"
#include "support/raw_client.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>

namespace gatehouse::integration {

enum class Form : std::uint8_t { whole, stream, array };  // the last is Gemini's JSON array of chunks

/// All that must be the same however often, and in whichever form, an answer is given.
struct Heard {
    std::string id;
    std::string item;  // of Responses: the id of the message
    std::string model;
    std::string text;
    std::string finish;
    std::int64_t input{0};
    std::int64_t output{0};

    friend bool operator==(const Heard&, const Heard&) = default;
    friend void PrintTo(const Heard& heard, std::ostream* out);
};

/// One API, on the client's side and on the provider's.
class ClientDialect {
public:
    virtual ~ClientDialect() = default;
    virtual std::string_view name() const = 0;
    /// Of the provider that speaks it, and the name of a model there.
    virtual std::string_view provider() const = 0;
    virtual std::string_view model() const = 0;
    virtual bool has_array() const { return false; }
    /// The bytes after the provider's address.
    virtual std::string_view base_path() const { return ""; }
    /// Asks the model `m`, at a temperature of 0.
    virtual std::string path(Form form) const = 0;
    virtual std::string body(std::string_view question, Form form) const = 0;
    /// Recorded at the provider. A stream is in two pieces, and has content in the first.
    virtual test::FakeResponse answer(const test::FakeRequest& request) const = 0;
    /// What a client hears. Fails the test where that breaks the rules of its API.
    virtual Heard heard(const test::RawResponse& reply, Form form) const = 0;
};

const ClientDialect& anthropic_dialect();
const ClientDialect& gemini_dialect();
const ClientDialect& responses_dialect();

}  // namespace gatehouse::integration
