#include "question_form.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

/// Typographic forms as their plain ones; empty for what has no other form.
std::string_view plain_glyph(char32_t value) noexcept {
    switch (value) {
        case 0x2018:
        case 0x2019:
        case 0x02bc:
            return "'";
        case 0x201c:
        case 0x201d:
        case 0x201e:
            return "\"";
        case 0x2010:
        case 0x2011:
        case 0x2012:
        case 0x2013:
        case 0x2212:
            return "-";
        case 0x2026:
            return "...";
        default:
            return {};
    }
}

bool is_plain_blank(char32_t value) noexcept {
    return value == ' ' || value == '\n' || value == '\t' || value == '\r' || value == 0xa0 ||
           (value >= 0x2000 && value <= 0x200a) || value == 0x202f || value == 0x205f || value == 0x3000;
}

void append_small(std::string& out, std::string_view bytes, char32_t value) {
    // The first letter of a text is large only because it is the first.
    const bool ascii = value >= 'A' && value <= 'Z';
    const bool latin_1 = value >= 0xc0 && value <= 0xde && value != 0xd7;
    const bool cyrillic = value >= 0x410 && value <= 0x41f;
    const bool cyrillic_second = value >= 0x420 && value <= 0x42f;
    out += bytes;
    if (ascii || latin_1 || cyrillic) {
        out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) + 0x20);
    } else if (cyrillic_second) {
        out[out.size() - 2] = '\xd1';
        out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) - 0x20);
    }
}

/// Without the full stops and blanks at the end.
void trim_end(std::string& text) {
    static constexpr std::string_view ideographic_stop = "\xe3\x80\x82";
    static constexpr std::string_view wide_exclamation = "\xef\xbc\x81";
    while (!text.empty()) {
        if (text.back() == '.' || text.back() == '!' || text.back() == ' ') {
            text.pop_back();
        } else if (text.ends_with(ideographic_stop) || text.ends_with(wide_exclamation)) {
            text.resize(text.size() - 3);
        } else {
            return;
        }
    }
}

/// Words that open a question more than anything else. Those that open as many statements (`quand`, `come`)
/// are left out. Of these some do at times: behind such a clause there is mostly a comma (`wer wagt,
/// gewinnt`), and what has one is not folded. Without one (`qui vivra verra`) a statement is taken for its
/// question.
constexpr std::string_view opening_words =
    " wie was wer wen wem wessen wo woher wohin wann warum wieso weshalb welche welcher welches "
    "welchen welchem womit wofür wozu quel quelle quels quelles qui comment combien pourquoi "
    "qu'est-ce qué cuál cuáles cuándo cuánto cuánta "
    "cuántos cuántas dónde cómo quién quiénes quanti "
    "quale quali perché qual quais quantos quem onde wat hoe waar waarom wanneer welke "
    "hoeveel ";

bool has_inner_stop(std::string_view text) noexcept {
    return text.find(". ") != std::string_view::npos || text.find("? ") != std::string_view::npos ||
           text.find("! ") != std::string_view::npos;
}

/// One sentence without a comma that opens with a question word is a question without its marks; any other
/// has one mark, at its end. Several sentences are left as they are.
void fold_question_marks(std::string& text) {
    static constexpr std::string_view opening_mark = "\xc2\xbf";
    const bool opened = text.starts_with(opening_mark);
    auto end = text.find_last_not_of("? ");
    end = end == std::string::npos ? 0 : end + 1;
    const bool closed = text.find('?', end) != std::string::npos;
    const std::string_view sentence = std::string_view(text).substr(opened ? opening_mark.size() : 0,
                                                                    end - (opened ? opening_mark.size() : 0));
    if ((!opened && !closed) || end <= opening_mark.size() || has_inner_stop(sentence)) {
        return;
    }
    std::string made;
    made.reserve(text.size());
    const auto first = code_point_at(sentence, 0);
    append_small(made, sentence.substr(0, first.bytes), first.value);
    made += sentence.substr(first.bytes);
    const auto word = " " + made.substr(0, made.find(' ')) + " ";
    if (opening_words.find(word) == std::string_view::npos || made.find(',') != std::string::npos) {
        made += '?';
    }
    text = std::move(made);
}

}  // namespace

std::string plain_form(std::string_view text) {
    const bool exact = text.find_first_of("\"`") != std::string_view::npos ||
                       text.find("\xe2\x80\x9c") != std::string_view::npos ||
                       text.find("\xc2\xab") != std::string_view::npos ||
                       text.find("\xe3\x80\x8c") != std::string_view::npos;
    std::string made;
    made.reserve(text.size());
    bool blank = true;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = code_point_at(text, at);
        if (point.bytes == 0) {
            break;
        }
        const auto bytes = text.substr(at, point.bytes);
        at += point.bytes;
        if (is_plain_blank(point.value)) {
            // Blanks inside of quotes and code are part of what is quoted.
            if (exact && !made.empty()) {
                made += bytes;
            } else if (!blank) {
                made += ' ';
            }
            blank = true;
            continue;
        }
        const auto plain = plain_glyph(point.value);
        if (made.empty()) {
            append_small(made, plain.empty() ? bytes : plain, plain.empty() ? point.value : 0);
        } else if (point.value >= 0xff01 && point.value <= 0xff5e) {
            made += static_cast<char>(point.value - 0xff01 + 0x21);
        } else if (!exact && !plain.empty()) {
            made += plain;
        } else {
            made += bytes;
        }
        blank = false;
    }
    trim_end(made);
    if (!exact) {
        fold_question_marks(made);
    }
    return made;
}

}  // namespace gatehouse::policy
