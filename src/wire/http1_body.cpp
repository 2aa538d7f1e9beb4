#include "characters.hpp"

#include "gatehouse/wire/http1_reader.hpp"

#include <algorithm>

namespace gatehouse::wire {
namespace {

constexpr std::uint32_t extension_limit = 256;
constexpr std::uint32_t trailer_limit = 16 * 1024;
constexpr std::uint32_t size_digits_limit = 16;  // what 64 bits hold

}  // namespace

BodyReader::BodyReader(BodyFraming framing) : framing_(framing), left_(framing.size) {
    switch (framing.kind) {
        case BodyKind::none:
            state_ = State::complete;
            break;
        case BodyKind::sized:
            state_ = framing.size == 0 ? State::complete : State::data;
            break;
        case BodyKind::chunked:
            state_ = State::size;
            break;
        case BodyKind::until_close:
            state_ = State::data;
            break;
    }
}

bool BodyReader::chunk_line(char c) noexcept {
    switch (state_) {
        case State::size: {
            const int digit = hex_value(c);
            if (digit >= 0) {
                if (++digits_ > size_digits_limit) {
                    return false;
                }
                left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
                return true;
            }
            line_ = 0;
            state_ = c == ';' ? State::extension_start : State::size_lf;
            return digits_ > 0 && (c == ';' || c == '\r');
        }
        case State::size_lf:
            line_ = 0;
            digits_ = 0;
            state_ = left_ == 0 ? State::trailer_start : State::data;
            return c == '\n';
        case State::data_cr:
            state_ = State::data_lf;
            return c == '\r';
        case State::data_lf:
            state_ = State::size;
            return c == '\n';
        case State::extension_start:
        case State::extension_name:
        case State::extension_value_start:
        case State::extension_value:
        case State::extension_quoted:
        case State::extension_escaped:
        case State::extension_end:
            return chunk_extension(c);
        default:
            return trailer_line(c);
    }
}

// `;name`, `;name=value` or `;name="value"` (RFC 9112, 7.1.1), without blanks. The grammar matters although
// all of it is dropped: there are readers for which a quote that is not closed goes on over the end of the
// line.
bool BodyReader::chunk_extension(char c) noexcept {
    line_ += c == '\r' ? 0 : 1;
    if (line_ > extension_limit) {
        return false;
    }
    const bool quoted = state_ == State::extension_quoted || state_ == State::extension_escaped;
    if (quoted) {
        const bool plain = state_ == State::extension_escaped || (c != '"' && c != '\\');
        state_ =
            plain ? State::extension_quoted : (c == '"' ? State::extension_end : State::extension_escaped);
        return !is_control(c);
    }
    switch (c) {
        case '\r':
        case ';': {
            const bool allowed = state_ != State::extension_start && state_ != State::extension_value_start;
            state_ = c == ';' ? State::extension_start : State::size_lf;
            return allowed;
        }
        case '=': {
            const bool allowed = state_ == State::extension_name;
            state_ = State::extension_value_start;
            return allowed;
        }
        case '"': {
            const bool allowed = state_ == State::extension_value_start;
            state_ = State::extension_quoted;
            return allowed;
        }
        default: {
            const bool allowed = state_ != State::extension_end && is_token_character(c);
            if (state_ == State::extension_start) {
                state_ = State::extension_name;
            } else if (state_ == State::extension_value_start) {
                state_ = State::extension_value;
            }
            return allowed;
        }
    }
}

bool BodyReader::trailer_line(char c) noexcept {
    if (++line_ > trailer_limit) {
        return false;
    }
    switch (state_) {
        case State::trailer_start:
            state_ = c == '\r' ? State::last_lf : State::trailer_name;
            return c == '\r' || is_token_character(c);
        case State::trailer_name:
            if (c == ':') {
                state_ = State::trailer_value;
                return true;
            }
            return is_token_character(c);
        case State::trailer_value:
            if (c == '\r') {
                state_ = State::trailer_lf;
                return true;
            }
            return !is_control(c);
        case State::trailer_lf:
            state_ = State::trailer_start;
            return c == '\n';
        case State::last_lf:
            state_ = State::complete;
            return c == '\n';
        default:
            return false;
    }
}

Result<BodyReader::Step> BodyReader::feed(std::string_view received) {
    Step step;
    while (state_ != State::complete && step.consumed < received.size()) {
        if (state_ != State::data) {
            if (!chunk_line(received[step.consumed])) {
                return Problem(ProblemKind::bad_framing, "The chunked body is malformed.");
            }
            ++step.consumed;
            continue;
        }
        const std::string_view rest = received.substr(step.consumed);
        if (framing_.kind == BodyKind::until_close) {
            step.payload = rest;
            step.consumed = received.size();
            return step;
        }
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
        step.payload = rest.substr(0, count);
        step.consumed += count;
        left_ -= count;
        if (left_ == 0) {
            state_ = framing_.kind == BodyKind::chunked ? State::data_cr : State::complete;
        }
        break;
    }
    step.complete = state_ == State::complete;
    return step;
}

}  // namespace gatehouse::wire
