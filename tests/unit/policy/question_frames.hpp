// Questions made of frames and lists of words, and rewordings of them: what must never share an answer, and
// what should.
//
// The frames are in tests/golden/semantic_cache; its README tells how they are written. The same seed gives
// the same questions.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::policy {

struct SlotValue {
    std::string one;
    std::string many;
};
using SlotLists = std::map<std::string, std::vector<SlotValue>, std::less<>>;
/// Which value of its list each slot of a frame has; slots of one list have different values.
using SlotChoice = std::map<std::string, std::size_t, std::less<>>;

inline std::vector<std::string> frame_lines(const std::string& name) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/semantic_cache/" + name);
    if (!file) {
        throw std::runtime_error("no " + name);
    }
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') {
            lines.push_back(line);
        }
    }
    return lines;
}

inline std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + separator.size());
    }
}

inline SlotLists slot_lists() {
    SlotLists lists;
    auto lines = frame_lines("words.txt");
    std::ranges::copy(frame_lines("unseen_words.txt"), std::back_inserter(lines));
    for (const auto& line : lines) {
        const auto colon = line.find(": ");
        auto& list = lists[line.substr(0, colon)];
        for (const auto& value : parts_of(line.substr(colon + 2), ", ")) {
            const auto slash = value.find('/');
            const bool two_forms = slash != std::string::npos && value.find("//") == std::string::npos;
            list.push_back({value.substr(0, two_forms ? slash : value.size()),
                            two_forms ? value.substr(slash + 1) : value});
        }
    }
    return lists;
}

class QuestionFrames {
public:
    explicit QuestionFrames(std::uint32_t seed) : random_(seed), lists_(slot_lists()) {}

    std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }

    /// The slots of a frame as `city.2`, in their order.
    static std::vector<std::string> slots_of(std::string_view frame) {
        std::vector<std::string> slots;
        for (auto at = frame.find('{'); at != std::string_view::npos; at = frame.find('{', at + 1)) {
            const auto end = frame.find('}', at);
            auto name = std::string(frame.substr(at + 1, end - at - 1));
            if (!name.empty() && name.back() == '+') {
                name.pop_back();
            }
            if (!name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0) {
                slots.push_back(std::move(name));
            }
        }
        return slots;
    }

    void choose(std::string_view frame, SlotChoice& choice) {
        for (const auto& slot : slots_of(frame)) {
            if (!choice.contains(slot)) {
                choice[slot] = unused(slot, choice);
            }
        }
    }
    /// Another value for one slot.
    SlotChoice changed(const SlotChoice& choice, const std::string& slot) {
        auto other = choice;
        other[slot] = unused(slot, choice);
        return other;
    }

    std::string fill(std::string_view frame, const SlotChoice& choice) const {
        std::string made;
        for (std::size_t at = 0; at < frame.size();) {
            const bool slot = frame[at] == '{' && at + 1 < frame.size() &&
                              std::isalpha(static_cast<unsigned char>(frame[at + 1])) != 0;
            if (!slot) {
                made += frame[at++];
                continue;
            }
            const auto end = frame.find('}', at);
            auto name = frame.substr(at + 1, end - at - 1);
            const bool many = name.ends_with('+');
            name = name.substr(0, name.size() - (many ? 1 : 0));
            const auto& value = list_of(name).at(choice.find(name)->second);
            made += many ? value.many : value.one;
            at = end + 1;
        }
        return made;
    }

    /// Resolves `[s:buy|purchase]`: the first of the two, or the second where the mark is `taken`.
    static std::string resolved(std::string_view frame, char taken) {
        std::string made;
        for (std::size_t at = 0; at < frame.size();) {
            const bool alternative = frame[at] == '[' && at + 2 < frame.size() && frame[at + 2] == ':';
            if (!alternative) {
                made += frame[at++];
                continue;
            }
            const auto bar = frame.find('|', at);
            const auto end = frame.find(']', at);
            made += frame[at + 1] == taken ? frame.substr(bar + 1, end - bar - 1)
                                           : frame.substr(at + 3, bar - at - 3);
            at = end + 1;
        }
        return made;
    }

private:
    const std::vector<SlotValue>& list_of(std::string_view slot) const {
        const auto found = lists_.find(slot.substr(0, slot.find('.')));
        if (found == lists_.end()) {
            throw std::runtime_error("no list for " + std::string(slot));
        }
        return found->second;
    }
    std::size_t unused(const std::string& slot, const SlotChoice& choice) {
        const auto& list = list_of(slot);
        const auto name = slot.substr(0, slot.find('.'));
        std::set<std::size_t> used;
        for (const auto& [other, value] : choice) {
            if (other.substr(0, other.find('.')) == name) {
                used.insert(value);
            }
        }
        auto value = below(list.size());
        while (used.contains(value) && used.size() < list.size()) {
            value = below(list.size());
        }
        return value;
    }

    std::mt19937 random_;
    SlotLists lists_;
};

struct QuestionPair {
    std::string kind;
    std::string one;
    std::string other;
};

/// Pairs that differ in one thing that matters.
inline std::vector<QuestionPair> near_duplicates(const std::string& frames_file,
                                                 const std::string& pairs_file, std::uint32_t seed,
                                                 int draws) {
    QuestionFrames frames(seed);
    std::set<std::pair<std::string, std::string>> seen;
    std::vector<QuestionPair> pairs;
    const auto add = [&](std::string kind, std::string one, std::string other) {
        if (one != other && seen.emplace(one, other).second) {
            pairs.push_back({std::move(kind), std::move(one), std::move(other)});
        }
    };
    for (int draw = 0; draw < draws; ++draw) {
        for (const auto& line : frame_lines(frames_file)) {
            const auto frame = QuestionFrames::resolved(line, 0);
            SlotChoice choice;
            frames.choose(frame, choice);
            for (const auto& slot : QuestionFrames::slots_of(frame)) {
                add("another " + slot.substr(0, slot.find('.')), frames.fill(frame, choice),
                    frames.fill(frame, frames.changed(choice, slot)));
            }
        }
        for (const auto& line : frame_lines(pairs_file)) {
            const auto parts = parts_of(line, " | ");
            SlotChoice choice;
            frames.choose(parts.at(1), choice);
            frames.choose(parts.at(2), choice);
            add(parts.at(0), frames.fill(parts.at(1), choice), frames.fill(parts.at(2), choice));
        }
    }
    return pairs;
}

}  // namespace gatehouse::policy
