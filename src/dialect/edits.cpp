#include "edits.hpp"

#include <functional>

namespace gatehouse::dialect {
namespace {

bool lies_within(std::string_view part, std::string_view whole) noexcept {
    const std::less_equal<> not_after;
    return not_after(whole.data(), part.data()) &&
           not_after(part.data() + part.size(), whole.data() + whole.size());
}

/// An event written anew, one `data:` line for each line of `data`.
void append_event(std::string_view name, std::string_view data, std::string& out) {
    if (!name.empty()) {
        out.append("event: ").append(name).append("\n");
    }
    for (;;) {
        const std::size_t end = data.find('\n');
        out.append("data: ").append(data.substr(0, end)).append("\n");
        if (end == std::string_view::npos) {
            break;
        }
        data.remove_prefix(end + 1);
    }
    out.append("\n");
}

}  // namespace

void Edits::replace(wire::ByteRange range, std::string_view with) noexcept {
    std::size_t at = count_;
    while (at > 0 && edits_[at - 1].begin > range.begin) {
        edits_[at] = edits_[at - 1];
        --at;
    }
    edits_[at] = {range.begin, range.end, with};
    ++count_;
}

void Edits::apply(std::string_view text, std::string& out) const {
    std::size_t from = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        out.append(text.substr(from, edits_[i].begin - from)).append(edits_[i].with);
        from = edits_[i].end;
    }
    out.append(text.substr(from));
}

std::string& EditedEvents::next() {
    if (used_ == texts_.size()) {
        texts_.emplace_back();
    }
    std::string& text = texts_[used_++];
    text.clear();
    return text;
}

std::string_view EditedEvents::add_element(std::string_view before, std::string_view json,
                                           const Edits& edits) {
    std::string& text = next();
    text = before;
    edits.apply(json, text);
    return text;
}

std::string_view EditedEvents::add(const wire::SseEvent& event, std::string_view json, const Edits& edits) {
    std::string& text = next();
    if (lies_within(json, event.raw)) {
        const auto before = static_cast<std::size_t>(json.data() - event.raw.data());
        text.append(event.raw.substr(0, before));
        edits.apply(json, text);
        text.append(event.raw.substr(before + json.size()));
        return text;
    }
    // The data was joined from several lines: no single place in the raw bytes holds it.
    std::string data;
    edits.apply(json, data);
    append_event(event.name, data, text);
    return text;
}

}  // namespace gatehouse::dialect
