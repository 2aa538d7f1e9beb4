// What a reader of Gemini's replies gave, as lines that can be compared and written into a test.
#pragma once

#include "dialect/translation_parts.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect::test {

/// `words_of` keeps what is short; of the rest size and begin. Characters that were cut are left out.
inline std::string shortened(std::string_view text) {
    if (text.size() <= 300) {
        return std::string(text);
    }
    std::size_t end = 24;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return std::to_string(text.size()) + " bytes: " + std::string(text.substr(0, end));
}

struct GeminiReply {
    struct Line {
        std::string kind;
        std::uint32_t choice{0};
        std::string words;
        friend bool operator==(const Line&, const Line&) = default;
    };
    std::vector<Line> lines;  // neighbours of text or thoughts are one
    chat::Usage usage;
    bool complete{false};
    std::string problem;  // kind; empty: none
    std::string message;

    void add(const chat::Event& event) {
        constexpr std::array kinds{"start",    "text",       "refusal",        "reasoning", "signature",
                                   "redacted", "tool_start", "tool_arguments", "tool_end",  "citation",
                                   "logprobs", "image",      "finish"};
        constexpr std::array finishes{"stop", "tool_calls", "length", "content_filter"};
        Line line{kinds[static_cast<std::size_t>(event.kind)], event.choice, {}};
        const auto tool = std::to_string(event.tool);
        switch (event.kind) {
            case chat::EventKind::start:
                line.words = "id=" + std::string(event.id) + " model=" + std::string(event.name);
                break;
            case chat::EventKind::tool_start:
                line.words = tool + " " + std::string(event.name) + " id=" + std::string(event.id) +
                             " signature=" + shortened(event.signature) + (event.custom ? " custom" : "");
                break;
            case chat::EventKind::tool_arguments:
                line.words = tool + " " + std::string(event.text);
                break;
            case chat::EventKind::tool_end:
                line.words = tool;
                break;
            case chat::EventKind::image:
                line.words = std::string(event.name) + " " + std::string(event.text);
                break;
            case chat::EventKind::finish:
                line.words = std::string(finishes[static_cast<std::size_t>(event.finish)]) + " " +
                             std::string(event.text);
                break;
            default:
                line.words = event.text;
        }
        const bool merged = event.kind == chat::EventKind::text || event.kind == chat::EventKind::reasoning;
        if (merged && !lines.empty() && lines.back().kind == line.kind &&
            lines.back().choice == line.choice) {
            lines.back().words += line.words;
        } else {
            lines.push_back(std::move(line));
        }
    }

    /// True if there was no problem.
    bool take(const Result<std::span<const chat::Event>>& events) {
        if (!events) {
            problem = name_of(events.problem().kind());
            message = events.problem().message();
            return false;
        }
        for (const auto& event : *events) {
            add(event);
        }
        return true;
    }

    /// `text Hello`, and `text@1 Hello` of another choice than the first.
    std::vector<std::string> in_words() const {
        std::vector<std::string> out;
        for (const auto& line : lines) {
            const bool whole = line.kind.starts_with("tool_");
            out.push_back(line.kind + (line.choice == 0 ? "" : "@" + std::to_string(line.choice)) + " " +
                          (whole ? line.words : shortened(line.words)));
        }
        return out;
    }

    friend bool operator==(const GeminiReply& a, const GeminiReply& b) {
        return a.lines == b.lines && a.complete == b.complete && a.problem == b.problem &&
               a.usage.known == b.usage.known && a.usage.prompt() == b.usage.prompt() &&
               a.usage.cached_input == b.usage.cached_input && a.usage.output == b.usage.output &&
               a.usage.reasoning == b.usage.reasoning;
    }
};

inline GeminiReply read_whole(std::string_view body, const ReplyMap& map = {}) {
    GeminiReply reply;
    const auto reader = gemini_reader(map, "call_x");
    reply.take(reader->whole(body));
    reply.complete = reader->complete();
    reply.usage = reader->usage();
    return reply;
}

/// Feeds the pieces as reads from the provider would come, then closes.
inline GeminiReply read_stream(const std::vector<std::string_view>& pieces, const ReplyMap& map = {}) {
    GeminiReply reply;
    wire::SseSplitter splitter;
    const auto reader = gemini_reader(map, "call_x");
    const auto feed = [&](std::string_view piece) {
        bool fine = static_cast<bool>(splitter.feed(piece));
        while (fine) {
            const auto event = splitter.next();
            if (!event) {
                break;
            }
            fine = reply.take(reader->feed(*event));
        }
        return fine;
    };
    if (!std::all_of(pieces.begin(), pieces.end(), feed)) {
        return reply;
    }
    if (splitter.bare_json()) {
        wire::ResponseHead head;
        head.status = 200;
        const auto problem = decode_error(head, splitter.rest(), WallTime());
        reply.problem = name_of(problem.kind());
    } else if (feed("\n\n")) {
        reply.take(reader->close());
    }
    reply.complete = reader->complete();
    reply.usage = reader->usage();
    return reply;
}

}  // namespace gatehouse::dialect::test
