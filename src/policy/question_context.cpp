#include "gatehouse/policy/question_context.hpp"

#include "question_form.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace gatehouse::policy {
namespace {

class ContextReader {
public:
    explicit ContextReader(FormWords words) : words_(std::move(words)) {}

    bool points_at_nothing() const {
        return !brings_its_context() &&
               (goes_on() || any_place([this](std::size_t i) { return points_back(i); }));
    }
    bool is_of_the_moment() const {
        return any_opening([this](std::size_t i) { return is_moment(i); });
    }
    bool wants_a_fresh_answer() const {
        return any_opening([this](std::size_t i) {
            return is(i, {"another", "random", "randomly"}) || (is(i, {"surprise"}) && is(i + 1, {"me"})) ||
                   (is(i, {"something", "anything"}) && is(i + 1, {"else", "new"})) ||
                   (is(i, {"flip", "toss"}) && is(i + 2, {"coin"})) ||
                   (is(i, {"roll"}) && (is(i + 2, {"die", "dice"}) || is(i + 1, {"dice"})));
        });
    }

private:
    /// From here on a text is taken to hold what `this` in it points at.
    static constexpr std::size_t long_enough = 25;

    template <typename Test>
    bool any_place(Test test) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (test(i)) {
                return true;
            }
        }
        return false;
    }
    template <typename Test>
    bool any_opening(Test test) const {
        return any_place([&](std::size_t i) { return words_[i].has(WordKind::opens_context) && test(i); });
    }
    bool is(std::size_t at, std::initializer_list<std::string_view> any) const {
        return at < words_.size() &&
               std::any_of(
                   any.begin(), any.end(), [&](std::string_view word) { return words_[at].is(word); });
    }
    bool ends(std::size_t at) const { return at >= words_.size(); }

    bool brings_its_context() const {
        return words_.size() >= long_enough ||
               std::any_of(words_.begin(), words_.end(), [](const auto& word) {
                   return word.kind == PieceKind::quoted || word.kind == PieceKind::code ||
                          word.kind == PieceKind::address;
               });
    }

    /// Nothing but `continue`, `yes please`, `make it shorter`.
    bool goes_on() const {
        constexpr std::size_t most_words = 4;
        const auto idle = WordKind::goes_on | WordKind::points_back | WordKind::link | WordKind::particle |
                          WordKind::person | WordKind::mood;
        return !words_.empty() && words_.size() <= most_words &&
               std::all_of(words_.begin(), words_.end(),
                           [&](const auto& word) {
                               return word.has(idle) || word.is("please") || word.is("make");
                           }) &&
               std::any_of(words_.begin(), words_.end(), [](const auto& word) {
                   return word.has(WordKind::goes_on | WordKind::points_back);
               });
    }

    /// What one has in front of oneself when one says `this`.
    bool is_thing_at_hand(std::size_t at) const {
        return is(at, {"code",     "text",   "article",      "document", "file",  "picture",   "image",
                       "message",  "email",  "error",        "table",    "list",  "paragraph", "passage",
                       "question", "answer", "sentence",     "problem",  "one",   "script",    "snippet",
                       "function", "page",   "conversation", "response", "reply", "output",    "log",
                       "letter",   "essay",  "story",        "poem"});
    }

    bool points_back(std::size_t i) const {
        if (is(i, {"this", "these", "those", "that"})) {
            const bool at_hand = is_thing_at_hand(i + 1);
            const bool alone = ends(i + 1) || is(i + 1, {"to", "into", "in", "for", "as", "with", "please"});
            return at_hand || (alone && !is(i, {"that"})) || (ends(i + 1) && i > 0);
        }
        if (is(i, {"it", "them"}) && i == 1) {
            return (words_[0].kinds & WordKind::request) != 0 ||
                   is(0, {"fix", "explain", "translate", "shorten"});
        }
        if (is(i, {"it"})) {
            return ends(i + 2) && !is(i - 1, {"is", "does"});
        }
        return is_reference(i);
    }
    bool is_reference(std::size_t i) const {
        const bool the = i > 0 && is(i - 1, {"the"});
        const bool said =
            is(i, {"you"}) && is(i + 1, {"said", "told", "mentioned", "wrote", "suggested", "gave"});
        const bool earlier =
            is(i, {"previous", "last", "earlier", "preceding", "your", "my"}) &&
            is(i + 1, {"answer", "question", "message", "reply", "response", "email", "output"}) &&
            !is(i, {"my"});
        return said || earlier ||
               is(i, {"aforementioned", "attached", "enclosed", "attachment", "attachments"}) ||
               (is(i, {"above"}) && (the || ends(i + 1))) || (is(i, {"following", "below"}) && ends(i + 2)) ||
               (the && is(i, {"former", "latter"}));
    }

    bool is_moment(std::size_t i) const {
        if (is(i, {"today", "tonight", "tomorrow", "yesterday", "currently", "current", "latest", "recent",
                   "recently", "nowadays", "now"})) {
            return true;
        }
        return (is(i, {"this", "last", "next", "past", "coming"}) && is_span(i + 1)) ||
               (is(i, {"so"}) && is(i + 1, {"far"}) && ends(i + 2)) ||
               (is(i, {"up"}) && is(i + 1, {"to"}) && is(i + 2, {"date"})) ||
               (is(i, {"time", "day", "date", "year", "month"}) && is(i + 1, {"is"}) && is(i + 2, {"it"})) ||
               (is(i, {"at"}) && is(i + 1, {"the"}) && is(i + 2, {"moment"}));
    }

    bool is_span(std::size_t at) const {
        return is(at, {"week", "month", "year", "morning", "afternoon", "evening", "weekend", "monday",
                       "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "night", "season",
                       "quarter", "decade", "semester"});
    }

    FormWords words_;
};

}  // namespace

std::string_view name_of(NotCacheable reason) noexcept {
    static constexpr std::array<std::string_view, not_cacheable_count> names = {"none", "unseen_context",
                                                                                "moment", "fresh_answer"};
    return names.at(static_cast<std::size_t>(reason));
}

NotCacheable not_cacheable(std::string_view text, EarlierTurns earlier) {
    auto end = std::min(text.size(), question_text_limit);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    const auto cut = cut_text(text.substr(0, end));
    const ContextReader reader(form_words(cut.pieces));
    if (earlier == EarlierTurns::none && reader.points_at_nothing()) {
        return NotCacheable::unseen_context;
    }
    if (reader.wants_a_fresh_answer()) {
        return NotCacheable::fresh_answer;
    }
    return reader.is_of_the_moment() ? NotCacheable::moment : NotCacheable::none;
}

}  // namespace gatehouse::policy
