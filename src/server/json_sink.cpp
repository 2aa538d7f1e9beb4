#include "json_sink.hpp"

#include "debug_report.hpp"

#include <string>
#include <string_view>

namespace gatehouse::server {

void JsonSink::head(chat::ReplyHead head) {
    reply_.add_provider_fields(head);
}

Task<Status> JsonSink::push(std::span<const chat::Delta> run) {
    // A whole reply is one delta; a second one would be a bug of a stage, and must not pass as an answer.
    if (run.size() != 1 || reply_.started()) {
        co_return Problem(ProblemKind::internal, "The gateway made more than one reply.");
    }
    auto& trail = reply_.trail();
    std::string shown;
    std::string_view body = run.front().bytes;
    if (reply_.debug()) {
        shown = with_debug_object(body, trail, reply_.connection().clock.now());
        body = shown;
    }
    auto written = co_await reply_.whole(200, "application/json", body);
    if (written) {
        trail.first_content = reply_.connection().clock.now();
    }
    co_return written;
}

Task<Status> JsonSink::finish() {
    if (reply_.started()) {
        co_return done();
    }
    const Problem nothing(ProblemKind::internal, "The gateway made no reply.");
    co_return co_await reply_.refuse(nothing);
}

Task<Status> JsonSink::fail(const Problem& problem) {
    if (reply_.started()) {
        reply_.end_connection();  // only a client that left half-way gets here: there is nothing to say any
                                  // more
        co_return done();
    }
    co_return co_await reply_.refuse(problem);
}

}  // namespace gatehouse::server
