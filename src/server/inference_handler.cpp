#include "client_watch.hpp"
#include "form_request.hpp"
#include "handlers.hpp"
#include "json_sink.hpp"
#include "kept_conversation.hpp"
#include "opaque_sink.hpp"
#include "problem_response.hpp"
#include "request_head.hpp"
#include "request_labels.hpp"
#include "sse_sink.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/net/unless.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/spent_note.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/telemetry/metrics.hpp"
#include "gatehouse/wire/http1_writer.hpp"
#include "gatehouse/wire/query.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

/// Counts a stream as open while it lives.
class OpenStream {
public:
    explicit OpenStream(telemetry::Metrics& metrics) : metrics_(metrics) { metrics_.stream_opened(); }
    OpenStream(const OpenStream&) = delete;
    OpenStream& operator=(const OpenStream&) = delete;
    ~OpenStream() { metrics_.stream_closed(); }

private:
    telemetry::Metrics& metrics_;
};

Task<Result<chat::Request>> read_json(Incoming& in) {
    auto body = co_await in.body.whole();
    if (!body) {
        co_return std::move(body.problem());
    }
    wire::JsonLimits limits;
    limits.depth = in.live.options->limits.json_depth;
    auto request = decode_body(in.asked, std::move(*body), limits);
    if (request && in.asked.in_path) {
        request->json_array = request->stream && wire::query_parameter(in.head.query, "alt") != "sse";
    }
    co_return request;
}

/// Ends the reply with a Problem, as an error object or, once it has begun, as the dialect's error event.
Task<Status> end_badly(Incoming& in, chat::ReplySink& sink, Problem problem) {
    const bool torn = in.reply.started();
    in.trail.problem = problem.kind();
    in.trail.outcome = torn ? telemetry::RequestOutcome::stream_error : outcome_of(problem);
    co_return co_await sink.fail(problem);
}

/// Walks the stages and ends the reply. What the client was told, and whether it could be told, is on the
/// trail.
Task<Status> converse(Incoming& in, pipeline::Exchange& x) {
    const pipeline::Next stages(in.context.stages);
    auto outcome = co_await stages(x);
    if (outcome) {
        in.trail.outcome = telemetry::RequestOutcome::ok;
        co_return co_await x.sink.finish();
    }
    Problem& problem = outcome.problem();
    if (problem.kind() == ProblemKind::client_gone) {
        co_return std::move(problem);
    }
    co_return co_await end_badly(in, x.sink, std::move(problem));
}

/// Runs the conversation until it ends, the client leaves or the connection is cut short; then everything
/// behind it is cancelled.
Task<Status> relay(Incoming& in, chat::Request& request, chat::ReplySink& sink, SseSink* stream) {
    pipeline::Exchange x{in.caller, in.live.settings, std::move(request), sink, in.trail};
    x.total_timeout = in.narrowed.timeout;
    x.first_token_timeout = in.narrowed.first_token_timeout;
    x.fallback_off = in.narrowed.fallback_off;
    x.cache = std::move(in.narrowed.cache);
    x.longest_body = in.live.options->limits.body;
    x.labels.tags = std::move(in.narrowed.tags);
    if (in.live.settings->routes().serves(x.request.model)) {
        x.labels.headers = routed_headers(in.head.fields, in.live.settings->routes());
    }

    const pipeline::SpentNote spent(x, in.connection.clock.wall());
    auto work = converse(in, x);
    auto gone = client_gone(in.connection, in.body);
    auto running = stream == nullptr ? net::unless(std::move(work), std::move(gone))
                                     : net::unless(std::move(work), std::move(gone), stream->keep_alive());
    auto ended = co_await std::move(running);
    if (ended) {
        co_return std::move(*ended);
    }
    if (in.connection.cut.raised()) {
        Problem problem = shutting_down();
        co_return co_await end_badly(in, sink, std::move(problem));
    }
    in.connection.broken = true;
    if (stream != nullptr && stream->ended()) {
        in.trail.outcome = telemetry::RequestOutcome::ok;  // it has all it wanted
        co_return done();
    }
    co_return Problem(ProblemKind::client_gone, "The client closed the connection.");
}

bool may_be_kept(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::responses || endpoint == chat::Endpoint::messages;
}

/// Answers into the sink, or into one before it that keeps the answer.
Task<Status> relay_and_keep(Incoming& in, chat::Request& request, chat::ReplySink& sink, SseSink* stream,
                            std::optional<Keeping> keeping) {
    if (!keeping) {
        co_return co_await relay(in, request, sink, stream);
    }
    KeepingSink keeper(sink, in, std::move(*keeping), request.stream);
    co_return co_await relay(in, request, keeper, stream);
}

bool is_audio(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::audio_speech || endpoint == chat::Endpoint::audio_transcriptions ||
           endpoint == chat::Endpoint::audio_translations;
}

}  // namespace

Task<Status> infer(Incoming& in) {
    auto reading = in.route->body == BodyForm::form ? read_form(in) : read_json(in);
    auto request = co_await std::move(reading);
    if (!request) {
        if (request.problem().kind() == ProblemKind::client_gone) {
            co_return std::move(request.problem());
        }
        co_return co_await in.reply.refuse(request.problem());
    }
    take_head(in.head.fields, in.narrowed, *request);
    std::optional<Keeping> keeping;
    if (may_be_kept(request->endpoint)) {
        auto kept = co_await go_on_from_kept(in, *request);
        if (!kept) {
            co_return co_await in.reply.refuse(kept.problem());
        }
        keeping = std::move(*kept);
        if (keeping) {
            // The answer to other words would take the place of the conversation that it belongs to.
            auto& most = in.narrowed.cache.most;
            most = std::min(most.value_or(policy::CacheTier::exact), policy::CacheTier::exact);
        }
    }
    in.trail.asked_model = request->model;
    in.trail.request_bytes = request->original.size.value_or(request->original.bytes.size());
    in.trail.stream = request->stream;
    if (is_audio(request->endpoint)) {
        OpaqueSink sink(in.reply);
        co_return co_await relay(in, *request, sink, nullptr);
    }
    if (request->stream) {
        const OpenStream open(in.context.metrics);
        const std::string model = request->model;
        SseSink::Form form;
        form.endpoint = request->endpoint;
        form.model = model;
        form.wants_usage = request->wants_usage && request->vendor == chat::Vendor::openai;
        form.json_array = request->json_array;
        SseSink sink(in.reply, *in.live.options, form);
        co_return co_await relay_and_keep(in, *request, sink, &sink, std::move(keeping));
    }
    JsonSink sink(in.reply);
    co_return co_await relay_and_keep(in, *request, sink, nullptr, std::move(keeping));
}

}  // namespace gatehouse::server
