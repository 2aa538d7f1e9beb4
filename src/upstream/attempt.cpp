#include "gatehouse/upstream/attempt.hpp"

#include "attempt_notes.hpp"
#include "call_record.hpp"
#include "local_provider.hpp"
#include "prompt_weights.hpp"
#include "speech.hpp"
#include "stream_relay.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/dialect/token_counts.hpp"
#include "gatehouse/upstream/simulated.hpp"
#include "gatehouse/wire/http1_writer.hpp"

#include <array>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

namespace {

constexpr std::size_t error_body_limit = 64 * 1024;
// A provider that has said its last word gets this long to end the message properly, so that the connection
// can be kept; the reply is complete either way.
constexpr Milliseconds grace_after_end{100};

/// The part of a form that is still arriving, as the HTTP client wants it.
class Rest : public net::BodySource {
public:
    Rest(chat::RestOfBody* rest, bool& begun) : rest_(rest), begun_(begun) {}
    Task<Result<std::string_view>> next() override {
        begun_ = true;
        return rest_->next();
    }

private:
    chat::RestOfBody* rest_;
    bool& begun_;
};

chat::ReplyHead reply_head(const wire::ResponseHead& head) {
    chat::ReplyHead out;
    out.processing_ms = head.fields.find("openai-processing-ms").value_or("");
    out.version = head.fields.find("openai-version").value_or("");
    return out;
}

bool is_audio(chat::Endpoint endpoint) {
    return endpoint == chat::Endpoint::audio_speech || endpoint == chat::Endpoint::audio_transcriptions ||
           endpoint == chat::Endpoint::audio_translations;
}

bool is_event_stream(const wire::ResponseHead& head) {
    const auto type = head.fields.find("content-type").value_or("");
    return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "text/event-stream");
}

std::int64_t tokens_of(const dialect::Countable& said, TokenCount text) {
    const auto count = [](std::size_t number) { return static_cast<std::int64_t>(number); };
    return text.value() + count(said.messages) * tokens_of_message + count(said.tools) * tokens_of_tool +
           count(said.media) * tokens_of_media;
}

Problem too_large(std::size_t limit) {
    return Problem(ProblemKind::upstream_protocol,
                   "the reply is larger than " + std::to_string(limit) + " bytes", Retry::elsewhere);
}

}  // namespace

net::HttpCaller& Callers::of(const Provider& provider, std::unique_ptr<net::HttpCaller>& own) {
    if (!provider.in_process()) {
        return network_;
    }
    if (provider.simulated()) {
        own = std::make_unique<SimulatedProvider>(clock_, provider.options().simulate);
    } else {
        own = std::make_unique<LocalProvider>(provider.local_model());
    }
    return *own;
}

Attempt::Attempt(Callers& callers, const Target& target, telemetry::Trail& trail, const AttemptTerms& terms)
    : callers_(callers), target_(target), trail_(trail), terms_(terms) {}

Attempt::~Attempt() = default;

void Attempt::settle() noexcept {
    if (meter_) {
        meter_->settle();
    }
}

std::optional<PicoUsd> Attempt::cost_so_far() const noexcept {
    return meter_ ? meter_->cost_so_far() : PicoUsd(0);
}

Task<Result<Answer>> Attempt::run(const chat::Request& request, chat::ReplySink& sink) {
    const bool counts = callers_.counter() != nullptr && Speech::counts(request);
    if (counts && !Speech::knows_count(request, target_)) {
        co_return co_await count_here(request, sink);
    }
    // What goes on with another stream is said in the gateway's words, of whatever vendor.
    trail_.translated = Speech::translates(request, target_) || terms_.goes_on;
    std::shared_ptr<dialect::ThoughtMemory> memory;
    if (auto* thoughts = callers_.thoughts(); thoughts != nullptr && trail_.translated) {
        memory =
            thoughts_of(*thoughts, callers_.clock(), terms_.caller, target_.provider->name(), target_.model);
    }
    auto speech = Speech::make(request, target_, memory, callers_.counter(), terms_.goes_on);
    if (!speech) {
        co_return std::move(speech.problem());  // nobody was called
    }
    note_dropped(trail_, speech->dropped());
    bool may_leave_thoughts_out = true;
    // Of calls that gave parts of the answer.
    chat::Usage earlier = terms_.goes_on ? terms_.goes_on->used : chat::Usage();
    std::optional<chat::Usage> parts;  // of them, those of this attempt
    while (true) {
        calls_ += parts ? 0 : 1;
        meter_.reset();
        CallRecord record(trail_, target_, name_of(terms_.reason), callers_.clock(), meter_);
        const CallMeter::About about{request, target_, callers_.counter(), terms_.beside,
                                     callers_.clock().wall()};
        meter_ = std::make_unique<CallMeter>(trail_, about);
        meter_->adds_to(earlier, terms_.goes_on && terms_.goes_on->estimated);
        speech->tells_cost(meter_.get());
        if (terms_.watch != nullptr) {
            terms_.watch->call_began();
        }
        began_ = callers_.clock().now();
        auto answer = co_await call(request, *speech, sink);
        record.close(answer ? std::nullopt : std::optional(answer.problem().kind()));
        if (!answer && may_leave_thoughts_out && !said_ && dialect::refuses_thoughts(answer.problem())) {
            may_leave_thoughts_out = false;
            const auto differs = speech->leave_thoughts_out();
            if (differs && *differs) {
                note_dropped(trail_, speech->dropped());
                continue;
            }
            co_return answer;
        }
        if (!answer && counts && answer.problem().kind() != ProblemKind::client_gone) {
            overlooked_ = std::move(answer.problem());
            break;  // an estimate is better than nothing
        }
        if (!answer) {
            co_return answer;
        }
        const auto usage = answer->usage;
        if (parts) {
            answer->usage += *parts;
        }
        if (!speech->next_call()) {
            co_return answer;
        }
        parts = answer->usage;
        earlier += usage;
    }
    co_return co_await count_here(request, sink);
}

Status Attempt::can_be_asked(const chat::Request& request, const Target& target) {
    const auto speech = Speech::make(request, target, nullptr, nullptr);
    return speech ? done() : Status(speech.problem());
}

Task<Result<Answer>> Attempt::count_here(const chat::Request& request, chat::ReplySink& sink) {
    const auto said = dialect::countable_of(request);
    if (!said) {
        co_return said.problem();
    }
    trail_.provider = target_.provider->name();
    trail_.upstream_model = target_.model;
    const auto family = tokens::family_of(target_.model);
    const auto count = tokens_of(*said, callers_.counter()->estimate(family, said->text).count);
    const std::string body = dialect::token_count_body(request.endpoint, count);
    const chat::Delta delta{chat::DeltaKind::whole, body};
    const auto pushed = co_await sink.push(std::span(&delta, 1));
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Answer{};
}

Task<Result<Answer>> Attempt::call(const chat::Request& request, const Speech& speech,
                                   chat::ReplySink& sink) {
    const Provider& provider = *target_.provider;
    const auto& original = request.original;
    Rest rest(original.rest, rest_begun_);

    net::HttpCall http;
    http.target = provider.target(speech.path());
    http.fields = provider.fields(terms_.credential);
    http.fields += speech.fields();
    http.fields += request.passed_fields;
    wire::append_field(
        http.fields, "Content-Type",
        original.content_type.empty() ? "application/json" : std::string_view(original.content_type));
    wire::append_field(http.fields, "Accept", request.stream ? "text/event-stream" : "*/*");
    wire::append_field(http.fields, "Accept-Encoding", "identity");
    if (!trail_.traceparent.empty()) {
        wire::append_field(http.fields, "traceparent", trail_.traceparent);
    }
    http.body = speech.body();
    http.timeouts = target_.timeouts;
    http.asked = meter_->asked();
    if (original.rest != nullptr) {
        http.rest = &rest;
        if (original.size) {
            http.size = *original.size - original.bytes.size() + speech.body_size();
        }
    }

    std::unique_ptr<net::HttpCaller> own;
    net::HttpCaller& caller = callers_.of(provider, own);
    std::optional<UpstreamTime> waiting(std::in_place, trail_, callers_.clock());
    auto reply = co_await caller.send(provider.origin(), http);
    waiting.reset();
    if (!reply) {
        co_return std::move(reply.problem());
    }
    auto answer = co_await receive(**reply, request, speech, sink);
    co_return answer;
}

Task<Result<Answer>> Attempt::receive(net::HttpReply& reply, const chat::Request& request,
                                      const Speech& speech, chat::ReplySink& sink) {
    const int status = reply.head().status;
    trail_.attempts.back().status = status;
    meter_->replied(status);
    if (status < 200 || status > 299) {
        return refused(reply);
    }
    trail_.upstream_replied = callers_.clock().now();
    exhausted_for_ = dialect::exhausted_for(reply.head().fields, callers_.clock().wall());
    if (is_audio(request.endpoint)) {
        return opaque(reply, sink);
    }
    if (request.stream && is_event_stream(reply.head())) {
        return stream(reply, request, speech, sink);
    }
    return whole(reply, request, speech, sink);
}

Task<Result<std::string>> Attempt::body_of(net::HttpReply& reply, std::size_t limit) {
    std::string body;
    if (reply.head().body.kind == wire::BodyKind::sized) {
        if (reply.head().body.size > limit) {
            co_return too_large(limit);
        }
        body.reserve(reply.head().body.size);
    }
    while (true) {
        std::optional<UpstreamTime> waiting(std::in_place, trail_, callers_.clock());
        const auto bytes = co_await reply.next();
        waiting.reset();
        if (!bytes) {
            co_return bytes.problem();
        }
        if (bytes->empty()) {
            co_return body;
        }
        if (body.size() + bytes->size() > limit) {
            co_return too_large(limit);
        }
        body += *bytes;
        meter_->came(bytes->size());
    }
}

Task<Result<Answer>> Attempt::refused(net::HttpReply& reply) {
    const auto body = co_await body_of(reply, error_body_limit);
    const std::string_view text = body ? std::string_view(*body) : std::string_view();
    co_return dialect::decode_error(reply.head(), text, callers_.clock().wall());
}

Task<Result<Answer>> Attempt::whole(net::HttpReply& reply, const chat::Request& request, const Speech& speech,
                                    chat::ReplySink& sink) {
    const auto body = co_await body_of(reply, target_.provider->options().response_limit);
    if (!body) {
        co_return body.problem();
    }
    if (request.stream && chat::is_conversation(request.endpoint)) {
        auto streamed = co_await whole_as_stream(reply, speech, *body, sink);
        co_return streamed;
    }
    std::string edited;
    const auto decoded = speech.decode_reply(*body, callers_.clock().wall(), edited);
    if (!decoded) {
        co_return decoded.problem();
    }
    meter_->heard(decoded->usage, decoded->model, decoded->said);
    meter_->settle();
    trail_.finish_reason = decoded->finish_reason;
    if (request.stream) {
        co_return Problem(ProblemKind::upstream_protocol, "a stream was asked for and a whole reply came",
                          Retry::elsewhere);
    }
    if (decoded->bytes.empty()) {
        co_return Answer{decoded->usage, {}};  // a part of the answer
    }
    sink.head(reply_head(reply.head()));
    said_ = true;
    const chat::Delta delta{chat::DeltaKind::whole, decoded->bytes};
    const auto pushed = co_await sink.push(std::span(&delta, 1));
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Answer{decoded->usage, decoded->finish_reason};
}

Task<Result<Answer>> Attempt::whole_as_stream(net::HttpReply& reply, const Speech& speech,
                                              std::string_view body, chat::ReplySink& sink) {
    const auto streamed = speech.stream_whole(body, callers_.clock().wall());
    if (!streamed) {
        co_return streamed.problem();
    }
    meter_->heard(streamed->usage, streamed->model, streamed->said);
    meter_->settle();
    trail_.finish_reason = streamed->finish_reason;
    sink.head(reply_head(reply.head()));
    said_ = true;
    const std::array run{chat::Delta{chat::DeltaKind::content, streamed->content},
                         chat::Delta{chat::DeltaKind::end, streamed->end}};
    const auto pushed = co_await sink.push(run);
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Answer{streamed->usage, streamed->finish_reason};
}

Task<Result<Answer>> Attempt::stream(net::HttpReply& reply, const chat::Request& request,
                                     const Speech& speech, chat::ReplySink& sink) {
    const auto decoder = speech.stream_decoder(callers_.clock().wall());
    const Listening listening(*meter_, trail_, *decoder);
    std::optional<Pace> pace;
    if (target_.slow_stream && terms_.others != nullptr && chat::is_conversation(request.endpoint)) {
        pace.emplace(request, *target_.slow_stream, *terms_.others);
    }
    StreamRelay stream(*decoder, reply.head(), callers_.clock(), pace ? &*pace : nullptr);
    sink.head(reply_head(reply.head()));
    reply.read_by(began_ + target_.timeouts.first_token);

    while (!decoder->complete()) {
        std::optional<UpstreamTime> waiting(std::in_place, trail_, callers_.clock());
        const auto bytes = co_await reply.next();
        waiting.reset();
        if (!bytes) {
            co_return stream.ended_by(bytes.problem());
        }
        auto failure = bytes->empty() ? stream.end() : stream.feed(*bytes);
        if (decoder->complete()) {
            meter_->completed();
            meter_->settle();
        }
        if (stream.content_seen()) {
            if (!first_content_after_) {
                first_content_after_ =
                    std::chrono::duration_cast<Milliseconds>(callers_.clock().now() - began_);
            }
            reply.read_by(stream.next_by());
        }
        if (stream.has_run()) {
            said_ = true;
            const auto pushed = co_await sink.push(stream.run());
            if (!pushed) {
                co_return pushed.problem();
            }
        }
        if (failure) {
            co_return std::move(*failure);
        }
    }
    trail_.attempts.back().problem.reset();  // also if the client leaves now
    reply.read_by(callers_.clock().now() + grace_after_end);
    const UpstreamTime waiting(trail_, callers_.clock());
    const auto last = co_await reply.next();
    static_cast<void>(
        last);  // The reply is complete; what follows decides only whether the connection is kept.
    co_return Answer{decoder->usage(), std::string(decoder->finish_reason())};
}

Task<Result<Answer>> Attempt::opaque(net::HttpReply& reply, chat::ReplySink& sink) {
    const auto limit = target_.provider->options().response_limit;
    auto head = reply_head(reply.head());
    head.content_type = reply.head().fields.find("content-type").value_or("application/octet-stream");
    if (reply.head().body.kind == wire::BodyKind::sized) {
        if (reply.head().body.size > limit) {
            co_return too_large(limit);
        }
        head.size = reply.head().body.size;
    }
    sink.head(std::move(head));
    std::size_t total = 0;
    while (true) {
        std::optional<UpstreamTime> waiting(std::in_place, trail_, callers_.clock());
        const auto bytes = co_await reply.next();
        waiting.reset();
        if (!bytes) {
            co_return bytes.problem();
        }
        if (bytes->empty()) {
            meter_->completed();
            co_return Answer{};
        }
        total += bytes->size();
        if (total > limit) {
            co_return too_large(limit);
        }
        said_ = true;
        const chat::Delta delta{chat::DeltaKind::opaque, *bytes};
        const auto pushed = co_await sink.push(std::span(&delta, 1));
        if (!pushed) {
            co_return pushed.problem();
        }
    }
}

}  // namespace gatehouse::upstream
