#include "gatehouse/wire/sse.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gatehouse::wire {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The first CR or LF at or behind `at`; the size if there is none. Not two memchr calls: a stream with one
/// kind of line end would have each of them run to the end of the buffer for every line.
std::size_t find_line_end(std::string_view text, std::size_t at) noexcept {
#if defined(__SSE2__)
    const __m128i line_feed = _mm_set1_epi8('\n');
    const __m128i carriage_return = _mm_set1_epi8('\r');
    const auto ends_in = [line_feed, carriage_return](const char* place) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
        return _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage_return));
    };
    for (; at + 64 <= text.size(); at += 64) {
        const char* const block = text.data() + at;
        const __m128i first = _mm_or_si128(ends_in(block), ends_in(block + 16));
        const __m128i second = _mm_or_si128(ends_in(block + 32), ends_in(block + 48));
        if (_mm_movemask_epi8(_mm_or_si128(first, second)) != 0) {
            break;
        }
    }
    for (; at + 16 <= text.size(); at += 16) {
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(ends_in(text.data() + at)));
        if (mask != 0) {
            return at + static_cast<std::size_t>(std::countr_zero(mask));
        }
    }
    if (at < text.size() && text.size() >= 16) {  // the last bytes, together with some before them
        const std::size_t left = text.size() - at;
        const auto mask =
            static_cast<unsigned>(_mm_movemask_epi8(ends_in(text.data() + text.size() - 16))) >> (16 - left);
        return mask != 0 ? at + static_cast<std::size_t>(std::countr_zero(mask)) : text.size();
    }
#endif
    while (at < text.size() && text[at] != '\n' && text[at] != '\r') {
        ++at;
    }
    return at;
}

/// The value of a field line, without the one blank after the colon; `field` ends with the colon's place.
std::string_view value_behind(std::string_view line, std::size_t name_size) noexcept {
    line.remove_prefix(std::min(name_size + 1, line.size()));
    if (line.starts_with(' ')) {
        line.remove_prefix(1);
    }
    return line;
}

template <std::size_t Size>
bool is_field(std::string_view line, const char (&name)[Size]) noexcept {
    constexpr std::size_t letters = Size - 1;
    return line.size() >= letters && std::memcmp(line.data(), name, letters) == 0 &&
           (line.size() == letters || line[letters] == ':');
}

}  // namespace

Status SseSplitter::feed(std::string_view bytes) {
    buffer_.consume(position_);
    line_ -= position_;
    scanned_ -= position_;
    validated_ -= std::min(validated_, position_);
    position_ = 0;
    joined_.clear();
    const std::size_t held = buffer_.size();
    buffer_.append(bytes);

    // A line end is never part of a character, so what stands before the last one can be judged now.
    const std::size_t last = bytes.find_last_of("\r\n");
    if (last != std::string_view::npos) {
        const std::size_t end = held + last + 1;
        if (!valid_utf8(buffer_.data().substr(validated_, end - validated_))) {
            return Problem(ProblemKind::upstream_protocol, "The provider's stream is not valid UTF-8.",
                           Retry::same_place);
        }
        validated_ = end;
    }
    if (buffer_.size() > limit_) {
        SseSplitter probe(limit_);  // walks the same bytes without giving anything out
        std::swap(probe.buffer_, buffer_);
        probe.line_ = line_;
        probe.scanned_ = scanned_;
        probe.at_start_ = at_start_;
        probe.after_cr_ = after_cr_;
        probe.only_comments_ = only_comments_;
        probe.bare_json_ = bare_json_;
        std::size_t longest = 0;
        for (bool more = true; more;) {
            const std::size_t begin = probe.position_;
            more = probe.find_event_end();
            longest = std::max(longest, (more ? probe.line_ : probe.buffer_.size()) - begin);
            probe.position_ = probe.line_;
        }
        std::swap(probe.buffer_, buffer_);
        if (longest > limit_) {
            return Problem(ProblemKind::upstream_protocol,
                           "The provider's stream holds an event that is too large.", Retry::same_place);
        }
    }
    return done();
}

void SseSplitter::skip_byte_order_mark() noexcept {
    const std::string_view start = buffer_.data().substr(position_, byte_order_mark.size());
    if (start == byte_order_mark) {
        position_ += byte_order_mark.size();
        line_ = position_;
        scanned_ = position_;
    }
    at_start_ = start.size() < byte_order_mark.size() && byte_order_mark.starts_with(start);
}

bool SseSplitter::find_event_end() noexcept {
    if (at_start_) {
        skip_byte_order_mark();
        if (at_start_) {
            return false;
        }
    }
    const std::string_view text = buffer_.data();
    while (!bare_json_ && line_ < text.size()) {
        if (after_cr_) {
            after_cr_ = false;
            if (text[line_] == '\n') {
                position_ += dropped_ && line_ == position_ ? 1 : 0;
                ++line_;
                scanned_ = line_;
                continue;
            }
        }
        const char first = text[line_];
        if (only_comments_ && (first == '{' || first == '[')) {
            bare_json_ = true;
            position_ = line_;
            return false;
        }
        const bool at_line_feed = first == '\n';  // the empty line behind most events
        const std::size_t end = at_line_feed ? line_ : find_line_end(text, std::max(scanned_, line_));
        scanned_ = end;
        if (end == text.size()) {
            return false;
        }
        const bool empty = end == line_;
        if (!empty) {
            if (line_count_ < lines_.size()) {
                lines_[line_count_] = {line_ - position_, end - position_};
            }
            ++line_count_;
        }
        only_comments_ = only_comments_ && (first == ':' || empty);
        after_cr_ = text[end] == '\r';
        line_ = end + 1;
        scanned_ = line_;
        if (after_cr_ && line_ < text.size() && text[line_] == '\n') {
            after_cr_ = false;
            ++line_;
            scanned_ = line_;
        }
        if (empty) {
            only_comments_ = true;
            return true;
        }
    }
    return false;
}

void SseSplitter::add_data(SseEvent& event, std::size_t data_lines, std::string_view value) {
    if (data_lines == 0) {
        event.data = value;
        return;
    }
    // All joined data of one feed is shorter than its bytes, so this never moves what was given out.
    joined_.reserve(buffer_.size());
    const std::size_t begin = data_lines == 1 ? joined_.size() : joined_.size() - event.data.size();
    if (data_lines == 1) {
        joined_.append(event.data);
    }
    joined_.push_back('\n');
    joined_.append(value);
    event.data = std::string_view(joined_).substr(begin);
}

SseEvent SseSplitter::parse(std::string_view raw) {
    SseEvent event;
    event.raw = raw;
    std::size_t data_lines = 0;
    const auto read_line = [&](std::string_view line) {
        if (is_field(line, "data")) {
            add_data(event, data_lines, value_behind(line, 4));
            ++data_lines;
        } else if (is_field(line, "event")) {
            event.name = value_behind(line, 5);
        }
    };
    for (std::size_t i = 0; i < std::min(line_count_, lines_.size()); ++i) {
        read_line(raw.substr(lines_[i].begin, lines_[i].end - lines_[i].begin));
    }
    if (line_count_ > lines_.size()) {
        for (std::size_t at = lines_.back().end; at < raw.size();) {
            const std::size_t end = find_line_end(raw, at);
            read_line(raw.substr(at, end - at));
            at = end + 1;
        }
    }
    line_count_ = 0;
    if (data_lines == 0) {
        event.raw = {};
    }
    return event;
}

std::optional<SseEvent> SseSplitter::next() {
    while (find_event_end()) {
        const std::size_t begin = position_;
        position_ = line_;
        const SseEvent event = parse(buffer_.data().substr(begin, line_ - begin));
        dropped_ = event.raw.empty();
        if (!dropped_) {
            return event;
        }
    }
    return std::nullopt;
}

std::string_view SseSplitter::rest() const noexcept {
    return buffer_.data().substr(position_);
}

}  // namespace gatehouse::wire
