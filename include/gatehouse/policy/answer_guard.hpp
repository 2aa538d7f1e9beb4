// The guard of the semantic cache: may the answer to one question be served for another that looks alike?
//
// Embeddings take "from Paris to Rome" for "from Rome to Paris". The guard therefore accepts only texts that
// are the same word for word after folding what the signature folds and, on top, listed synonyms, empty
// adverbs and a few frames ("what does X mean", "define X"). Whatever it does not know is a difference. It
// never sees similarity: an accepted pair is safe at any, which is the point. docs/semantic-cache.md tells
// the rules. Pure, no clock, no state. Room: policy. May include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::policy {

/// What tells two questions apart, most telling first: if several things differ, the first one is named.
enum class GuardRefusal : std::uint8_t {
    none,
    not_comparable,  // unreadable, too long, programs without backticks, nothing but empty words
    language,        // one is English, the other is not known to be
    other_language,  // neither is English, and they differ in more than blanks and typographic forms
    quoted_text,
    code,
    address,  // URL, e-mail address, path, option of a command
    number,
    unit,
    sign,  // an operator, a bracket, a currency
    negation,
    question_word,
    person,
    time,
    mood,  // should, can, must
    opposite,
    quantity,  // more, only, best, first
    particle,  // from, without, up
    name,
    content_word,
    helper_word,  // is and was, and and or
    word_order,
};
inline constexpr std::size_t guard_refusal_count = 22;

/// A stable label for logs and metrics: `question_word`.
std::string_view name_of(GuardRefusal refusal) noexcept;

/// How two accepted questions were found to be the same.
enum class GuardMatch : std::uint8_t {
    same_words,  // by what the signature folds
    reworded,    // by synonyms or frames as well
};
inline constexpr std::size_t guard_match_count = 2;
std::string_view name_of(GuardMatch match) noexcept;

/// A question prepared for comparison; kept with each entry. It takes its folded words, about the text's
/// length, in one allocation besides its own size; a question of 12 words about 100 bytes in all.
class GuardFeatures {
public:
    GuardFeatures() = default;
    /// Of the last text of the user. Some microseconds.
    explicit GuardFeatures(std::string_view text);

    /// Whether the text can be compared with others at all; what cannot need not be kept for tier 3.
    bool is_comparable() const noexcept { return form_ != Form::none; }
    std::size_t memory() const noexcept { return sizeof(*this) + words_.capacity(); }

private:
    friend struct GuardCheck;
    enum class Form : std::uint8_t { none, plain, english };

    /// English: each word behind a byte that tells its kind.
    std::string words_{};
    Form form_{Form::none};
    bool reworded_{false};
};

struct GuardVerdict {
    GuardRefusal refusal{GuardRefusal::none};
    GuardMatch match{GuardMatch::same_words};  // of an accepted pair

    explicit operator bool() const noexcept { return refusal == GuardRefusal::none; }
};

/// Whether the answer kept for `kept` answers `asked`. Symmetric.
GuardVerdict guard_check(const GuardFeatures& asked, const GuardFeatures& kept);

}  // namespace gatehouse::policy
