// The normal form of a user's text that signature and guard are made of.
//
// English is folded word by word (question_frames, question_numbers, question_inflection); a text in another
// language or script, or one that shows no language, is left as it is but for blanks, typographic forms, the
// first letter's case, full stops at its end, and the marks of a sentence that opens with a question word and
// has no comma. Room: policy (private).
#pragma once

#include "question_text.hpp"
#include "question_words.hpp"

#include "gatehouse/policy/question_signature.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

struct FormWord {
    PieceKind kind{};
    std::string text{};     // words in small letters
    std::string written{};  // as it stood, for words only
    /// A subject that is nobody in particular, of which the number one is to be told.
    bool anybody{false};
    WordKinds kinds{0};      // of the final text
    bool after_stop{false};  // a sentence ended in front of it
    bool after_dash{false};  // a hyphen joins it to the word before it
    /// Of a program: compared as it is written.
    bool identifier{false};

    bool is(std::string_view word) const noexcept { return kind == PieceKind::word && text == word; }
    bool has(WordKinds wanted) const noexcept { return (kinds & wanted) != 0; }
};
using FormWords = std::vector<FormWord>;

struct QuestionForm {
    SignatureRefusal refusal{SignatureRefusal::none};
    bool english{false};
    /// Of an English text, folded.
    FormWords words{};
    /// Of any other text.
    std::string plain{};
    /// Words, numbers and literals that carry content; of a text in another language as many as it needs.
    std::size_t content_words{0};
    /// The wording itself is what is asked about, so nothing may stand for anything else.
    bool about_words{false};
};

QuestionForm read_question(std::string_view text);
/// The English form as text. Reading it again gives the same form but where capitals had a say.
std::string written_form(const FormWords& words);

/// Words of English text with contractions written out and dotted acronyms in capitals.
FormWords form_words(const std::vector<TextPiece>& pieces);
FormWord form_word(std::string_view text);

void drop_politeness(FormWords& words);
/// Who asks `how do I`, `how do you` or `how to` asks the same; `what the time is` is `what is the time`.
void fold_frames(FormWords& words);
void fold_numbers(FormWords& words);
/// A word without the regular ending of the plural or the third person.
std::string singular(std::string_view word);

/// A text of any language or script with trivial differences folded.
std::string plain_form(std::string_view text);

}  // namespace gatehouse::policy
