#include "gatehouse/wire/encodings.hpp"

#include <simdjson.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

namespace gatehouse::wire {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values = [] {
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
}();

constexpr std::size_t short_text = 512;

bool is_ascii(std::string_view bytes) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    const auto eight_at = [bytes](std::size_t at) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, bytes.data() + at, 8);
        return eight;
    };
    std::uint64_t seen = 0;
    if (bytes.size() < 8) {
        for (const char c : bytes) {
            seen |= static_cast<unsigned char>(c);
        }
        return (seen & 0x80U) == 0;
    }
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        seen |= eight_at(at);
    }
    seen |= eight_at(bytes.size() - 8);
    return (seen & high_bits) == 0;
}

class Inflater {
public:
    Inflater() noexcept {
        ready_ = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK;
    }  // 16: a gzip wrapper, no other
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (ready_) {
            inflateEnd(&stream);
        }
    }
    bool ready() const noexcept { return ready_; }

    z_stream stream{};

private:
    bool ready_{false};
};

Problem broken_gzip() {
    return Problem(ProblemKind::invalid_value, "The body is not a valid gzip stream.");
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            bits = (bits << 8U) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        text.push_back(alphabet[bits >> 18U]);
        text.push_back(alphabet[(bits >> 12U) & 63U]);
        text.push_back(count > 1 ? alphabet[(bits >> 6U) & 63U] : '=');
        text.push_back(count > 2 ? alphabet[bits & 63U] : '=');
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
    text.remove_suffix(padding);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) {
            return std::nullopt;
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>((bits >> held) & 0xffU));
        }
    }
    if ((bits & ((1U << held) - 1U)) != 0) {
        return std::nullopt;  // two texts may not mean the same bytes
    }
    return bytes;
}

bool valid_utf8(std::string_view bytes) noexcept {
    // For short texts, which are ASCII nearly always, finding the best implementation costs more than using
    // it.
    if (bytes.size() <= short_text && is_ascii(bytes)) {
        return true;
    }
    return simdjson::validate_utf8(bytes.data(), bytes.size());
}

Result<std::string> gunzip(std::string_view bytes, std::size_t output_limit) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) {
        return Problem(ProblemKind::request_too_large, "The compressed body is too large.");
    }
    Inflater inflater;
    if (!inflater.ready()) {
        return Problem(ProblemKind::internal, "The decompressor could not start.");
    }
    std::string input(bytes);  // zlib's interface takes no const input
    inflater.stream.next_in = reinterpret_cast<Bytef*>(input.data());
    inflater.stream.avail_in = static_cast<uInt>(input.size());
    std::string output;
    std::array<char, 16 * 1024> piece;
    for (;;) {
        inflater.stream.next_out = reinterpret_cast<Bytef*>(piece.data());
        inflater.stream.avail_out = static_cast<uInt>(piece.size());
        const int status = inflate(&inflater.stream, Z_NO_FLUSH);
        const std::size_t made = piece.size() - inflater.stream.avail_out;
        if (made > output_limit - output.size()) {
            return Problem(ProblemKind::request_too_large, "The decompressed body is too large.");
        }
        output.append(piece.data(), made);
        if (status == Z_STREAM_END) {
            break;
        }
        if (status != Z_OK) {
            return broken_gzip();  // also Z_BUF_ERROR: the input ended early
        }
    }
    if (inflater.stream.avail_in != 0) {
        return broken_gzip();
    }
    return output;
}

}  // namespace gatehouse::wire
