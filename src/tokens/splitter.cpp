#include "splitter.hpp"

#include <algorithm>

namespace gatehouse::tokens {
namespace {

constexpr unsigned letters = upper | lower | caseless;
constexpr unsigned upper_part = upper | caseless | mark;  // [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
constexpr unsigned lower_part = lower | caseless | mark;  // [\p{Ll}\p{Lm}\p{Lo}\p{M}]
constexpr unsigned symbols = symbol | mark;               // [^\s\p{L}\p{N}]
constexpr unsigned white = space | newline;               // \s
constexpr unsigned no_prefix = letters | number | newline;

char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view Splitter::next() noexcept {
    if (at_ == end_) {
        return {};
    }
    const char* const from = at_;
    at_ = piece_end();
    return {from, static_cast<std::size_t>(at_ - from)};
}

/// The alternatives of the expression, in its order: the first that matches wins.
const char* Splitter::piece_end() noexcept {
    const Character first = look(at_);
    if (const char* word = pattern_ == SplitPattern::o200k ? o200k_word(first) : cl100k_word(first)) {
        return word;
    }
    const char* const second = at_ + first.length;
    if (first.kind == number) {  // \p{N}{1,3}
        const char* end = second;
        for (int more = 0; more < 2 && end != end_; ++more) {
            const Character digit = look(end);
            if (digit.kind != number) {
                break;
            }
            end += digit.length;
        }
        return end;
    }
    //  ?[^\s\p{L}\p{N}]+[\r\n/]*
    const char* const symbols_from = *at_ == ' ' ? second : at_;
    const char* end = run(symbols_from, symbols);
    if (end != symbols_from) {
        const bool slash_too = pattern_ == SplitPattern::o200k;
        while (end != end_ && (*end == '\r' || *end == '\n' || (slash_too && *end == '/'))) {
            ++end;
        }
        return end;
    }
    return white_space(first);
}

/// [^\r\n\p{L}\p{N}]?U*L+(?i:contraction)? and then [^\r\n\p{L}\p{N}]?U+L*(?i:contraction)?
const char* Splitter::o200k_word(Character first) noexcept {
    if ((first.kind & (number | newline)) != 0) {
        return nullptr;
    }
    Word word = scan_word((first.kind & no_prefix) != 0 ? at_ : at_ + first.length);
    if (word.cased == nullptr && first.kind == mark) {
        word = scan_word(at_);  // a mark is a prefix, or else the word's beginning
    }
    const char* const end = word.cased != nullptr ? word.cased : word.upper;
    return end == nullptr ? nullptr : contraction(end);
}

/// What the two alternatives match from here. `U*L+` takes all it can of U and gives back, from the right,
/// until L has something: the run goes on in lower case, or ends behind its last character that is in both
/// sets.
Splitter::Word Splitter::scan_word(const char* from) noexcept {
    const char* at = from;
    const char* behind_common = nullptr;
    while (at != end_) {
        const Character one = look(at);
        if ((one.kind & upper_part) == 0) {
            if (one.kind == lower) {
                work_ += static_cast<std::uint64_t>(at - from);
                return {run(at, lower_part), nullptr};
            }
            break;
        }
        at += one.length;
        if (one.kind != upper) {
            behind_common = at;
        }
    }
    work_ += static_cast<std::uint64_t>(at - from) + 1;
    return {behind_common, at == from ? nullptr : at};
}

/// (?i:contraction)|[^\r\n\p{L}\p{N}]?\p{L}+
const char* Splitter::cl100k_word(Character first) noexcept {
    if (const char* end = contraction(at_); end != at_) {
        return end;
    }
    if ((first.kind & letters) != 0) {
        return run(at_, letters);
    }
    if ((first.kind & no_prefix) != 0) {
        return nullptr;
    }
    const char* const from = at_ + first.length;
    const char* const end = run(from, letters);
    return end == from ? nullptr : end;
}

/// The end of 's 't 're 've 'm 'll 'd in any case, or `from`. The long s (U+017F) is a case of s.
const char* Splitter::contraction(const char* from) const noexcept {
    if (end_ - from < 2 || *from != '\'') {
        return from;
    }
    const char first = lower_case(from[1]);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
        return from + 2;
    }
    if (end_ - from < 3) {
        return from;
    }
    const char second = lower_case(from[2]);
    const bool two_letters =
        ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
    const bool long_s = from[1] == '\xC5' && from[2] == '\xBF';
    return two_letters || long_s ? from + 3 : from;
}

/// \s*[\r\n]+ and then \s+(?!\S) and then \s+: up to the last line end of the run; else all but its last
/// character, which the next word takes; else all.
const char* Splitter::white_space(Character first) noexcept {
    const char* at = at_;
    const char* behind_newline = nullptr;
    const char* last = at_;
    for (Character one = first; (one.kind & white) != 0;) {
        last = at;
        at += one.length;
        if (one.kind == newline) {
            behind_newline = at;
        }
        if (at == end_) {
            break;
        }
        one = look(at);
    }
    work_ += static_cast<std::uint64_t>(at - at_);
    if (behind_newline != nullptr) {
        return behind_newline;
    }
    return at == end_ || last == at_ ? at : last;
}

const char* Splitter::run(const char* from, unsigned kinds) noexcept {
    const char* at = from;
    while (at != end_) {
        const Character one = look(at);
        if ((one.kind & kinds) == 0) {
            break;
        }
        at += one.length;
    }
    work_ += static_cast<std::uint64_t>(at - from) + 1;
    return at;
}

}  // namespace gatehouse::tokens
