// Trivial rewordings of framed questions: what a semantic cache is for.
#pragma once

#include "question_frames.hpp"

#include <array>

namespace gatehouse::policy {

class Rewordings {
public:
    explicit Rewordings(std::uint32_t seed) : frames_(seed) {}

    /// Every frame in all the rewordings that it allows, `draws` times.
    std::vector<QuestionPair> all(const std::string& frames_file, int draws) {
        for (int draw = 0; draw < draws; ++draw) {
            for (const auto& line : frame_lines(frames_file)) {
                reword(line);
            }
        }
        return std::move(pairs_);
    }

private:
    void reword(const std::string& line) {
        const auto frame = QuestionFrames::resolved(line, 0);
        SlotChoice choice;
        frames_.choose(QuestionFrames::resolved(line, 'p') + frame, choice);
        plain_ = frames_.fill(frame, choice);
        case_and_signs(frame);
        politeness();
        contraction();
        subject();
        for (const auto& [mark, kind] : {std::pair('p', "plural"), std::pair('s', "synonym")}) {
            const auto other = QuestionFrames::resolved(line, static_cast<char>(mark));
            if (other != frame) {
                add(kind, frames_.fill(other, choice));
            }
        }
        number_form(frame, choice);
    }

    void add(std::string_view kind, const std::string& other) {
        if (other != plain_) {
            pairs_.push_back({std::string(kind), plain_, other});
        }
    }

    static std::string without_stop(const std::string& text) {
        return text.substr(0, text.size() - (text.ends_with('?') || text.ends_with('.') ? 1 : 0));
    }

    void case_and_signs(const std::string& frame) {
        std::string small = plain_;
        std::string large = plain_;
        for (std::size_t i = 0; i < plain_.size(); ++i) {
            small[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(plain_[i])));
            large[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(plain_[i])));
        }
        bool literal = false;
        for (const auto* const slot :
             {"{code", "{url", "{mail", "{quote", "{file", "{fn", "{command", "{phrase", "{phrf", "{ident",
              "{flag", "{envvar", "{exc", "{colname", "{srcfile", "{sku"}) {
            literal = literal || frame.find(slot) != std::string::npos;
        }
        if (!literal) {
            add("case", frames_.below(4) == 0 ? large : small);
        }
        const auto bare = without_stop(plain_);
        static constexpr std::array ends = {"", "??", " ?", "?!", "."};
        add("punctuation", bare + ends[frames_.below(ends.size())]);
        add("spacing", "  " + bare + "  \n");
    }

    bool begins_with_any(std::initializer_list<std::string_view> words) const {
        for (const auto word : words) {
            if (plain_.starts_with(std::string(word) + " ")) {
                return true;
            }
        }
        return false;
    }

    void politeness() {
        auto lower = plain_;
        if (!lower.starts_with("I ")) {
            lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
        }
        const auto bare = without_stop(lower);
        if (begins_with_any({"What", "Who", "Where", "When", "Why", "How", "Which"})) {
            static constexpr std::array fronts = {"Can you tell me ",
                                                  "Could you please tell me ",
                                                  "Please tell me ",
                                                  "I would like to know ",
                                                  "I'd like to know ",
                                                  "Hi, ",
                                                  "Hello! ",
                                                  "Do you know ",
                                                  "Hey, "};
            add("politeness", fronts[frames_.below(fronts.size())] + lower);
        } else if (begins_with_any({"Explain", "Write", "Translate", "Summarize", "List", "Give", "Describe",
                                    "Compare", "Suggest", "Recommend", "Round"})) {
            static constexpr std::array fronts = {"Please ", "Could you please ", "Can you please ",
                                                  "Could you ", "Would you please "};
            add("politeness",
                fronts[frames_.below(fronts.size())] + bare + (frames_.below(2) == 0 ? "?" : "."));
        }
        static constexpr std::array ends = {" Thanks!", " Thank you.", " Thanks in advance!", " Please.",
                                            " Thank you very much!"};
        add("politeness", plain_ + ends[frames_.below(ends.size())]);
    }

    void contraction() {
        for (const auto* const word : {"What", "Who", "Where", "How", "When"}) {
            const auto full = std::string(word) + " is ";
            if (plain_.starts_with(full)) {
                static constexpr std::array forms = {"'s ", "\xe2\x80\x99s "};
                add("contraction", word + std::string(forms[frames_.below(2)]) + plain_.substr(full.size()));
            }
        }
        for (const auto& [full, contracted] : {std::pair("can not", "can't"), std::pair("do not", "don't"),
                                               std::pair("is not", "isn't"), std::pair("I am", "I'm")}) {
            if (const auto at = plain_.find(full); at != std::string::npos) {
                auto other = plain_;
                add("contraction", other.replace(at, std::string_view(full).size(), contracted));
            }
        }
    }

    void subject() {
        struct Subject {
            std::string_view from;
            std::vector<std::string> to;
        };
        static const std::vector<Subject> subjects = {
            {"How do I ",
             {"How do you ", "How can I ", "How can you ", "How to ", "How does one ", "How do we "}},
            {"How can I ", {"How do I ", "How can you ", "How to ", "How can one "}},
            {"Where can I ", {"Where can you ", "Where can one ", "Where do I "}},
            {"What can I ", {"What can you ", "What can one ", "What can we "}},
            {"Do I need ", {"Do you need ", "Does one need ", "Do we need "}},
            {"How many days do I need ", {"How many days do you need ", "How many days does one need "}},
        };
        for (const auto& [from, to] : subjects) {
            if (!plain_.starts_with(from)) {
                continue;
            }
            const auto& other = to[frames_.below(to.size())];
            auto rest = plain_.substr(from.size());
            const auto mine = rest.find("my ");
            const bool yours = other.find("you") != std::string::npos;
            if (mine == std::string::npos || yours) {
                add("subject", other + (mine == std::string::npos ? rest : rest.replace(mine, 2, "your")));
            }
        }
    }

    static std::string spelled(std::size_t number) {
        static constexpr std::array small = {"zero",    "one",     "two",       "three",    "four",
                                             "five",    "six",     "seven",     "eight",    "nine",
                                             "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                             "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
        static constexpr std::array tens = {"",      "",      "twenty",  "thirty", "forty",
                                            "fifty", "sixty", "seventy", "eighty", "ninety"};
        if (number >= 1000) {
            return spelled(number / 1000) + " thousand" +
                   (number % 1000 == 0 ? "" : " " + spelled(number % 1000));
        }
        if (number >= 100) {
            return spelled(number / 100) + " hundred" +
                   (number % 100 == 0 ? "" : " " + spelled(number % 100));
        }
        if (number < 20) {
            return small[number];
        }
        return std::string(tens[number / 10]) +
               (number % 10 == 0 ? "" : "-" + std::string(small[number % 10]));
    }

    /// Whether the number stands as a word of its own.
    static bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
        const bool before = at == 0 || text[at - 1] == ' ';
        const auto behind = at + size < text.size() ? text[at + size] : ' ';
        return before && (behind == ' ' || behind == '?' || behind == '.');
    }

    void number_form(const std::string& frame, const SlotChoice& choice) {
        for (const auto& slot : QuestionFrames::slots_of(frame)) {
            if (!slot.starts_with("num") && !slot.starts_with("bignum")) {
                continue;
            }
            const auto digits = frames_.fill("{" + slot + "}", choice);
            const auto at = frame.find("{" + slot + "}");
            if (at == std::string::npos || !stands_alone(frame, at, slot.size() + 2)) {
                continue;
            }
            auto other = frame;
            add("number form",
                frames_.fill(other.replace(at, slot.size() + 2, spelled(std::stoul(digits))), choice));
        }
        if (const auto at = plain_.find(" percent"); at != std::string::npos) {
            auto other = plain_;
            add("number form", other.replace(at, 8, "%"));
        }
    }

    QuestionFrames frames_;
    std::string plain_;
    std::vector<QuestionPair> pairs_;
};

}  // namespace gatehouse::policy
