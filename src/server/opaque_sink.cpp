#include "opaque_sink.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <array>

namespace gatehouse::server {

void OpaqueSink::start() {
    reply_.add_provider_fields(head_);
    chunked_ = !head_.size && !reply_.http_1_0();
    if (!head_.size && !chunked_) {
        reply_.end_connection();  // the close is the end of the body
    }
    std::string& block = reply_.begin_head(
        200, head_.content_type.empty() ? std::string_view("application/json") : head_.content_type);
    if (head_.size) {
        wire::append_field(block, "content-length", static_cast<std::size_t>(*head_.size));
    } else if (chunked_) {
        wire::append_field(block, "transfer-encoding", "chunked");
    }
    reply_.end_head();
}

Task<Status> OpaqueSink::push(std::span<const chat::Delta> run) {
    std::size_t total = 0;
    for (const auto& delta : run) {
        total += delta.bytes.size();
    }
    if (total == 0) {
        co_return done();  // an empty chunk would be the end
    }
    std::string& block = reply_.connection().block;
    const bool first = !reply_.started();
    if (first) {
        start();
    } else {
        block.clear();
    }
    if (chunked_) {
        wire::append_chunk_head(block, total);
    }
    pieces_.clear();
    pieces_.push_back(block);
    for (const auto& delta : run) {
        pieces_.push_back(delta.bytes);
    }
    if (chunked_) {
        pieces_.push_back(wire::chunk_end);
    }
    const Instant now = reply_.connection().clock.now();
    auto written = co_await reply_.write(pieces_, now);
    if (written && first) {
        reply_.trail().first_content = now;
    }
    co_return written;
}

Task<Status> OpaqueSink::finish() {
    if (reply_.started() && !chunked_) {
        co_return done();
    }
    std::string& block = reply_.connection().block;
    if (reply_.started()) {
        block.clear();
    } else {
        head_.size = 0;
        start();
    }
    if (chunked_) {
        block.append(wire::last_chunk);
    }
    const std::array<std::string_view, 1> pieces{block};
    co_return co_await reply_.write(pieces, reply_.connection().clock.now());
}

Task<Status> OpaqueSink::fail(const Problem& problem) {
    if (!reply_.started()) {
        co_return co_await reply_.refuse(problem);
    }
    reply_.connection().broken = true;
    reply_.connection().stream.close();
    co_return done();
}

}  // namespace gatehouse::server
