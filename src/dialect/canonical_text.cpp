#include "canonical_text.hpp"

#include "gatehouse/wire/json_unescape.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <span>

namespace gatehouse::dialect {
namespace {

// Bytes that no UTF-8 has, nor the digits in which digests are written.
constexpr char end_of_text = '\xff';
constexpr char place_of_text = '\xfe';

/// Strings up to here are copied: to refer to them would take as much. Counted unescaped, so that a string
/// has one form whatever its escapes.
constexpr std::size_t longest_copied = 40;
constexpr std::size_t largest_escape = 6;

/// Where a long string stands in the body.
struct TextPlace {
    std::uint64_t begin{0};
    std::uint32_t size{0};  // bodies are smaller than 4 GiB: refused long before
    std::uint32_t plain{0};
};

void append_escaped(std::string& out, std::string_view inside) {
    std::array<char, 256> piece{};
    while (!inside.empty()) {
        const auto size = wire::unescape_json_piece(inside, piece);
        out.append(piece.data(), size);
    }
}

/// The digits of a number without those that say nothing, and the power of ten they are multiplied by. Digits
/// in order, first `whole` and then `fraction`.
struct Decimal {
    std::string_view whole;
    std::string_view fraction;
    std::int64_t exponent{0};
    bool negative{false};
};

/// False: its exponent is none that anybody could mean.
bool read_decimal(std::string_view written, Decimal& out) {
    out.negative = written.starts_with('-');
    written.remove_prefix(out.negative ? 1 : 0);
    const auto exponent_at = std::min(written.find_first_of("eE"), written.size());
    auto power = written.substr(std::min(exponent_at + 1, written.size()));
    const auto digits = written.substr(0, exponent_at);
    const auto point = std::min(digits.find('.'), digits.size());
    out.whole = digits.substr(0, point);
    out.fraction = digits.substr(std::min(point + 1, digits.size()));
    power.remove_prefix(power.starts_with('+') ? 1 : 0);
    if (power.empty()) {
        return true;
    }
    const auto read = std::from_chars(power.data(), power.data() + power.size(), out.exponent);
    return read.ec == std::errc() && out.exponent > -1'000'000'000 && out.exponent < 1'000'000'000;
}

std::string_view without_trailing_zeros(std::string_view digits) {
    return digits.substr(0, digits.find_last_not_of('0') + 1);
}

std::string_view without_leading_zeros(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

void append_number(std::string& out, std::string_view written) {
    Decimal value;
    if (!read_decimal(written, value)) {
        out.push_back('N');
        out.append(written);
        out.push_back(end_of_text);
        return;
    }
    auto exponent = value.exponent;
    auto fraction = without_trailing_zeros(value.fraction);
    auto whole = without_leading_zeros(value.whole);
    exponent -= static_cast<std::int64_t>(fraction.size());
    if (fraction.empty()) {
        const auto kept = without_trailing_zeros(whole);
        exponent += static_cast<std::int64_t>(whole.size() - kept.size());
        whole = kept;
    } else if (whole.empty()) {
        fraction = without_leading_zeros(fraction);
    }
    out.push_back('n');
    if (value.negative) {
        out.push_back('-');  // also of a zero: somebody may show it
    }
    out.append(whole);
    out.append(fraction);
    if (exponent != 0 && !(whole.empty() && fraction.empty())) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), exponent).ptr;
        out.push_back('e');
        out.append(digits.data(), end);
    }
    out.push_back(end_of_text);
}

}  // namespace

void CanonicalText::text(std::string_view value) {
    out_.append(value);
    out_.push_back(end_of_text);
}

void CanonicalText::refer(std::string_view inside, bool plain) {
    const TextPlace place{static_cast<std::uint64_t>(inside.data() - body_.data()),
                          static_cast<std::uint32_t>(inside.size()), plain ? 1U : 0U};
    std::array<char, sizeof(TextPlace)> bytes{};
    std::memcpy(bytes.data(), &place, sizeof(TextPlace));
    out_.push_back(place_of_text);
    out_.append(bytes.data(), bytes.size());
}

wire::ByteRange CanonicalText::string(wire::JsonReader& json) {
    out_.push_back('"');
    wire::ByteRange range{json.offset(), 0};
    if (const auto plain = json.plain_string()) {
        range.end = range.begin + plain->size() + 2;
        if (plain->size() > longest_copied) {
            refer(*plain, true);
        } else {
            out_.append(*plain);
        }
        out_.push_back(end_of_text);
        return range;
    }
    range = json.skip();
    if (range.size() < 2) {
        return range;  // an error of the reader
    }
    const auto inside = body_.substr(range.begin + 1, range.size() - 2);
    const auto before = out_.size();
    const bool surely_long = inside.size() > largest_escape * longest_copied;
    if (!surely_long) {
        append_escaped(out_, inside);
    }
    if (surely_long || out_.size() - before > longest_copied) {
        out_.resize(before);
        refer(inside, false);
    }
    out_.push_back(end_of_text);
    return range;
}

wire::ByteRange CanonicalText::number(wire::JsonReader& json) {
    const auto range = json.skip();
    append_number(out_, body_.substr(range.begin, range.size()));
    return range;
}

CanonicalText::Member CanonicalText::member(std::string_view name) {
    const Member begun{out_.size(), name.size()};
    out_.push_back('"');
    text(name);
    return begun;
}

bool CanonicalText::sort(std::vector<Member>& members, std::size_t first) {
    const std::span these = std::span(members).subspan(first);
    bool sorted = true;
    for (std::size_t i = 1; i < these.size() && sorted; ++i) {
        sorted = name_of(these[i - 1]) > name_of(these[i]);
    }
    if (sorted) {
        return true;
    }
    const auto begin = these.front().begin;
    struct Piece {
        std::string_view name;
        std::string_view bytes;
    };
    std::vector<Piece> pieces;
    pieces.reserve(these.size());
    for (std::size_t i = 0; i < these.size(); ++i) {
        const auto end = i + 1 < these.size() ? these[i + 1].begin : out_.size();
        pieces.push_back(
            {name_of(these[i]), std::string_view(out_).substr(these[i].begin, end - these[i].begin)});
    }
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.name > b.name; });
    moved_.clear();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0 && pieces[i - 1].name == pieces[i].name) {
            return false;
        }
        moved_ += pieces[i].bytes;
    }
    out_.replace(begin, moved_.size(), moved_);
    return true;
}

void CanonicalText::feed(std::size_t begin, std::size_t end) const {
    std::string_view rest = std::string_view(out_).substr(begin, end - begin);
    while (!rest.empty()) {
        const auto literal = std::min(rest.find(place_of_text), rest.size());
        digester_->update(rest.substr(0, literal));
        rest.remove_prefix(literal);
        if (rest.empty()) {
            return;
        }
        TextPlace place;
        std::memcpy(&place, rest.data() + 1, sizeof(TextPlace));
        rest.remove_prefix(1 + sizeof(TextPlace));
        auto inside = body_.substr(place.begin, place.size);
        if (place.plain != 0) {
            digester_->update(inside);
            continue;
        }
        std::array<char, 4096> piece;
        while (!inside.empty()) {
            const auto size = wire::unescape_json_piece(inside, piece);
            digester_->update({piece.data(), size});
        }
    }
}

void CanonicalText::fold(std::size_t begin) {
    feed(begin, out_.size());
    const auto digest = digester_->finish();
    out_.resize(begin);
    out_.push_back('F');
    text(to_hex(digest));
}

}  // namespace gatehouse::dialect
