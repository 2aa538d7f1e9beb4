#include "gatehouse/core/text.hpp"
#include "gatehouse/dialect/dialect.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view mask = "***";

bool is_lower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) noexcept {
    return is_lower(c) || is_upper(c) || is_digit(c);
}

/// Characters that keys and tokens are made of; a masked key (`sk-ab****yz`) stays one word.
bool is_word(char c) noexcept {
    return is_letter_or_digit(c) || std::string_view("_-*.+/=~%").find(c) != std::string_view::npos;
}

/// What a secret that was announced ends at.
bool ends_secret(char c) noexcept {
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view("\"'`,;)]}<>").find(c) != std::string_view::npos;
}

bool has_key_prefix(std::string_view text) noexcept {
    static constexpr std::array<std::string_view, 11> prefixes{"sk-",  "sk_", "pk-", "gsk_",   "xai-", "AIza",
                                                               "ghp_", "hf_", "r8_", "nvapi-", "gh_"};
    return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
        return text.starts_with(prefix) && text.size() > prefix.size();
    });
}

/// What a run of characters is made of.
struct Mixture {
    std::size_t size{0};
    bool lower{false};
    bool upper{false};
    bool digit{false};

    void add(char c) noexcept {
        ++size;
        lower = lower || is_lower(c);
        upper = upper || is_upper(c);
        digit = digit || is_digit(c);
    }
    bool letter() const noexcept { return lower || upper; }
};

/// Long runs of mixed characters are keys; names of models and fields are shorter, or are words with hyphens.
bool looks_random(std::string_view word) noexcept {
    Mixture plain;    // letters and digits
    Mixture hyphens;  // the same with hyphens and underscores between
    for (const char c : word) {
        if (is_letter_or_digit(c)) {
            plain.add(c);
            hyphens.add(c);
        } else {
            plain = {};
            if (c == '-' || c == '_') {
                ++hyphens.size;
            } else {
                hyphens = {};
            }
        }
        if ((plain.size >= 20 && plain.digit && plain.letter()) ||
            (plain.size >= 40 && plain.lower && plain.upper) ||
            (hyphens.size >= 32 && hyphens.digit && hyphens.lower && hyphens.upper)) {
            return true;
        }
    }
    return false;
}

bool looks_like_key(std::string_view word) noexcept {
    if (word.find("***") != std::string_view::npos || looks_random(word)) {
        return true;
    }
    for (std::size_t i = 0; i < word.size(); ++i) {
        if ((i == 0 || !is_letter_or_digit(word[i - 1])) && has_key_prefix(word.substr(i))) {
            return true;
        }
    }
    return false;
}

bool names_secret(std::string_view lower) noexcept {
    static constexpr std::array<std::string_view, 6> names{"key",      "token",     "secret",
                                                           "password", "signature", "authorization"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return lower.ends_with(name); });
}

/// Walks a text word by word and writes it again without its secrets.
class Redactor {
public:
    explicit Redactor(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (secret_next_ && !ends_secret(text_[at_]) && !next_is_bearer()) {
                take_secret();
            } else if (is_word(text_[at_])) {
                take_word();
            } else {
                take_between();
            }
        }
        return std::move(out_);
    }

private:
    std::string_view word_at(std::size_t begin) const noexcept {
        std::size_t end = begin;
        while (end < text_.size() && is_word(text_[end])) {
            ++end;
        }
        return text_.substr(begin, end - begin);
    }

    /// `Authorization: Bearer x`: the secret is the word behind.
    bool next_is_bearer() const noexcept { return equals_ignoring_case(word_at(at_), "bearer"); }

    void take_secret() {
        std::size_t end = at_;
        while (end < text_.size() && !ends_secret(text_[end])) {
            ++end;
        }
        const bool sentence_ends = text_[end - 1] == '.';
        out_.append(mask).append(sentence_ends ? "." : "");
        at_ = end;
        secret_next_ = false;
        before_.clear();
    }

    void take_word() {
        const std::string_view word = word_at(at_);
        at_ += word.size();
        const auto equals = word.find('=');
        if (equals != std::string_view::npos && names_secret(to_lower(word.substr(0, equals)))) {
            out_.append(word.substr(0, equals + 1));
            secret_next_ = equals + 1 == word.size();
            out_.append(secret_next_ ? "" : mask);
            while (!secret_next_ && at_ < text_.size() && !ends_secret(text_[at_]) && text_[at_] != '&') {
                ++at_;
            }
            return;
        }
        const bool sentence_ends = word.ends_with('.');
        if (looks_like_key(word)) {
            out_.append(mask).append(sentence_ends ? "." : "");
            before_.clear();
            return;
        }
        out_.append(word);
        earlier_ = std::move(before_);
        before_ = to_lower(word);
        secret_next_ = before_ == "bearer";
    }

    /// What stands between words: blanks, punctuation, anything that is not ASCII.
    void take_between() {
        const char c = text_[at_++];
        out_.push_back(c);
        if (c == ':' && announces_secret()) {
            secret_next_ = true;
        } else if (secret_next_ && std::string_view(" \t:\"'`").find(c) == std::string_view::npos) {
            secret_next_ = false;
        }
    }

    /// "api_key:", "API key:", "API key provided:", "Authorization:".
    bool announces_secret() const noexcept {
        const bool key_before = earlier_.ends_with("key");
        return before_.ends_with("api_key") || before_.ends_with("api-key") || before_.ends_with("apikey") ||
               before_ == "authorization" || before_ == "password" || (before_ == "provided" && key_before) ||
               (before_ == "key" && earlier_ == "api");
    }

    std::string_view text_;
    std::size_t at_{0};
    std::string out_;
    std::string before_;   // the last word, in lower case
    std::string earlier_;  // the one before it
    bool secret_next_{false};
};

/// The first `limit` characters, control characters (C0, DEL, C1) made blanks.
std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool continues = (byte & 0xC0U) == 0x80U;
        if (!continues && count++ == limit) {
            break;
        }
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (byte == 0xC2U && next >= 0x80U && next <= 0x9FU) {
            out.push_back(' ');
            ++i;
        } else {
            out.push_back(byte < 0x20U || byte == 0x7FU ? ' ' : text[i]);
        }
    }
    return out;
}

}  // namespace

std::string redact(std::string_view text, std::size_t limit) {
    // What comes far behind the limit is not looked at. The word at the cut goes too: half a key is no key to
    // see.
    const std::size_t most = limit * 8 + 256;
    if (text.size() > most) {
        text = text.substr(0, most);
        const auto blank = text.find_last_of(" \t\r\n");
        text = blank == std::string_view::npos ? std::string_view() : text.substr(0, blank);
    }
    return printable(Redactor(text).run(), limit);
}

}  // namespace gatehouse::dialect
