#include "gatehouse/wire/http1_writer.hpp"

#include "characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>

namespace gatehouse::wire {
namespace {

void append_number(std::string& out, std::size_t value, int base) {
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
    out.append(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
}

/// Makes room at the end of `out`; the caller fills it.
char* extend(std::string& out, std::size_t size) {
    const std::size_t before = out.size();
    out.resize(before + size);
    return out.data() + before;
}

char* put(char* at, std::string_view text) noexcept {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

char* put_clean(char* at, std::string_view text) noexcept {
    if (!has_control(text)) [[likely]] {
        return put(at, text);
    }
    return std::transform(text.begin(), text.end(), at, [](char c) { return is_control(c) ? ' ' : c; });
}

/// Start-line words: a blank would shift the words after it, so it may not stand there either.
void append_word(std::string& out, std::string_view text) {
    if (text.find(' ') == std::string_view::npos && text.find('\t') == std::string_view::npos &&
        !has_control(text)) [[likely]] {
        out.append(text);
        return;
    }
    for (const char c : text) {
        if (static_cast<unsigned char>(c) > ' ' && c != 0x7f) {
            out.push_back(c);
        }
    }
}

}  // namespace

void append_status_line(std::string& out, int status) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(status), 10);
    out.push_back(' ');
    out.append(reason_of(status));
    out.append("\r\n");
}

void append_request_line(std::string& out, std::string_view method, std::string_view target) {
    append_word(out, method);
    out.push_back(' ');
    append_word(out, target);
    out.append(" HTTP/1.1\r\n");
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    char* at = extend(out, name.size() + value.size() + 4);
    at = put(put_clean(at, name), ": ");
    put(put_clean(at, value), "\r\n");
}

void append_known_field(std::string& out, std::string_view name, std::string_view value) {
    char* at = extend(out, name.size() + value.size() + 4);
    at = put(put(at, name), ": ");
    put(put_clean(at, value), "\r\n");
}

void append_known_field(std::string& out, std::string_view name, std::size_t value) {
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    const auto size = static_cast<std::size_t>(written.ptr - digits.data());
    char* const at = extend(out, name.size() + size + 4);
    put(put(put(put(at, name), ": "), {digits.data(), size}), "\r\n");
}

void append_chunk_head(std::string& out, std::size_t size) {
    append_number(out, size, 16);
    out.append("\r\n");
}

std::string_view http_date() {
    struct Made {
        std::time_t second{-1};
        std::array<char, 32> text{};
        std::size_t size{0};
    };
    thread_local Made made;
    const std::time_t now = std::time(nullptr);
    if (now != made.second) {
        static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm utc{};
        gmtime_r(&now, &utc);
        // Names of our own: strftime's follow the locale, the header's do not.
        std::array<char, 32> rest{};
        const std::size_t size = std::strftime(rest.data(), rest.size(), "%Y %H:%M:%S GMT", &utc);
        std::string text = days[static_cast<std::size_t>(utc.tm_wday)];
        text += utc.tm_mday < 10 ? ", 0" : ", ";
        append_number(text, static_cast<std::size_t>(utc.tm_mday), 10);
        text += ' ';
        text += months[static_cast<std::size_t>(utc.tm_mon)];
        text += ' ';
        text.append(rest.data(), size);
        made.size = text.copy(made.text.data(), made.text.size());
        made.second = now;
    }
    return {made.text.data(), made.size};
}

std::string_view reason_of(int status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 425:
            return "Too Early";
        case 426:
            return "Upgrade Required";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 451:
            return "Unavailable For Legal Reasons";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

}  // namespace gatehouse::wire
