#include "sse_sink.hpp"

#include "debug_report.hpp"
#include "problem_response.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <algorithm>

namespace gatehouse::server {
namespace {

/// What may stand anywhere between the events of a stream and means nothing.
std::string_view filler(const SseSink::Form& form) noexcept {
    if (form.json_array) {
        return "\n";
    }
    if (form.endpoint == chat::Endpoint::messages) {
        return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    }
    return ": keep-alive\n\n";
}

Instant after(Instant from, Milliseconds interval) noexcept {
    return interval.count() > 0 ? from + interval : never;
}

std::size_t shown_bytes(std::span<const chat::Delta> run) noexcept {
    std::size_t total = 0;
    for (const auto& delta : run) {
        total += delta.bytes.size();
    }
    return total;
}

std::uint64_t content_deltas(std::span<const chat::Delta> run) noexcept {
    return static_cast<std::uint64_t>(std::count_if(run.begin(), run.end(), [](const chat::Delta& delta) {
        return delta.kind == chat::DeltaKind::content;
    }));
}

bool holds_end(std::span<const chat::Delta> run) noexcept {
    return !run.empty() && run.back().kind == chat::DeltaKind::end;
}

}  // namespace

class SseSink::Turn {
public:
    explicit Turn(net::Signal& free) noexcept : free_(free) { free_.reset(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { free_.raise(); }

private:
    net::Signal& free_;
};

SseSink::SseSink(Reply& reply, const ServerOptions& options, const Form& form)
    : reply_(reply),
      clock_(reply.connection().clock),
      options_(options),
      form_(form),
      last_write_(clock_.now()) {
    if (form_.endpoint == chat::Endpoint::responses) {
        response_.emplace();
    }
    wants_chunk_ =
        form_.endpoint == chat::Endpoint::chat_completions || form_.endpoint == chat::Endpoint::completions;
    free_.raise();
}

void SseSink::head(chat::ReplyHead head) {
    if (!reply_.started()) {
        reply_.add_provider_fields(head);
    }
}

Task<void> SseSink::my_turn() {
    return free_.wait();
}

void SseSink::begin_block(std::size_t size) {
    std::string& block = reply_.connection().block;
    if (reply_.started()) {
        block.clear();
    } else {
        if (reply_.http_1_0()) {
            reply_.end_connection();  // the close is the end of the body
        }
        reply_.begin_head(200, form_.json_array ? "application/json" : "text/event-stream; charset=utf-8");
        wire::append_field(block, "cache-control", "no-cache");
        wire::append_field(block, "x-accel-buffering", "no");
        if (!reply_.http_1_0()) {
            wire::append_field(block, "transfer-encoding", "chunked");
        }
        reply_.end_head();
    }
    if (!reply_.http_1_0() && size != 0) {
        wire::append_chunk_head(block, size);
    }
    pieces_.clear();
    if (!block.empty()) {
        pieces_.push_back(block);
    }
}

void SseSink::add_pieces(std::span<const chat::Delta> run) {
    bool joinable = false;  // the head block is no neighbour of anything
    for (const auto& delta : run) {
        if (delta.bytes.empty()) {
            continue;
        }
        if (joinable && pieces_.back().data() + pieces_.back().size() == delta.bytes.data()) {
            pieces_.back() =
                std::string_view(pieces_.back().data(), pieces_.back().size() + delta.bytes.size());
        } else {
            pieces_.push_back(delta.bytes);
        }
        joinable = true;
    }
}

/// Only one: all chunks of a stream begin alike, but for what Azure says of the prompt, which has no id.
void SseSink::remember_chunk(std::span<const chat::Delta> run) {
    constexpr std::string_view before = "data:";
    for (const auto& delta : run) {
        const auto begin = delta.bytes.find(before);
        const auto line = begin == std::string_view::npos ? std::string_view() : delta.bytes.substr(begin);
        if (!line.empty() && line.find(R"("id":"")") == std::string_view::npos) {
            chunk_ = line.substr(before.size(), line.find('\n') - before.size());
            wants_chunk_ = false;
            return;
        }
    }
}

dialect::ChunksSoFar SseSink::chunks_so_far(std::string& cost) const {
    dialect::ChunksSoFar chunks;
    chunks.first = chunk_;
    chunks.wants_usage = form_.wants_usage;
    const auto& trail = reply_.trail();
    if (trail.translated) {
        chat::Usage usage;
        usage.input = trail.input_tokens;
        usage.cached_input = trail.cached_input_tokens;
        usage.cache_write = trail.cache_write_tokens;
        usage.output = trail.output_tokens;
        usage.reasoning = trail.reasoning_tokens;
        usage.known = trail.usage_known;
        chunks.usage = usage;
        if (trail.cost) {
            cost = usd_text(*trail.cost);
            chunks.cost = cost;
        }
    }
    return chunks;
}

void SseSink::remember(std::span<const chat::Delta> run) {
    if (wants_chunk_) {
        remember_chunk(run);
    }
    if (!response_ || holds_end(run)) {
        return;
    }
    for (const auto& delta : run) {
        if (!splitter_.feed(delta.bytes)) {
            return;
        }
        while (const auto event = splitter_.next()) {
            response_->see(event->data);
        }
    }
}

Task<Status> SseSink::write_block(Instant now) {
    last_write_ = now;
    return reply_.write(pieces_, now);
}

Task<Status> SseSink::push(std::span<const chat::Delta> run) {
    const std::size_t size = shown_bytes(run);
    if (size == 0 || ended_) {
        co_return done();
    }
    while (!free_.raised()) {
        co_await my_turn();
    }
    const Turn turn(free_);
    const Instant now = clock_.now();
    const auto content = content_deltas(run);
    std::string comment;
    if (reply_.debug() && holds_end(run) && !form_.json_array) {
        comment = debug_comment(reply_.trail(), now);
    }
    begin_block(size + comment.size());
    add_pieces(comment.empty() ? run : run.first(run.size() - 1));
    if (!comment.empty()) {
        pieces_.push_back(comment);
        add_pieces(run.last(1));
    }
    remember(run);
    if (!reply_.http_1_0()) {
        pieces_.push_back(wire::chunk_end);
        if (holds_end(run)) {
            pieces_.push_back(wire::last_chunk);  // saves a write of five bytes
        }
    }
    pushed_ = true;
    content_sent_ = content_sent_ || content != 0;
    auto written = co_await write_block(now);
    if (written) {
        ended_ = holds_end(run);
        note_content(content, now);
    }
    co_return written;
}

void SseSink::note_content(std::uint64_t chunks, Instant now) {
    if (chunks == 0) {
        return;
    }
    auto& trail = reply_.trail();
    trail.chunks += chunks;
    if (trail.first_content == Instant{}) {
        trail.first_content = now;
    } else {
        trail.between_tokens_sum += now - last_content_;
    }
    last_content_ = now;
}

Task<Status> SseSink::write_text(std::string_view text, bool last) {
    while (!free_.raised()) {
        co_await my_turn();
    }
    const Turn turn(free_);
    begin_block(text.size());
    if (!text.empty()) {
        pieces_.push_back(text);
    }
    if (!reply_.http_1_0()) {
        if (!text.empty()) {
            pieces_.push_back(wire::chunk_end);
        }
        if (last) {
            pieces_.push_back(wire::last_chunk);
            ended_ = true;
        }
    }
    co_return co_await write_block(clock_.now());
}

Task<Status> SseSink::finish() {
    if (ended_) {
        co_return done();
    }
    co_return co_await write_text(std::string_view(), true);
}

Task<Status> SseSink::fail(const Problem& problem) {
    while (!free_.raised()) {
        co_await my_turn();
    }
    if (!reply_.started()) {
        co_return co_await reply_.refuse(problem);
    }
    auto& trail = reply_.trail();
    trail.problem = problem.kind();
    if (ended_) {
        co_return done();
    }
    BegunStream stream;
    stream.endpoint = form_.endpoint;
    stream.model = form_.model;
    stream.request_id = trail.request_id;
    stream.json_array = form_.json_array;
    stream.array_open = pushed_;
    std::string cost;
    stream.chunks = chunks_so_far(cost);
    stream.response = response_ ? &*response_ : nullptr;
    std::string event = error_event_of(problem, stream);
    if (reply_.debug() && !form_.json_array) {
        event = debug_comment(trail, clock_.now()) + event;
    }
    co_return co_await write_text(event, true);
}

Instant SseSink::comment_due() const noexcept {
    if (ended_) {
        return never;  // what comes behind the end belongs to the next response
    }
    return after(last_write_, reply_.started() ? options_.keepalive_comment : options_.commit_after);
}

Task<void> SseSink::keep_alive() {
    while (true) {
        const Instant now = clock_.now();
        Instant due = comment_due();
        if (now >= due && free_.raised()) {
            auto written = co_await write_text(filler(form_), false);
            if (!written) {
                co_return;
            }
            continue;
        }
        if (now >= due) {
            due = after(now, options_.keepalive_comment);  // a push is on its way: no silence
        }
        if (!reply_.started()) {
            // Once started the shorter interval counts, and nobody wakes us for that.
            due = std::min(due, after(now, options_.keepalive_comment));
        }
        co_await clock_.sleep_until(due);
        if (clock_.now() < due) {
            // Cancelled, as at the end of every stream. Awaiting again would say so by an exception, which
            // costs as much as the rest of the stream's end, just when the client sends its next request.
            co_return;
        }
    }
}

}  // namespace gatehouse::server
