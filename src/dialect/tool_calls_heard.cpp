#include "tool_calls_heard.hpp"

#include <algorithm>

namespace gatehouse::dialect {

using chat::Event;
using chat::EventKind;

namespace {

// No model makes more in one turn; above it, somebody fills our memory.
constexpr std::size_t most_calls = 1024;

}  // namespace

void ObjectEnd::add(std::string_view fragment) noexcept {
    for (const char c : fragment) {
        if (in_string_) {
            in_string_ = c != '"' || escaped_;
            escaped_ = c == '\\' && !escaped_;
        } else if (c == '"') {
            in_string_ = true;
        } else if (c == '{' || c == '[') {
            begun_ = true;
            ++depth_;
        } else if ((c == '}' || c == ']') && depth_ > 0) {
            --depth_;
        }
    }
}

/// Servers that number badly give a second call the index of the first: another id, or another name behind a
/// whole object, tells.
HeardCall* ToolCallsHeard::find(std::optional<std::int64_t> index, std::string_view id,
                                std::string_view name) {
    const auto same = [&](const HeardCall& call) { return call.index == index; };
    if (!index) {
        const bool next = calls_.empty() || (!name.empty() && (id.empty() || calls_.back().id != id));
        return next ? add(index) : &calls_.back();
    }
    const auto found = std::find_if(calls_.rbegin(), calls_.rend(), same);
    if (found == calls_.rend()) {
        return add(index);
    }
    const bool other_id = !id.empty() && !found->id.empty() && found->id != id;
    const bool behind_whole = id.empty() && found->end.reached();
    if (!name.empty() && found->begun && (other_id || behind_whole)) {
        return add(index);
    }
    return &*found;
}

HeardCall* ToolCallsHeard::add(std::optional<std::int64_t> index) {
    if (calls_.size() == most_calls) {
        return nullptr;
    }
    auto& call = calls_.emplace_back();
    call.index = index;
    return &call;
}

void ToolCallsHeard::begin(HeardCall& call, std::string_view name, bool custom, std::string_view made_up_id,
                           std::vector<Event>& events, Texts& texts) {
    if (call.begun) {
        return;
    }
    call.begun = true;
    call.answer = !map_->json_tool.empty() && name == map_->json_tool;
    if (!call.answer) {
        const auto renamed = std::find_if(map_->names.begin(), map_->names.end(),
                                          [&](const auto& pair) { return pair.first == name; });
        const auto shown = renamed == map_->names.end() ? name : std::string_view(renamed->second);
        call.wrapped = std::find(map_->custom_tools.begin(), map_->custom_tools.end(), shown) !=
                       map_->custom_tools.end();
        call.custom = custom || call.wrapped;
        call.tool = told_++;
        if (call.id.empty()) {
            call.id = made_up_id;
        }
        auto& event = emit(events, EventKind::tool_start, call, {});
        event.id = texts.keep(call.id);
        event.name = shown;
        event.custom = call.custom;
    }
    auto held = std::move(call.held);
    call.held.clear();
    if (!held.empty()) {
        arguments(call, texts.keep(std::move(held)), events, texts);
    }
}

void ToolCallsHeard::arguments(HeardCall& call, std::string_view fragment, std::vector<Event>& events,
                               Texts& texts) {
    if (fragment.empty() || call.ended) {
        return;
    }
    if (!call.begun) {
        call.held += fragment;
        return;
    }
    call.any = true;
    call.end.add(fragment);
    if (call.answer && map_->json_waits) {
        answer_ += fragment;
    } else if (call.answer) {
        emit(events, EventKind::text, call, texts.keep(std::string(fragment)));
    } else if (call.wrapped) {
        call.held += fragment;
    } else {
        emit(events, EventKind::tool_arguments, call, fragment);
    }
}

void ToolCallsHeard::end(HeardCall& call, std::vector<Event>& events, Texts& texts) {
    if (call.ended || !call.begun) {
        return;
    }
    if (!call.any && !call.custom) {
        arguments(call, "{}", events, texts);
    }
    call.ended = true;
    if (call.answer) {
        return;
    }
    if (call.wrapped) {
        const auto text = texts.keep(free_text_of(std::move(call.held)));
        if (!text.empty()) {
            emit(events, EventKind::tool_arguments, call, text);
        }
    }
    emit(events, EventKind::tool_end, call, {});
}

void ToolCallsHeard::end_whole(const HeardCall* but, std::vector<Event>& events, Texts& texts) {
    for (auto& call : calls_) {
        if (&call != but && call.end.reached()) {
            end(call, events, texts);
        }
    }
}

bool ToolCallsHeard::end_all(std::vector<Event>& events, Texts& texts) {
    bool named = true;
    for (auto& call : calls_) {
        named = named && call.begun;
        end(call, events, texts);
    }
    if (!any() && !answer_.empty()) {
        auto& event = events.emplace_back();
        event.kind = EventKind::text;
        event.choice = choice_;
        event.text = answer_;
    }
    return named;
}

Event& ToolCallsHeard::emit(std::vector<Event>& events, EventKind kind, const HeardCall& call,
                            std::string_view text) const {
    auto& event = events.emplace_back();
    event.kind = kind;
    event.choice = choice_;
    event.tool = kind == EventKind::text ? 0 : call.tool;
    event.text = text;
    return event;
}

}  // namespace gatehouse::dialect
