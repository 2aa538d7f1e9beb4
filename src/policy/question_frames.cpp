// What stands around a question: politeness, and the ways to ask on nobody's behalf.
#include "question_form.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace gatehouse::policy {
namespace {

using Phrase = std::string_view;  // words with single blanks

/// How many words of `words` from `at` on say `phrase`; 0 if they do not.
std::size_t length_if_said(const FormWords& words, std::size_t at, Phrase phrase) {
    std::size_t count = 0;
    while (!phrase.empty()) {
        const auto end = std::min(phrase.find(' '), phrase.size());
        if (at + count >= words.size() || !words[at + count].is(phrase.substr(0, end))) {
            return 0;
        }
        ++count;
        phrase.remove_prefix(std::min(end + 1, phrase.size()));
    }
    return count;
}

template <typename Phrases>
std::size_t longest_said(const FormWords& words, std::size_t at, const Phrases& phrases) {
    std::size_t longest = 0;
    for (const Phrase phrase : phrases) {
        longest = std::max(longest, length_if_said(words, at, phrase));
    }
    return longest;
}

WordKinds kinds_at(const FormWords& words, std::size_t at) noexcept {
    return at < words.size() ? words[at].kinds : 0;
}

bool is_at(const FormWords& words, std::size_t at, std::initializer_list<std::string_view> any) {
    return at < words.size() &&
           std::any_of(any.begin(), any.end(), [&](std::string_view word) { return words[at].is(word); });
}

void drop(FormWords& words, std::size_t at, std::size_t count) {
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
    words.erase(first, first + static_cast<std::ptrdiff_t>(count));
}

constexpr auto greetings = std::to_array<Phrase>(
    {"hi", "hello", "hey", "hi there", "hello there", "hey there", "good morning", "good afternoon",
     "good evening", "greetings", "excuse me", "sorry", "ok", "okay", "well", "so"});

/// Dropped in front of a question.
constexpr auto asking = std::to_array<Phrase>({
    "tell me",
    "please tell me",
    "let me know",
    "i want to know",
    "i would like to know",
    "i need to know",
    "i would love to know",
    "i wonder",
    "i was wondering",
    "i am wondering",
    "just wondering",
    "wondering",
    "i am curious",
    "do you know",
    "do you happen to know",
    "does anyone know",
    "does anybody know",
    "can anyone tell me",
    "can anybody tell me",
    "can someone tell me",
    "can somebody tell me",
    "could someone tell me",
    "could anyone tell me",
    "any idea",
    "question",
    "quick question",
    "i have a question",
    "i have a quick question",
    "i want to ask",
    "i would like to ask",
    "may i ask",
    "can i ask",
    "could i ask",
    "i am trying to find out",
    "i want to find out",
    "i would like to find out",
    "remind me",
});

/// Dropped in front of what is to be done.
constexpr auto demanding = std::to_array<Phrase>({
    "i want you to",
    "i would like you to",
    "i need you to",
    "would you mind",
    "help me to",
    "help me",
    "i need help to",
    "your task is to",
    "go ahead and",
});

constexpr auto farewells = std::to_array<Phrase>({
    "thanks",
    "thank you",
    "thanks a lot",
    "thank you very much",
    "thank you so much",
    "many thanks",
    "thanks in advance",
    "thank you in advance",
    "please",
    "cheers",
    "please and thank you",
    "if you please",
    "kindly",
    "please thanks",
    "please thank you",
});

/// `could you please explain`: how much in front of `explain` goes.
std::size_t request_to_you(const FormWords& words) {
    if (!is_at(words, 0, {"can", "could", "would", "will"}) || !is_at(words, 1, {"you", "u"})) {
        return 0;
    }
    const bool please = is_at(words, 2, {"please", "kindly", "possibly"});
    const std::size_t verb = please ? 3 : 2;
    const auto kinds = kinds_at(words, verb);
    // `can you write` may be asked about anybody; `can you explain` asks for it.
    const bool for_sure = is_at(words, verb,
                                {"tell", "explain", "show", "give", "help", "list", "describe", "summarize",
                                 "define", "suggest", "recommend", "outline", "clarify"});
    const bool asked = words[0].is("can") ? for_sure : (kinds & WordKind::request) != 0;
    return verb < words.size() && (please || asked) ? verb : 0;
}

std::size_t polite_front(const FormWords& words) {
    if (is_at(words, 0, {"please", "kindly"}) && words.size() > 1 && words[1].kind == PieceKind::word) {
        return 1;
    }
    if (const auto request = request_to_you(words); request > 0) {
        return request;
    }
    const auto behind = [&](std::size_t count) { return kinds_at(words, count); };
    if (const auto count = longest_said(words, 0, asking);
        count > 0 && (behind(count) & WordKind::question) != 0) {
        return count;
    }
    if (const auto count = longest_said(words, 0, demanding);
        count > 0 && (behind(count) & WordKind::request) != 0) {
        return count;
    }
    const auto count = longest_said(words, 0, greetings);
    constexpr auto opens = WordKind::question | WordKind::request | WordKind::mood;
    const bool goes_on =
        (behind(count) & opens) != 0 || is_at(words, count, {"please", "i", "is", "are", "do", "does"});
    return count > 0 && count < words.size() && goes_on ? count : 0;
}

std::size_t polite_end(const FormWords& words) {
    std::size_t longest = 0;
    for (const Phrase phrase : farewells) {
        const auto count = static_cast<std::size_t>(std::count(phrase.begin(), phrase.end(), ' ')) + 1;
        if (count < words.size() && length_if_said(words, words.size() - count, phrase) == count) {
            longest = std::max(longest, count);
        }
    }
    if (longest == 0) {
        return 0;
    }
    if (words[words.size() - longest].after_stop) {
        return longest;
    }
    // `the German word for please` asks about it.
    const auto before = words.size() - longest - 1;
    constexpr auto holds = WordKind::about_words | WordKind::particle | WordKind::link | WordKind::question |
                           WordKind::article | WordKind::negation;
    const bool about_words = std::any_of(words.begin(), words.end() - static_cast<std::ptrdiff_t>(longest),
                                         [](const auto& word) { return word.has(WordKind::about_words); });
    return about_words || (kinds_at(words, before) & holds) != 0 ? 0 : longest;
}

bool is_anybody(const FormWords& words, std::size_t at) {
    return is_at(words, at, {"i", "you", "we", "one", "someone", "somebody"});
}

/// Whether the verb at `at` may be said of anybody, if `subject` is the one who does it.
bool verb_of_anybody(const FormWords& words, std::size_t subject, std::size_t at) {
    if (at >= words.size() || words[at].kind != PieceKind::word) {
        return false;
    }
    if (words[at].is("back")) {
        return true;  // up
    }
    const auto kinds = words[at].kinds;
    if ((kinds & (WordKind::of_mind | WordKind::person | WordKind::negation | WordKind::particle)) != 0) {
        return false;
    }
    if (is_at(words, at, {"have", "has"})) {
        return is_at(words, at + 1, {"to"});
    }
    const bool asked_of_you = words[subject].is("you") && (kinds & WordKind::request) != 0;
    const bool how_to = is_at(words, 0, {"how"});
    return !asked_of_you || how_to;
}

/// Whose things a generic subject's are.
std::string_view owner_of(std::string_view subject) noexcept {
    return subject == "i" ? "my" : subject == "you" ? "your" : subject == "we" ? "our" : "one's";
}

/// `why do you need my name`: with two persons in it, neither is just anybody.
bool others_behind(const FormWords& words, std::size_t subject) {
    const auto owner = owner_of(words[subject].text);
    return std::any_of(
        words.begin() + static_cast<std::ptrdiff_t>(subject) + 1, words.end(), [&](const auto& word) {
            return word.has(WordKind::person) && !word.is(owner) && !word.is("it") && !word.is("its");
        });
}

/// After a generic `I`, `my` is nobody's in particular either.
void fold_owner(FormWords& words, std::size_t from, std::string_view subject) {
    const auto owner = owner_of(subject);
    for (auto i = from; i < words.size(); ++i) {
        if (words[i].is(owner)) {
            words[i] = form_word("one's");
        }
    }
}

void make_anybody(FormWords& words, std::size_t at) {
    words[at] = form_word("one");
    words[at].anybody = true;
}

/// `how do I`, `how can you`, `how can one` are `how to`.
void fold_how(FormWords& words) {
    for (std::size_t i = 0; i + 3 < words.size(); ++i) {
        if (!words[i].is("how") || !is_at(words, i + 1, {"do", "can", "could"}) ||
            !is_anybody(words, i + 2) || !verb_of_anybody(words, i + 2, i + 3)) {
            continue;
        }
        const auto subject = words[i + 2].text;
        const bool alone = !others_behind(words, i + 2);
        words[i + 1] = form_word("to");
        drop(words, i + 2, 1);
        if (alone) {
            fold_owner(words, i + 2, subject);
        }
    }
}

/// `what can I`, `how many days do you need`, `do we need`, `can you freeze`.
void fold_subjects(FormWords& words) {
    const bool asked = is_at(words, 0, {"what", "where", "when", "how", "which", "why"});
    std::size_t helper = asked ? 1 : 0;
    constexpr std::size_t furthest_helper = 4;
    while (asked && helper < furthest_helper && !is_at(words, helper, {"do", "can", "should"})) {
        ++helper;
    }
    const auto subject = helper + 1;
    const auto verb = subject + 1;
    if (!is_anybody(words, subject) || verb >= words.size()) {
        return;
    }
    // `what languages can you speak` asks about the one who is asked.
    if (others_behind(words, subject) || (words[subject].is("you") && is_at(words, helper, {"can"}) &&
                                          (kinds_at(words, verb) & WordKind::of_assistant) != 0)) {
        return;
    }
    const bool can_do = is_at(words, helper, {"can"}) && is_at(words, verb, {"do"});
    // `where do you live` asks somebody.
    const bool do_verb = !is_at(words, helper, {"do"}) || is_at(words, 0, {"how"}) ||
                         is_at(words, verb, {"need", "have", "call", "say", "buy"});
    const bool wide = asked && do_verb && is_at(words, helper, {"do", "can", "should"}) &&
                      (can_do || verb_of_anybody(words, subject, verb));
    const bool have_to = is_at(words, verb, {"have"}) && is_at(words, verb + 1, {"to"});
    const bool need = is_at(words, helper, {"do"}) && (have_to || is_at(words, verb, {"need"}));
    const bool may =
        is_at(words, helper, {"can", "should"}) && (kinds_at(words, verb) & WordKind::anybody) != 0;
    if (wide || need || may) {
        const auto who = words[subject].text;
        make_anybody(words, subject);
        fold_owner(words, verb, who);
    }
}

/// `how do birds fly` asks what `how birds fly` asks; but `what birds eat` may ask which of them do.
void drop_do(FormWords& words) {
    const bool what = is_at(words, 0, {"what"}) && !words.empty() && is_at(words, words.size() - 1, {"mean"});
    const bool asked = (what || is_at(words, 0, {"where", "when", "how", "why"})) && is_at(words, 1, {"do"});
    if (asked && words.size() > 3 && !words[2].has(WordKind::person | WordKind::negation) &&
        !words[2].anybody) {
        drop(words, 1, 1);
    }
}

/// `what the capital is` is `what is the capital`.
void move_be(FormWords& words) {
    const bool asked = is_at(words, 0, {"what", "who", "where", "when", "how"});
    const auto last = words.size() - 1;
    if (!asked || words.size() < 4 || !is_at(words, last, {"is", "was"})) {
        return;
    }
    const std::size_t to = words[0].is("how") ? 2 : 1;
    for (std::size_t i = 1; i < last; ++i) {
        if (words[i].has(WordKind::mood) ||
            is_at(words, i, {"is", "was", "do", "did", "has", "had", "that", "who"})) {
            return;
        }
    }
    auto be = words[last];
    words.pop_back();
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(to), std::move(be));
}

}  // namespace

void drop_politeness(FormWords& words) {
    for (auto count = polite_end(words); count > 0; count = polite_end(words)) {
        words.resize(words.size() - count);
    }
    // A text is polite a few times at most.
    for (int round = 0; round < 6; ++round) {
        const auto count = polite_front(words);
        if (count == 0) {
            break;
        }
        drop(words, 0, count);
    }
}

void fold_frames(FormWords& words) {
    for (auto& word : words) {
        // One form of the verbs that only help.
        const auto same = word.is("are") || word.is("am") ? "is"
                          : word.is("were")               ? "was"
                          : word.is("does")               ? "do"
                          : word.is("has")                ? "have"
                                                          : std::string_view();
        if (!same.empty()) {
            word = form_word(same);
        }
    }
    if (words.empty()) {
        return;
    }
    fold_how(words);
    fold_subjects(words);
    drop_do(words);
    move_be(words);
}

}  // namespace gatehouse::policy
