#include "gatehouse/policy/question_signature.hpp"

#include "question_form.hpp"

namespace gatehouse::policy {

std::string_view name_of(SignatureRefusal refusal) noexcept {
    switch (refusal) {
        case SignatureRefusal::none:
            return "none";
        case SignatureRefusal::unreadable:
            return "unreadable";
        case SignatureRefusal::too_long:
            return "too_long";
        case SignatureRefusal::unmarked_code:
            return "unmarked_code";
        case SignatureRefusal::layout:
            return "layout";
        case SignatureRefusal::too_few_words:
            return "too_few_words";
    }
    return "none";
}

QuestionSignature question_signature(std::string_view text) {
    const auto form = read_question(text);
    if (form.refusal != SignatureRefusal::none) {
        return {.refusal = form.refusal};
    }
    if (form.content_words < 2) {
        return {.refusal = SignatureRefusal::too_few_words};
    }
    return {.text = form.english ? written_form(form.words) : form.plain};
}

}  // namespace gatehouse::policy
