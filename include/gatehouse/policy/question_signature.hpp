// The normal form of a question: two texts with the same one ask the same thing in trivially different words.
//
// Folded in English: case, punctuation, typographic forms, contractions, politeness, articles, generic
// subjects (how do I, how do you, how to), regular plurals, spelling variants, number words. Kept: everything
// else, in its order; quoted text, code, addresses byte by byte. Texts in other languages keep all but
// blanks, typographic forms, the first letter's case, the stop at the end, and the marks of a sentence that
// opens with a question word and has no comma. docs/semantic-cache.md tells the rules. Pure, no clock, no
// state; some microseconds. Room: policy. May include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::policy {

/// Longer texts have no signature and no guard: the exact tier serves them.
inline constexpr std::size_t question_text_limit = 2048;

/// Why a text has no signature.
enum class SignatureRefusal : std::uint8_t {
    none,
    unreadable,     // no UTF-8, or control characters
    too_long,       // above question_text_limit
    unmarked_code,  // a program that is not between backticks
    layout,         // lines with blanks in front
    too_few_words,  // fewer than two words with content
};

/// Raised with every change of what is folded. It belongs into whatever is kept under a signature: by rules
/// of another release the same signature may have been another question's.
inline constexpr std::string_view signature_rules = "3 ";

/// For logs and metrics: `too_few_words`.
std::string_view name_of(SignatureRefusal refusal) noexcept;

struct QuestionSignature {
    /// Valid UTF-8, at most a little longer than the question; empty if refused. The caller hashes it
    /// together with everything else of the request that changes the answer.
    std::string text{};
    SignatureRefusal refusal{SignatureRefusal::none};

    explicit operator bool() const noexcept { return refusal == SignatureRefusal::none; }
};

/// Of the last text of the user.
QuestionSignature question_signature(std::string_view text);

}  // namespace gatehouse::policy
