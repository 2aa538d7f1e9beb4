#include "gatehouse/dialect/replay.hpp"

#include "json_out.hpp"
#include "kept_json.hpp"
#include "openai_chat_reply.hpp"
#include "openai_words.hpp"
#include "replay_parts.hpp"
#include "translation_parts.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/sse.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <span>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;
using chat::Endpoint;
using chat::EventKind;

constexpr std::string_view no_cost = "0";
constexpr std::string_view end_of_chunks = "[DONE]";

/// What is kept is paid for.
class Free final : public chat::CostTeller {
public:
    std::string tell(const chat::Usage&, std::string_view) const override { return std::string(no_cost); }
};

Problem cannot_be_said() {
    return Problem(ProblemKind::upstream_protocol, "A kept answer cannot be given out in this form.");
}

/// The events of a stream that was kept or is being made. What they point to lies in here.
class Events {
public:
    /// False: it is no stream.
    bool read(std::string_view bytes) {
        const auto begin = bytes.find_first_not_of(" \t\r\n");
        if (begin != std::string_view::npos && bytes[begin] == '[') {
            for (const auto element : elements_of(bytes)) {
                add({}, element);
            }
            return !events_.empty();
        }
        if (!splitter_.feed(bytes)) {
            return false;
        }
        while (const auto event = splitter_.next()) {
            events_.push_back(*event);
        }
        return !splitter_.bare_json() && !events_.empty();
    }

    /// `name` is a literal, or the name of an event in here.
    void add(std::string_view name, std::string_view data) {
        auto& text = texts_.emplace_back();
        text += name.empty() ? "" : "event: ";
        text += name;
        text += name.empty() ? "data: " : "\ndata: ";
        const auto begin = text.size();
        for (const char c : data) {
            if (c != '\n' && c != '\r') {  // between the tokens of JSON, where they mean nothing
                text += c;
            }
        }
        const auto size = text.size() - begin;
        text += "\n\n";
        events_.push_back({name, std::string_view(text).substr(begin, size), text});
    }

    const std::vector<wire::SseEvent>& all() const noexcept { return events_; }

    std::vector<std::string_view> data() const {
        std::vector<std::string_view> data;
        data.reserve(events_.size());
        for (const auto& event : events_) {
            data.push_back(without_padding(event.data));
        }
        return data;
    }

private:
    wire::SseSplitter splitter_{std::numeric_limits<std::size_t>::max()};
    std::vector<wire::SseEvent> events_;
    std::deque<std::string> texts_;
};

/// A response repeats what its request said of itself; of two requests that have one answer these may differ.
class Repeated {
public:
    explicit Repeated(const chat::Request& asking) : body_(asking.original.bytes) {}

    /// The response with what the one that asks said; empty: it is the same already.
    std::string said_again(std::string_view response) const {
        std::string out;
        JsonOut json(out);
        json.begin_object();
        bool differs = false;
        auto reader = kept_reader(response);
        if (reader.peek() != wire::JsonType::object || !reader.begin_object()) {
            return {};
        }
        while (reader.next_member()) {
            const std::string name(reader.key());
            const auto value = text_at(response, reader.skip());
            const auto shown = value_of(name, value);
            differs = differs || shown != value;
            json.any_key(name).raw(shown);
        }
        json.end_object();
        return differs && reader.finish() ? out : std::string();
    }

private:
    std::string_view value_of(std::string_view name, std::string_view value) const {
        static constexpr std::array names{"metadata", "user", "safety_identifier", "prompt_cache_key"};
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            return value;
        }
        const auto said = member_of(body_, name);
        if (!said.empty() && said != "null") {
            return said;
        }
        const bool none = value == "null" || (name == "metadata" && is_blank_json(inside_of(value)));
        return none ? value : name == "metadata" ? std::string_view("{}") : std::string_view("null");
    }

    std::string_view body_;
};

/// A cost that stands in a whole answer is of the call that was.
std::string without_cost(std::string answer) {
    if (answer.find(R"("cost")") == std::string::npos) {
        return answer;
    }
    const auto usage = member_of(answer, "usage");
    const auto cost = usage.starts_with('{') ? member_of(usage, "cost") : std::string_view();
    if (!cost.empty()) {
        answer.replace(static_cast<std::size_t>(cost.data() - answer.data()), cost.size(), no_cost);
    }
    return answer;
}

/// A chunk with usage alone, as those before it.
std::string usage_chunk(Endpoint endpoint, std::string_view first, const chat::Usage& usage) {
    ReplyHead head;
    head.id = string_of(member_of(first, "id"));
    head.model = string_of(member_of(first, "model"));
    head.created = static_cast<std::int64_t>(parse_unsigned(member_of(first, "created")).value_or(0));
    std::string data;
    JsonOut json(data);
    json.begin_object();
    head.write(json, endpoint == Endpoint::completions ? "text_completion" : "chat.completion.chunk");
    json.key("choices").begin_array().end_array().key("usage");
    write_usage(json, usage, no_cost);
    json.end_object();
    return data;
}

bool comes_in_chunks(Endpoint endpoint) noexcept {
    return endpoint == Endpoint::chat_completions || endpoint == Endpoint::completions;
}

/// A stream whose client asked for no usage has none; whole answers always have it.
std::string with_usage(std::string whole, Endpoint endpoint, const chat::Usage& usage) {
    const auto told = member_of(whole, "usage");
    if (told.starts_with('{') || !comes_in_chunks(endpoint) || !usage.known || !whole.ends_with('}')) {
        return whole;
    }
    std::string numbers;
    JsonOut json(numbers);
    write_usage(json, usage);
    if (told.empty()) {
        whole.insert(whole.size() - 1, R"(,"usage":)" + numbers);
    } else {  // null
        whole.replace(static_cast<std::size_t>(told.data() - whole.data()), told.size(), numbers);
    }
    return whole;
}

/// Shows events to the one that asks.
class Showing {
public:
    Showing(const KeptAnswer& answer, const chat::Request& asking)
        : answer_(answer), asking_(asking), decoder_(make_decoder()) {}

    Result<ReplayedStream> all(const Events& events) {
        for (const auto& event : events.all()) {
            if (auto status = show(event); !status) {
                return std::move(status).problem();
            }
            if (decoder_->complete()) {
                break;
            }
        }
        if (!decoder_->complete()) {  // Gemini's streams have no other end
            const auto last = decoder_->close();
            if (!last || last->kind != DeltaKind::end) {
                return cannot_be_said();
            }
            add(*last);
        }
        return std::move(out_);
    }

private:
    std::unique_ptr<StreamDecoder> make_decoder() const {
        RelayOptions options;
        options.show_usage = asking_.wants_usage;
        options.json_array = asking_.json_array;
        options.previous_response = asking_.previous_response;
        options.cost = &free_;
        return dialect_of(chat::vendor_of(asking_.endpoint)).stream_decoder(asking_.endpoint, options);
    }

    Status show(const wire::SseEvent& event) {
        const bool chunks = comes_in_chunks(asking_.endpoint);
        const auto data = without_padding(event.data);
        if (chunks && data == end_of_chunks && asking_.wants_usage && !decoder_->usage().known &&
            answer_.usage.known) {
            Events made;
            made.add({}, usage_chunk(asking_.endpoint, first_, answer_.usage));
            add({DeltaKind::usage, made.all().front().raw});
        }
        if (chunks && first_.empty() && data.find(R"("id":"")") == std::string_view::npos) {
            first_ = data;
        }
        const auto shown = decoder_->feed(event);
        if (!shown) {
            return shown.problem();
        }
        add(*shown);
        decoder_->next_run();
        return done();
    }

    void add(const Delta& delta) {
        out_.bytes += delta.bytes;
        out_.pieces.push_back({delta.kind, out_.bytes.size()});
    }

    const KeptAnswer& answer_;
    const chat::Request& asking_;
    Free free_;
    std::unique_ptr<StreamDecoder> decoder_;
    std::string_view first_;  // data of a chunk
    ReplayedStream out_;
};

/// Events of the kept stream, or those that the whole makes, with what the one that asks said of itself.
bool collect(const KeptAnswer& answer, const chat::Request& asking, Events& events) {
    if (!answer.streamed) {
        const auto told = told_in_events(asking.endpoint, answer.bytes);
        for (const auto& event : told.value_or(std::vector<ToldEvent>())) {
            events.add(event.name, event.data);
        }
        return told.has_value();
    }
    return events.read(answer.bytes);
}

void repeat_request(const chat::Request& asking, const Events& from, Events& to) {
    const Repeated repeated(asking);
    for (const auto& event : from.all()) {
        const auto response = member_of(event.data, "response");
        const auto again = response.empty() ? std::string() : repeated.said_again(response);
        if (again.empty()) {
            to.add(event.name, event.data);
            continue;
        }
        std::string data(event.data);
        data.replace(static_cast<std::size_t>(response.data() - event.data.data()), response.size(), again);
        to.add(event.name, data);
    }
}

/// What an answer says, in neutral words.
class Judged {
public:
    /// False: it is not worth keeping, whatever follows.
    bool see(const Result<std::span<const chat::Event>>& events) {
        if (!events) {
            return false;
        }
        return std::all_of(events->begin(), events->end(), [this](const auto& event) { return see(event); });
    }
    bool good() const noexcept { return said_ && finished_; }

private:
    bool see(const chat::Event& event) {
        switch (event.kind) {
            case EventKind::text:
                said_ = said_ || !event.text.empty();
                return true;
            case EventKind::image:
                said_ = true;
                return true;
            case EventKind::finish:
                finished_ = true;
                return event.finish == chat::Finish::stop;
            case EventKind::refusal:
                return event.text.empty();
            case EventKind::tool_start:
                return false;
            default:
                return true;
        }
    }

    bool said_{false};
    bool finished_{false};
};

/// Others say by an event of their own that they are complete, or not at all.
bool has_end_of_chunks(Endpoint endpoint, const Events& events) {
    return !comes_in_chunks(endpoint) || without_padding(events.all().back().data) == end_of_chunks;
}

bool is_good_conversation(Endpoint endpoint, const KeptAnswer& answer) {
    const auto reader = make_reader(endpoint, no_reply_map(), "");
    Judged judged;
    if (!answer.streamed) {
        return judged.see(reader->whole(answer.bytes)) && judged.good();
    }
    Events events;
    if (!events.read(answer.bytes) || !has_end_of_chunks(endpoint, events)) {
        return false;
    }
    for (const auto& event : events.all()) {
        if (!judged.see(reader->feed(event))) {
            return false;
        }
    }
    return judged.see(reader->close()) && reader->complete() && judged.good();
}

bool is_good_completion(std::string_view whole) {
    bool said = false;
    const auto choices = elements_of(member_of(whole, "choices"));
    for (const auto choice : choices) {
        said = said || !string_of(member_of(choice, "text")).empty();
        if (string_of(member_of(choice, "finish_reason")) != "stop") {
            return false;
        }
    }
    return said;
}

}  // namespace

std::vector<Delta> ReplayedStream::run() const {
    std::vector<Delta> deltas;
    deltas.reserve(pieces.size());
    std::size_t begin = 0;
    for (const auto& piece : pieces) {
        deltas.push_back({piece.kind, std::string_view(bytes).substr(begin, piece.end - begin)});
        begin = piece.end;
    }
    return deltas;
}

bool is_worth_keeping(Endpoint endpoint, const KeptAnswer& answer) {
    if (chat::is_conversation(endpoint)) {
        return is_good_conversation(endpoint, answer);
    }
    if (answer.streamed) {
        Events events;
        if (endpoint != Endpoint::completions || !events.read(answer.bytes) ||
            !has_end_of_chunks(endpoint, events)) {
            return false;
        }
        const auto whole = joined_events(endpoint, events.data());
        return whole && is_good_completion(*whole);
    }
    std::string edited;
    const auto reply = dialect_of(chat::vendor_of(endpoint)).decode_reply(endpoint, answer.bytes, {}, edited);
    return reply && (endpoint != Endpoint::completions || is_good_completion(answer.bytes));
}

Result<std::string> replay_whole(const KeptAnswer& answer, const chat::Request& asking) {
    std::string whole;
    if (answer.streamed) {
        Events events;
        auto joined =
            events.read(answer.bytes) ? joined_events(asking.endpoint, events.data()) : std::nullopt;
        if (!joined) {
            return cannot_be_said();
        }
        whole = with_usage(std::move(*joined), asking.endpoint, answer.usage);
    } else {
        whole = without_cost(answer.bytes);
    }
    if (asking.endpoint == Endpoint::responses) {
        auto again = Repeated(asking).said_again(whole);
        return again.empty() ? whole : again;
    }
    return whole;
}

Result<ReplayedStream> replay_stream(const KeptAnswer& answer, const chat::Request& asking) {
    Events events;
    if (!collect(answer, asking, events)) {
        return cannot_be_said();
    }
    if (asking.endpoint != Endpoint::responses) {
        return Showing(answer, asking).all(events);
    }
    Events again;
    repeat_request(asking, events, again);
    return Showing(answer, asking).all(again);
}

}  // namespace gatehouse::dialect
