#include "question_text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::policy {
namespace {

constexpr bool is_ascii_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_ascii_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// What a code point is for the cutting.
enum class Glyph : std::uint8_t { blank, letter, digit, apostrophe, quote, dash, stop, sign, control };

constexpr bool within(char32_t value, char32_t from, char32_t to) noexcept {
    return value >= from && value <= to;
}

constexpr Glyph ascii_glyph(char32_t value) noexcept {
    if (value == ' ' || value == '\n' || value == '\t' || value == '\r') {
        return Glyph::blank;
    }
    if (value < 0x20 || value == 0x7f) {
        return Glyph::control;
    }
    const auto c = static_cast<char>(value);
    if (is_ascii_letter(c)) {
        return Glyph::letter;
    }
    if (is_ascii_digit(c)) {
        return Glyph::digit;
    }
    switch (c) {
        case '\'':
            return Glyph::apostrophe;
        case '"':
            return Glyph::quote;
        case '-':
            return Glyph::dash;
        case '.':
        case ',':
        case ';':
        case ':':
        case '?':
        case '!':
            return Glyph::stop;
        default:
            return Glyph::sign;
    }
}

constexpr auto ascii_glyphs = [] {
    std::array<Glyph, 0x80> glyphs{};
    for (std::size_t i = 0; i < glyphs.size(); ++i) {
        glyphs[i] = ascii_glyph(static_cast<char32_t>(i));
    }
    return glyphs;
}();

constexpr bool is_printable(char c) noexcept {
    return c >= 0x20 && c < 0x7f;
}

/// What is_address() looks for; without any of them a run is none.
constexpr bool may_mark_address(char c) noexcept {
    return c == '@' || c == '/' || c == '\\' || c == '_';
}

Glyph other_glyph(char32_t value) noexcept {
    if (value < 0xa0) {
        return Glyph::control;
    }
    if (value == 0xa0 || within(value, 0x2000, 0x200a) || value == 0x202f || value == 0x205f ||
        value == 0x3000) {
        return Glyph::blank;
    }
    if (value == 0x2018 || value == 0x2019 || value == 0x02bc) {
        return Glyph::apostrophe;
    }
    if (value == 0x201c || value == 0x201d || value == 0x201e || value == 0xab || value == 0xbb) {
        return Glyph::quote;
    }
    if (within(value, 0x2010, 0x2015) || value == 0x2212) {
        return Glyph::dash;
    }
    if (value == 0x2026 || value == 0x2022) {
        return Glyph::stop;
    }
    // Letters of Latin, Greek, Cyrillic and whatever else is no sign; signs of Latin-1 and the blocks of
    // symbols.
    const bool is_sign = (within(value, 0xa1, 0xbf) && value != 0xaa && value != 0xba) || value == 0xd7 ||
                         value == 0xf7 || within(value, 0x200b, 0x2bff) || within(value, 0xfe00, 0xfe0f) ||
                         within(value, 0xe000, 0xf8ff) || value >= 0x1f000;
    return is_sign ? Glyph::sign : Glyph::letter;
}

Glyph glyph_of(char32_t value) noexcept {
    return value < ascii_glyphs.size() ? ascii_glyphs[value] : other_glyph(value);
}

constexpr bool is_latin(char32_t value) noexcept {
    return value < 0x250 || within(value, 0x1e00, 0x1eff);
}

/// Where the mark that opens at `mark` is closed; the end of the text if nowhere.
std::size_t closing_quote(std::string_view text, std::size_t from, char32_t opening) noexcept {
    while (from < text.size()) {
        const auto point = code_point_at(text, from);
        const bool closes = opening == 0xab ? point.value == 0xbb
                                            : point.value == '"' || point.value == 0x201d ||
                                                  (opening == 0x201e && point.value == 0x201c);
        if (closes) {
            return from;
        }
        from += point.bytes;
    }
    return text.size();
}

/// Of a text that is readable throughout.
class Cutter {
public:
    explicit Cutter(std::string_view text) : text_(text) {}

    CutText run() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(cut_);
    }

private:
    void step() {
        const auto point = code_point_at(text_, at_);
        const auto glyph = glyph_of(point.value);
        switch (glyph) {
            case Glyph::blank:
                blank(point);
                return;
            case Glyph::quote:
                quote(point);
                return;
            case Glyph::apostrophe:
                apostrophe(point);
                return;
            default:
                break;
        }
        if (at_blank_ && address()) {
            return;
        }
        if (glyph == Glyph::digit) {
            number();
        } else if (glyph == Glyph::letter) {
            word();
        } else if (glyph == Glyph::dash) {
            dash(point);
        } else if (glyph == Glyph::stop) {
            stop(point);
        } else {
            sign(point);
        }
    }

    void push(PieceKind kind, std::string text) {
        cut_.pieces.push_back({kind, at_blank_, at_stop_, at_dash_, std::move(text)});
        at_blank_ = false;
        at_stop_ = false;
        at_dash_ = false;
    }
    char next(std::size_t ahead = 1) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : ' ';
    }
    Glyph glyph_at(std::size_t at) const noexcept {
        if (at >= text_.size()) {
            return Glyph::blank;
        }
        return glyph_of(code_point_at(text_, at).value);
    }
    bool letter_or_digit_at(std::size_t at) const noexcept {
        const auto glyph = glyph_at(at);
        return glyph == Glyph::letter || glyph == Glyph::digit;
    }
    const TextPiece* last() const noexcept { return cut_.pieces.empty() ? nullptr : &cut_.pieces.back(); }

    void blank(CodePoint point) {
        const bool new_line = point.value == '\n';
        at_ += point.bytes;
        at_blank_ = true;
        const auto line = text_.substr(at_);
        const bool indented = line.starts_with('\t') || line.starts_with("  ");
        if (new_line && indented && !cut_.pieces.empty() &&
            line.find_first_not_of(" \t\r\n") != std::string_view::npos) {
            cut_.layout = true;
        }
    }

    void quote(CodePoint point) {
        // 5" are inches.
        if (point.value == '"' && !at_blank_ && last() != nullptr && last()->kind == PieceKind::number) {
            push(PieceKind::sign, "\"");
            at_ += point.bytes;
            return;
        }
        const auto from = at_ + point.bytes;
        const auto end = closing_quote(text_, from, point.value);
        push(PieceKind::quoted, std::string(text_.substr(from, end - from)));
        at_ = end < text_.size() ? end + code_point_at(text_, end).bytes : end;
    }

    void apostrophe(CodePoint point) {
        const auto from = at_ + point.bytes;
        if (at_blank_ && glyph_at(from) != Glyph::blank) {
            for (auto end = from; end < text_.size() && text_[end] != '\n';) {
                const auto inner = code_point_at(text_, end);
                if (glyph_of(inner.value) == Glyph::apostrophe && end > from &&
                    !letter_or_digit_at(end + inner.bytes)) {
                    push(PieceKind::quoted, std::string(text_.substr(from, end - from)));
                    at_ = end + inner.bytes;
                    return;
                }
                end += inner.bytes;
            }
        }
        // 5' are feet.
        const auto* before = last();
        if (!at_blank_ && before != nullptr && before->kind == PieceKind::number &&
            glyph_at(from) != Glyph::letter) {
            push(PieceKind::sign, "'");
        }
        at_ = from;  // of a plural's possessive, or of '90s
    }

    /// What is written without blanks and must not be looked into.
    bool address() {
        auto end = at_;
        bool marked = text_[at_] == '-' || text_[at_] == 'w';
        while (end < text_.size()) {
            const auto point = code_point_at(text_, end);
            if (glyph_of(point.value) == Glyph::blank) {
                break;
            }
            marked = marked || may_mark_address(text_[end]);
            end += point.bytes;
        }
        if (!marked) {
            return false;
        }
        auto run = text_.substr(at_, end - at_);
        while (!run.empty() && std::string_view(".,;:!?)\"'").find(run.back()) != std::string_view::npos) {
            run.remove_suffix(1);
        }
        if (!is_address(run)) {
            return false;
        }
        push(PieceKind::address, std::string(run));
        at_ += run.size();
        return true;
    }

    static bool is_address(std::string_view run) noexcept {
        if (run.size() < 2 || run.find('`') != std::string_view::npos) {
            return false;
        }
        const auto at_sign = run.find('@');
        const bool mail = at_sign != std::string_view::npos && at_sign > 0 &&
                          run.find('.', at_sign) != std::string_view::npos;
        const bool option = run[0] == '-' && (is_ascii_letter(run[1]) ||
                                              (run[1] == '-' && run.size() > 2 && is_ascii_letter(run[2])));
        const auto slashes = std::count(run.begin(), run.end(), '/');
        const bool rooted =
            run[0] == '/' || run.starts_with("~/") || run.starts_with("./") || run.starts_with("../");
        const bool path = (slashes >= 2 || (slashes >= 1 && rooted)) &&
                          std::any_of(run.begin(), run.end(), is_ascii_letter);
        return mail || option || path || run.find("://") != std::string_view::npos ||
               run.starts_with("www.") || run.find('\\') != std::string_view::npos ||
               run.find('_') != std::string_view::npos;
    }

    void number() {
        auto end = at_;
        while (end < text_.size() && (is_ascii_digit(text_[end]) ||
                                      ((text_[end] == '.' || text_[end] == ',' || text_[end] == ':') &&
                                       end + 1 < text_.size() && is_ascii_digit(text_[end + 1])))) {
            ++end;
        }
        if (glyph_at(end) == Glyph::letter) {
            word();  // 5km, 3rd, 2FA
            return;
        }
        push(PieceKind::number, std::string(text_.substr(at_, end - at_)));
        at_ = end;
    }

    /// Letters and digits with what may stand inside of a word: don't, node.js, AT&T, c++.
    void word() {
        std::string read;
        while (at_ < text_.size()) {
            const auto plain = end_of_plain_word();
            read += text_.substr(at_, plain - at_);
            at_ = plain;
            if (at_ == text_.size()) {
                break;
            }
            const auto point = code_point_at(text_, at_);
            const auto glyph = glyph_of(point.value);
            if (glyph == Glyph::letter || glyph == Glyph::digit) {
                cut_.other_script = cut_.other_script || !is_latin(point.value);
                read += text_.substr(at_, point.bytes);
                at_ += point.bytes;
                continue;
            }
            const bool inner = !read.empty() && letter_or_digit_at(at_ + point.bytes);
            if (glyph == Glyph::apostrophe && inner) {
                read += '\'';
            } else if (inner &&
                       (point.value == '.' || (point.value == '&' && is_ascii_letter(next())) ||
                        (point.value == ',' && is_ascii_digit(next()) && is_ascii_digit(read.back())))) {
                read += static_cast<char>(point.value);
            } else {
                break;
            }
            at_ += point.bytes;
        }
        while (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '#') && mark_belongs()) {
            read += text_[at_++];
        }
        push(PieceKind::word, std::move(read));
    }
    std::size_t end_of_plain_word() const noexcept {
        auto end = at_;
        while (end < text_.size() && (is_ascii_letter(text_[end]) || is_ascii_digit(text_[end]))) {
            ++end;
        }
        return end;
    }
    bool mark_belongs() const noexcept {
        const auto end = text_.find_first_not_of("+#", at_);
        return end == std::string_view::npos || !letter_or_digit_at(end);
    }

    void dash(CodePoint point) {
        const bool blank_behind = glyph_at(at_ + point.bytes) == Glyph::blank;
        const auto behind = first_behind(at_ + point.bytes);
        const bool digit_behind = behind < text_.size() && is_ascii_digit(text_[behind]);
        const auto* before = last();
        const bool operand_before =
            before != nullptr && (before->kind == PieceKind::number || is_lone(before->text) ||
                                  before->text == ")" || before->text == "]");
        const bool operand_behind =
            digit_behind ||
            (behind < text_.size() && (text_[behind] == '(' || text_[behind] == '[' || is_lone_at(behind)));
        cut_.unmarked_code = cut_.unmarked_code || next() == '>';
        at_ += point.bytes;
        if (digit_behind && !blank_behind && !operand_before &&
            (at_blank_ || before == nullptr || is_operator(*before))) {
            at_blank_ = true;
            number();
            cut_.pieces.back().text.insert(0, "-");
            return;
        }
        const bool spaced = at_blank_ && blank_behind;
        if ((operand_before && operand_behind) || (spaced && (operand_before || operand_behind))) {
            push(PieceKind::sign, "-");
        }
        at_dash_ = !at_blank_ && !blank_behind;
        at_blank_ = true;  // what stands behind a hyphen is a word of its own
    }
    std::size_t first_behind(std::size_t at) const noexcept {
        while (at < text_.size() && glyph_at(at) == Glyph::blank) {
            at += code_point_at(text_, at).bytes;
        }
        return at;
    }
    static bool is_lone(std::string_view text) noexcept {
        return text.size() == 1 && is_ascii_letter(text[0]);
    }
    bool is_lone_at(std::size_t at) const noexcept {
        return is_ascii_letter(text_[at]) && !letter_or_digit_at(at + 1) &&
               glyph_at(at + 1) != Glyph::apostrophe;
    }
    static bool is_operator(const TextPiece& piece) noexcept {
        return piece.kind == PieceKind::sign && piece.text != ")" && piece.text != "]";
    }

    void stop(CodePoint point) {
        if (point.value == '.' && at_blank_ && glyph_at(at_ + 1) == Glyph::letter) {
            ++at_;  // .NET
            word();
            cut_.pieces.back().text.insert(0, ".");
            return;
        }
        const auto* before = last();
        const bool factorial =
            point.value == '!' && !at_blank_ && before != nullptr &&
            (before->kind == PieceKind::number || before->text == ")" || before->text == "!");
        cut_.unmarked_code = cut_.unmarked_code || (point.value == '!' && next() == '=');
        at_ += point.bytes;
        if (factorial) {
            push(PieceKind::sign, "!");
        }
        at_blank_ = true;
        at_stop_ = at_stop_ || point.value == '.' || point.value == '?' || point.value == '!';
    }

    void sign(CodePoint point) {
        if (point.value == '`') {
            code();
            return;
        }
        cut_.unmarked_code = cut_.unmarked_code || looks_like_code();
        push(PieceKind::sign, std::string(text_.substr(at_, point.bytes)));
        at_ += point.bytes;
    }

    bool looks_like_code() const noexcept {
        static constexpr auto marks =
            std::to_array<std::string_view>({"{", "}", "=>", "==", "!=", "&&", "||", "->", "</", "/>", "();",
                                             "){", ">=", "<=", "+=", "|>", "<<", ">>"});
        const auto here = text_.substr(at_);
        return std::any_of(marks.begin(), marks.end(),
                           [&](std::string_view mark) { return here.starts_with(mark); }) ||
               (text_[at_] == '<' && is_ascii_letter(next())) || (text_[at_] == ')' && next() == ';');
    }

    void code() {
        const std::string_view fence = text_.substr(at_).starts_with("```") ? "```" : "`";
        const auto from = at_ + fence.size();
        const auto end = std::min(text_.find(fence, from), text_.size());
        push(PieceKind::code, std::string(text_.substr(from, end - from)));
        at_ = std::min(end + fence.size(), text_.size());
    }

    std::string_view text_;
    std::size_t at_{0};
    bool at_blank_{true};
    bool at_stop_{false};
    bool at_dash_{false};
    CutText cut_;
};

}  // namespace

CodePoint long_code_point_at(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const char32_t first = byte(0);
    if (first < 0x80) {
        return {};  // the end of the text
    }
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    static constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    char32_t value = first & (0xffU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte(i) & 0x3fU);
    }
    const bool valid = first >= 0xc2 && first <= 0xf4 && value >= least[bytes] && value <= 0x10ffff &&
                       !within(value, 0xd800, 0xdfff);
    return valid ? CodePoint{value, bytes} : CodePoint{};
}

CutText cut_text(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (is_printable(text[at])) {
            ++at;
            continue;
        }
        const auto point = code_point_at(text, at);
        if (point.bytes == 0 || glyph_of(point.value) == Glyph::control) {
            return {.unreadable = true};
        }
        at += point.bytes;
    }
    return Cutter(text).run();
}

}  // namespace gatehouse::policy
