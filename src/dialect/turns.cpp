#include "turns.hpp"

#include "blanks.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse::dialect {
namespace {

using chat::Part;
using chat::Role;

/// A part in its turn, while the turns are put together.
struct Entry {
    const Part* part;
    const chat::Message* message;  // that it stands in; null: was made
    bool system() const noexcept {
        return message != nullptr && (message->role == Role::system || message->role == Role::developer);
    }
};

/// The calls of one id in the newest draft that has any.
struct Namesakes {
    std::size_t draft{0};
    std::vector<std::size_t> calls;  // of that draft
    std::size_t answered{0};         // so many of them, the first ones
};

/// A call and, once it was found, what answers it.
struct Open {
    const chat::ToolCall* call;
    const Part* result;
};

struct Draft {
    Speaker speaker;
    std::vector<Entry> entries;
    std::vector<Open> calls;  // of the assistant
    std::size_t index;
};

class Builder {
public:
    Builder(const chat::Conversation& conversation, const TurnRules& rules)
        : conversation_(conversation), rules_(rules) {}

    Result<Turns> build() {
        for (const auto& message : conversation_.messages) {
            add(message);
        }
        if (drafts_.empty() && !system_.empty()) {
            last_system_as_user();
        }
        if (drafts_.empty()) {
            return Problem(ProblemKind::invalid_value, "`messages` holds nothing that could be answered.")
                .with_param("messages");
        }
        for (const auto& entry : system_) {
            out_.system.push_back(entry.part);
        }
        for (const auto& draft : drafts_) {
            finish(draft);
        }
        return std::move(out_);
    }

private:
    void add(const chat::Message& message) {
        for (const auto& part : message.parts) {
            if (std::holds_alternative<chat::ToolResult>(part.what)) {
                add_result(part, message.index);
            } else if (!is_empty(part)) {
                add_part(Entry{&part, &message});
            }
        }
    }

    void add_part(const Entry& entry) {
        if (entry.system() && drafts_.empty()) {
            system_.push_back(entry);
            return;
        }
        const bool assistant = entry.message->role == Role::assistant;
        auto& draft = open(assistant ? Speaker::assistant : Speaker::user, entry.message->index);
        draft.entries.push_back(entry);
        if (const auto* call = std::get_if<chat::ToolCall>(&entry.part->what); call && assistant) {
            draft.calls.push_back(Open{call, nullptr});
            auto& namesakes = last_calls_of_[call->id];
            if (namesakes.calls.empty() || namesakes.draft != drafts_.size() - 1) {
                namesakes = Namesakes{drafts_.size() - 1, {}, 0};
            }
            namesakes.calls.push_back(draft.calls.size() - 1);
        }
    }

    /// The turn that is being added to, or a new one.
    Draft& open(Speaker speaker, std::size_t index) {
        if (drafts_.empty() || drafts_.back().speaker != speaker) {
            drafts_.push_back(Draft{speaker, {}, {}, index});
        }
        drafts_.back().index = index;
        return drafts_.back();
    }

    /// A result belongs to the newest turn with a call of its id, even when somebody spoke in between; there
    /// to the first such call without one, else to the last.
    void add_result(const Part& part, std::size_t index) {
        const auto& result = std::get<chat::ToolResult>(part.what);
        const auto found = last_calls_of_.find(result.call_id);
        if (found == last_calls_of_.end()) {
            add_orphan(result, index);
            return;
        }
        auto& [draft, calls, answered] = found->second;
        const auto call = answered < calls.size() ? calls[answered++] : calls.back();
        drafts_[draft].calls[call].result = &part;
        if (draft + 1 == drafts_.size()) {
            open(Speaker::user, index);
        }
    }

    void add_orphan(const chat::ToolResult& result, std::size_t index) {
        std::string text = "[tool result for " + result.call_id + "] ";
        std::vector<const Part*> media;
        for (const auto& piece : result.parts) {
            if (const auto* words = std::get_if<chat::Text>(&piece)) {
                text += words->text;
            } else {
                media.push_back(make(Part{std::get<chat::Media>(piece), {}}));
            }
        }
        auto& draft = open(Speaker::user, index);
        draft.entries.push_back(Entry{make(Part{chat::Text{std::move(text)}, {}}), nullptr});
        for (const auto* part : media) {
            draft.entries.push_back(Entry{part, nullptr});
        }
    }

    /// Nobody but the system spoke: its last message is what is to be answered.
    void last_system_as_user() {
        const auto* last = system_.back().message;
        const auto begin = std::find_if(system_.begin(), system_.end(),
                                        [&](const Entry& entry) { return entry.message == last; });
        auto& draft = open(Speaker::user, last->index);
        for (auto entry = begin; entry != system_.end(); ++entry) {
            draft.entries.push_back(Entry{entry->part, nullptr});
        }
        system_.erase(begin, system_.end());
    }

    bool is_empty(const Part& part) const {
        const auto nothing = [&](const std::string& text) {
            return rules_.blank_text ? text.empty() : is_blank(text);
        };
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            return nothing(text->text);
        }
        if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
            return nothing(refusal->text);
        }
        const auto* thought = std::get_if<chat::Reasoning>(&part.what);
        return thought != nullptr && !rules_.reasoning &&
               !(rules_.text_signatures && is_text_signature(*thought));
    }

    void finish(const Draft& draft) {
        Turn turn{draft.speaker, {}, {}, draft.index};
        turn.results = std::exchange(owed_, {});
        if (rules_.system_anywhere && draft.speaker == Speaker::user) {
            finish_in_runs(draft, std::move(turn));
            return;
        }
        const auto kept = draft.speaker == Speaker::user ? system_at_end(draft, turn) : std::size_t{0};
        for (std::size_t i = 0; i + kept < draft.entries.size(); ++i) {
            turn.parts.push_back(as_said_by_user(draft.entries[i]));
        }
        out_.turns.push_back(std::move(turn));
        if (kept > 0) {
            Turn system{Speaker::system, {}, {}, draft.index};
            for (std::size_t i = draft.entries.size() - kept; i < draft.entries.size(); ++i) {
                system.parts.push_back(draft.entries[i].part);
            }
            out_.turns.push_back(std::move(system));
        }
        for (const auto& open : draft.calls) {
            owed_.push_back(answer_of(open));
        }
        if (!owed_.empty() && &draft == &drafts_.back()) {
            out_.turns.push_back(Turn{Speaker::user, std::exchange(owed_, {}), {}, draft.index});
        }
    }

    /// A user turn and its system texts, in the order they were said in.
    void finish_in_runs(const Draft& draft, Turn turn) {
        for (const auto& entry : draft.entries) {
            const bool system = entry.system() && std::holds_alternative<chat::Text>(entry.part->what);
            const auto speaker = system ? Speaker::system : Speaker::user;
            if (turn.speaker != speaker) {
                if (!turn.results.empty() || !turn.parts.empty()) {
                    out_.turns.push_back(std::move(turn));
                }
                turn = Turn{speaker, {}, {}, draft.index};
            }
            turn.parts.push_back(entry.part);
        }
        out_.turns.push_back(std::move(turn));
    }

    /// How many system texts at the end of a user turn may stay a turn of their own.
    std::size_t system_at_end(const Draft& draft, const Turn& turn) const {
        if (!rules_.later_system) {
            return 0;
        }
        const auto other = std::find_if(draft.entries.rbegin(), draft.entries.rend(), [](const Entry& entry) {
            return !entry.system() || !std::holds_alternative<chat::Text>(entry.part->what);
        });
        const bool behind_user = other != draft.entries.rend() || !turn.results.empty();
        return behind_user ? static_cast<std::size_t>(other - draft.entries.rbegin()) : 0;
    }

    const Part* as_said_by_user(const Entry& entry) {
        const auto* text = std::get_if<chat::Text>(&entry.part->what);
        if (!entry.system() || text == nullptr) {
            return entry.part;
        }
        return make(Part{chat::Text{"<system>" + text->text + "</system>"}, entry.part->cache});
    }

    Answered answer_of(const Open& open) {
        if (open.result != nullptr) {
            return Answered{open.call, open.result, false};
        }
        chat::ToolResult missing;
        missing.call_id = open.call->id;
        missing.name = open.call->name;
        missing.parts.emplace_back(chat::Text{"No result provided"});
        missing.is_error = true;
        return Answered{open.call, make(Part{std::move(missing), {}}), true};
    }

    const Part* make(Part part) { return &out_.made.emplace_back(std::move(part)); }

    const chat::Conversation& conversation_;
    TurnRules rules_;
    std::vector<Entry> system_;
    std::vector<Draft> drafts_;
    std::map<std::string_view, Namesakes> last_calls_of_;  // by id
    std::vector<Answered> owed_;                           // to the calls of the turn before
    Turns out_;
};

}  // namespace

bool is_text_signature(const chat::Reasoning& thought) noexcept {
    return thought.origin == chat::Vendor::gemini && !thought.signature.empty() && thought.text.empty() &&
           thought.redacted.empty();
}

Result<Turns> in_turns(const chat::Conversation& conversation, const TurnRules& rules) {
    return Builder(conversation, rules).build();
}

}  // namespace gatehouse::dialect
