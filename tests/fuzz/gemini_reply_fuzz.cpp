// Any bytes as a reply of Gemini, whole or as a stream: the events keep their order, and how the bytes were
// cut into reads changes none of them.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using gatehouse::chat::EventKind;

struct Seen {
    std::string events;
    bool failed{false};
    bool refused{false};  // by the splitter, and so failed
    bool complete{false};
    gatehouse::TokenCount prompt;

    friend bool operator==(const Seen&, const Seen&) = default;
    /// The same to the client, as far as it may depend on the stream alone.
    bool agrees_with(const Seen& other) const {
        return refused || other.refused ? failed && other.failed : *this == other;
    }
};

/// What is promised of the order of events.
class Order {
public:
    void see(const gatehouse::chat::Event& event) {
        check((event.kind == EventKind::start) == !started_);
        started_ = true;
        if (event.choice >= choices_.size()) {
            choices_.resize(event.choice + 1);
        }
        auto& choice = choices_[event.choice];
        check(!choice.finished);
        choice.finished = event.kind == EventKind::finish;
        if (event.kind == EventKind::tool_start) {
            check(event.tool == choice.tools && !choice.open && !event.id.empty());
            ++choice.tools;
            choice.open = true;
        } else if (event.kind == EventKind::tool_arguments || event.kind == EventKind::tool_end) {
            check(choice.open && event.tool + 1 == choice.tools);
            choice.open = event.kind == EventKind::tool_arguments;
        }
    }
    bool any_open() const {
        return std::any_of(choices_.begin(), choices_.end(),
                           [](const Choice& choice) { return choice.open; });
    }

private:
    struct Choice {
        std::uint32_t tools{0};
        bool open{false};
        bool finished{false};
    };
    bool started_{false};
    std::vector<Choice> choices_;
};

void take(Seen& seen, Order& order,
          const gatehouse::Result<std::span<const gatehouse::chat::Event>>& events) {
    seen.failed = !events;
    if (!events) {
        return;
    }
    for (const auto& event : *events) {
        order.see(event);
        seen.events += static_cast<char>('0' + static_cast<int>(event.kind));
        for (const auto text : {event.text, event.id, event.name, event.signature}) {
            seen.events += text;
            seen.events += '|';
        }
    }
}

Seen follow(std::string_view stream, std::size_t piece, const gatehouse::dialect::ReplyMap& map) {
    Seen seen;
    Order order;
    gatehouse::wire::SseSplitter splitter;
    const auto reader = gatehouse::dialect::gemini_reader(map, "call_");
    while (!stream.empty() && !seen.failed) {
        const std::size_t size = std::min(piece, stream.size());
        seen.refused = !splitter.feed(stream.substr(0, size));
        stream.remove_prefix(size);
        while (const auto event = splitter.next()) {
            take(seen, order, reader->feed(*event));
            if (seen.failed) {
                break;
            }
        }
        seen.failed = seen.failed || seen.refused;
    }
    if (!seen.failed) {
        take(seen, order, reader->close());
    }
    seen.complete = !seen.failed && reader->complete();
    check(!seen.complete || !order.any_open());
    seen.prompt = reader->usage().prompt();
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    gatehouse::dialect::ReplyMap map;
    if ((data[0] & 1U) != 0) {
        map.json_tool = "json";
        map.json_waits = (data[0] & 2U) != 0;
        map.names = {{"_f", "f"}};
        map.custom_tools = {"f"};
    }
    const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);

    Seen whole;
    Order order;
    const auto reader = gatehouse::dialect::gemini_reader(map, "call_");
    take(whole, order, reader->whole(text));
    check(whole.failed || (reader->complete() && !order.any_open()));

    const auto stream = follow(text, text.size(), map);
    check(follow(text, 1 + data[1] % 61U, map).agrees_with(stream));
    check(follow(text, 1, map).agrees_with(stream));
    return 0;
}
