#include "characters.hpp"
#include "http1_target.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/http1_reader.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::wire {
namespace {

constexpr std::size_t longest_method = 32;
// A request line is its target, the longest method, the version, two blanks and CRLF.
constexpr std::size_t around_target = longest_method + 12;

/// Why a head is refused; a Problem is made of it once, at the end.
struct Refusal {
    ProblemKind kind{ProblemKind::bad_framing};
    const char* why{nullptr};
    explicit operator bool() const noexcept { return why != nullptr; }
};

Refusal refuse(const char* why) noexcept {
    return {ProblemKind::bad_framing, why};
}

struct HeadEnd {
    std::size_t size{0};  // 0: not there yet
    Refusal refusal;
};

/// Looks for the empty line, checking on the way that every line ends with CRLF and that the limits hold.
/// What it says depends on the bytes alone, not on the pieces they came in.
HeadEnd find_head_end(std::string_view bytes, std::size_t start, std::size_t first_line_limit, HeadScan& scan,
                      const HeadLimits& limits) noexcept {
    scan.scanned = std::max(scan.scanned, start);
    LineFeeds line_feeds(bytes, scan.scanned);
    for (;;) {
        const std::size_t limit =
            scan.lines == 0 ? std::min(limits.block, start + first_line_limit) : limits.block;
        const std::size_t line_feed = line_feeds.next();
        if (line_feed >= limit) {
            return {0, scan.lines == 0 && first_line_limit < limits.block
                           ? Refusal{ProblemKind::uri_too_long, "The request target is too long."}
                           : Refusal{ProblemKind::headers_too_large, "The header block is too large."}};
        }
        if (line_feed == bytes.size()) {
            scan.scanned = line_feed;
            return {};
        }
        if (line_feed == start || bytes[line_feed - 1] != '\r') {
            return {0, refuse("A header line does not end with CRLF.")};
        }
        const bool empty = line_feed - 1 == start || bytes[line_feed - 2] == '\n';
        if (empty) {
            return scan.lines == 0 ? HeadEnd{0, refuse("The start line is empty.")}
                                   : HeadEnd{line_feed + 1, {}};
        }
        ++scan.lines;
    }
}

/// What the fields say about the message itself.
struct Framing {
    std::optional<std::uint64_t> content_length;
    bool chunked{false};
    bool close{false};
    bool keep_alive{false};
    bool has_host{false};
    bool has_authorization{false};
    bool expects_continue{false};
    bool expects_other{false};
};

/// False if the value is no list of tokens.
bool read_connection(std::string_view value, Framing& framing) noexcept {
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(','), value.size());
        const std::string_view option = trim(value.substr(0, end));
        if (find_token_end(option, 0) != option.size()) {
            return false;
        }
        framing.close = framing.close || is_word(option, "close");
        framing.keep_alive = framing.keep_alive || is_word(option, "keep-alive");
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return true;
}

/// Looks at the few fields that decide about framing; their lengths all differ.
Refusal note_field(std::string_view name, std::string_view value, bool request, Framing& framing) noexcept {
    switch (name.size()) {
        case 4:
            if (request && is_word(name, "host")) {
                if (framing.has_host || !valid_host(value)) {
                    return refuse("There must be exactly one valid Host field.");
                }
                framing.has_host = true;
            }
            break;
        case 6:
            if (request && is_word(name, "expect")) {
                const bool known = equals_ignoring_case(value, "100-continue");
                framing.expects_continue = framing.expects_continue || known;
                framing.expects_other = framing.expects_other || !known;
            }
            break;
        case 10:
            if (is_word(name, "connection") && !read_connection(value, framing)) {
                return refuse("The Connection field is malformed.");
            }
            break;
        case 13:
            if (request && is_word(name, "authorization")) {
                if (framing.has_authorization) {
                    return refuse("There must be at most one Authorization field.");
                }
                framing.has_authorization = true;
            }
            break;
        case 14:
            if (is_word(name, "content-length")) {
                const auto length = parse_unsigned(value);
                if (framing.content_length || !length) {
                    return refuse("There must be at most one Content-Length field, of digits only.");
                }
                framing.content_length = length;
            }
            break;
        case 17:
            if (is_word(name, "transfer-encoding")) {
                if (framing.chunked || !equals_ignoring_case(value, "chunked")) {
                    return refuse("Transfer-Encoding must be exactly `chunked`.");
                }
                framing.chunked = true;
            }
            break;
        default:
            break;
    }
    return {};
}

/// Reads the field lines of `block`, which ends with the empty line, from `at` on.
Refusal read_fields(std::string_view block, std::size_t at, bool request, const HeadLimits& limits,
                    Fields& fields, Framing& framing) {
    fields.assign_block(block);
    while (block[at] != '\r' || block[at + 1] != '\n') {
        const std::size_t colon = find_token_end(block, at);
        if (colon == at || block[colon] != ':') {
            return refuse("A header line is malformed.");
        }
        // No line feed stands without a carriage return, so whatever ends the line is the first control
        // character.
        const std::size_t line_end = find_control(block, colon + 1);
        if (block[line_end] != '\r' || block[line_end + 1] != '\n') {
            return refuse("A header value holds a control character.");
        }
        if (fields.size() == limits.fields) {
            return {ProblemKind::headers_too_large, "There are too many header fields."};
        }
        const auto blank = [block](std::size_t place) { return block[place] == ' ' || block[place] == '\t'; };
        std::size_t value = colon + 1;
        std::size_t value_end = line_end;
        while (value < value_end && blank(value)) {
            ++value;
        }
        while (value < value_end && blank(value_end - 1)) {
            --value_end;
        }
        fields.mark(at, colon - at, value, value_end - value);
        if (const Refusal refusal = note_field(block.substr(at, colon - at),
                                               block.substr(value, value_end - value), request, framing)) {
            return refusal;
        }
        at = line_end + 2;
    }
    return {};
}

Refusal check_lengths(const Framing& framing, bool http_1_0) noexcept {
    if (framing.chunked && framing.content_length) {
        return refuse("Content-Length and Transfer-Encoding exclude each other.");
    }
    if (framing.chunked && http_1_0) {
        return refuse("HTTP/1.0 has no Transfer-Encoding.");
    }
    return {};
}

bool keeps_alive(const Framing& framing, bool http_1_0) noexcept {
    return !framing.close && (!http_1_0 || framing.keep_alive);
}

Refusal read_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
    const std::size_t end = find_token_end(line, 0);
    if (end == 0 || end > longest_method || end == line.size() || line[end] != ' ') {
        return refuse("The request line is malformed.");
    }
    const std::string_view method = line.substr(0, end);
    line.remove_prefix(end + 1);
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) {
        return refuse("The request line has no HTTP version.");
    }
    const std::string_view target = line.substr(0, blank);
    const std::string_view version = line.substr(blank + 1);
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
        !is_digit(version[7])) {
        return refuse("The request line is malformed.");
    }
    if (version[5] != '1' || version[7] > '1') {
        return {ProblemKind::http_version, "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
    }
    if (target.size() > limits.target) {
        return {ProblemKind::uri_too_long, "The request target is too long."};
    }
    if (method == "CONNECT" || method == "TRACE" || method == "PRI") {
        return refuse("This request method is not served.");
    }
    if (!read_target(method, target, head.path, head.query)) {
        return refuse("The request target is malformed.");
    }
    head.method.assign(method);
    head.http_1_0 = version[7] == '0';
    return {};
}

Refusal read_request(std::string_view block, const HeadLimits& limits, RequestHead& head) {
    const std::size_t line = block.find("\r\n");
    if (const Refusal refusal = read_request_line(block.substr(0, line), limits, head)) {
        return refusal;
    }
    Framing framing;
    if (const Refusal refusal = read_fields(block, line + 2, true, limits, head.fields, framing)) {
        return refusal;
    }
    if (!framing.has_host && !head.http_1_0) {
        return refuse("There must be exactly one valid Host field.");
    }
    if (const Refusal refusal = check_lengths(framing, head.http_1_0)) {
        return refusal;
    }
    if (framing.expects_other) {
        return {ProblemKind::expectation_failed, "Only `Expect: 100-continue` is understood."};
    }
    head.body = {};
    if (framing.chunked) {
        head.body.kind = BodyKind::chunked;
    } else if (framing.content_length) {
        head.body = {BodyKind::sized, *framing.content_length};
    }
    head.keep_alive = keeps_alive(framing, head.http_1_0);
    const bool has_body = framing.chunked || framing.content_length.value_or(0) > 0;
    head.expects_continue = framing.expects_continue && has_body && !head.http_1_0;
    return {};
}

Refusal read_response(std::string_view block, const HeadLimits& limits, bool request_was_head,
                      ResponseHead& head) {
    const std::size_t line_end = block.find("\r\n");
    const std::string_view line = block.substr(0, line_end);
    const bool shaped = line.size() >= 12 && line.starts_with("HTTP/1.") &&
                        (line[7] == '0' || line[7] == '1') && line[8] == ' ' && line[9] >= '1' &&
                        is_digit(line[9]) && is_digit(line[10]) && is_digit(line[11]) &&
                        (line.size() == 12 || line[12] == ' ');
    if (!shaped || has_control(line)) {
        return refuse("The provider's status line is malformed.");
    }
    head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    const bool http_1_0 = line[7] == '0';
    Framing framing;
    if (const Refusal refusal = read_fields(block, line_end + 2, false, limits, head.fields, framing)) {
        return refusal;
    }
    if (const Refusal refusal = check_lengths(framing, http_1_0)) {
        return refusal;
    }
    head.keep_alive = keeps_alive(framing, http_1_0);
    head.body = {};
    if (request_was_head || head.status < 200 || head.status == 204 || head.status == 304) {
        return {};
    }
    if (framing.chunked) {
        head.body.kind = BodyKind::chunked;
    } else if (framing.content_length) {
        head.body = {BodyKind::sized, *framing.content_length};
    } else {
        head.body.kind = BodyKind::until_close;
        head.keep_alive = false;
    }
    return {};
}

}  // namespace

Result<std::size_t> RequestHeadReader::read(std::string_view received, RequestHead& head) {
    if (received.empty() || received == "\r") {
        return std::size_t{0};
    }
    const std::size_t start = received.starts_with("\r\n") ? 2 : 0;
    const HeadEnd end = find_head_end(received, start, limits_.target + around_target, scan_, limits_);
    if (end.refusal) {
        return Problem(end.refusal.kind, end.refusal.why);
    }
    if (end.size == 0) {
        return std::size_t{0};
    }
    reset();
    if (const Refusal refusal = read_request(received.substr(start, end.size - start), limits_, head)) {
        return Problem(refusal.kind, refusal.why);
    }
    return end.size;
}

Result<std::size_t> ResponseHeadReader::read(std::string_view received, ResponseHead& head,
                                             bool request_was_head) {
    const HeadEnd end = find_head_end(received, 0, limits_.block, scan_, limits_);
    if (end.refusal) {
        return Problem(ProblemKind::upstream_protocol, end.refusal.why, Retry::same_place);
    }
    if (end.size == 0) {
        return std::size_t{0};
    }
    reset();
    if (const Refusal refusal =
            read_response(received.substr(0, end.size), limits_, request_was_head, head)) {
        return Problem(ProblemKind::upstream_protocol, refusal.why, Retry::same_place);
    }
    return end.size;
}

}  // namespace gatehouse::wire
