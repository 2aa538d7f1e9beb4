// What the items of a response say in words, told in events: each part once, whether it came in pieces,
// whole, or both, and what belongs to different items apart.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "reply_words.hpp"

#include "gatehouse/chat/event.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

enum class SaidAs : std::uint8_t { text, refusal, summary, thought };

/// What is known of an output item.
struct HeardItem {
    std::optional<std::int64_t> index;  // the provider's
    std::string id;                     // the provider's
    std::int64_t number{0};             // running, from 0
    bool comment{false};                // said on the way to the answer
    bool marked{false};                 // its annotations come by themselves
    bool done{false};
    std::set<std::pair<SaidAs, std::int64_t>> told;  // parts of which something was told
    std::size_t begin{0};                            // characters of the answer before its newest part
};

/// Events go into `events`, text that must be kept into `texts`; both must outlive it.
class ResponsesSaid {
public:
    /// `answer_alone`: comments are no part of the answer's text.
    ResponsesSaid(bool answer_alone, std::vector<chat::Event>& events, Texts& texts)
        : answer_alone_(answer_alone), events_(&events), texts_(&texts) {}

    /// A piece of a part's text.
    void say(HeardItem& item, SaidAs as, std::int64_t part, std::string_view text);
    /// All of it, if no piece of it was told.
    void say_whole(HeardItem& item, SaidAs as, std::int64_t part, std::string_view text);
    /// An annotation of a part that was said. Those that lead nowhere outside OpenAI's servers are left out.
    void cite(const HeardItem& item, std::int64_t part, std::string_view annotation);

private:
    chat::Event& emit(chat::EventKind kind, std::string_view text) const;

    bool answer_alone_;
    std::vector<chat::Event>* events_;
    Texts* texts_;
    const HeardItem* speaks_{nullptr};  // whose text came last
    std::size_t characters_{0};         // of the answer so far
    bool thought_{false};               // some were told
};

}  // namespace gatehouse::dialect
