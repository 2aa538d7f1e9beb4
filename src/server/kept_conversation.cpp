#include "kept_conversation.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/dialect/dialect.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::server {
namespace {

using store::ConversationKey;
using store::ConversationKind;

/// Does the provider that will answer keep conversations of this kind itself? Only where there is no other
/// that might answer instead, be it by a fallback or a rule.
bool is_kept_upstream(const Incoming& in, const chat::Request& request) {
    auto names = request.fallbacks;
    names.push_back(request.model);
    const auto targets = in.live.settings->reachable_targets(names);
    const bool many = request.vendor == chat::Vendor::anthropic && targets.size() > 1;
    return !many && std::all_of(targets.begin(), targets.end(), [&](const upstream::Target& target) {
        return target.provider->vendor() == request.vendor && !target.provider->in_process();
    });
}

ConversationKey key_of(const Incoming& in, ConversationKind kind, std::string id) {
    return {in.caller->name, kind, std::move(id)};
}

Task<std::optional<std::string>> find(Incoming& in, ConversationKind kind, std::string id) {
    if (in.context.conversations == nullptr) {
        co_return std::nullopt;
    }
    auto key = key_of(in, kind, std::move(id));
    const auto now = in.connection.clock.wall();
    co_return co_await in.context.conversations->find(in.context.lane, std::move(key), now);
}

/// Puts another body in the place of the client's.
Status replace_body(const Incoming& in, chat::Request& request, std::string body) {
    wire::JsonLimits limits;
    limits.depth = in.live.options->limits.json_depth;
    auto whole =
        dialect::dialect_of(request.vendor).decode_request(request.endpoint, std::move(body), limits);
    if (!whole) {
        return std::move(whole.problem());
    }
    request.original = std::move(whole->original);
    request.offers_tools = whole->offers_tools;
    request.effort = whole->effort;
    request.temperature = whole->temperature;
    return done();
}

Task<Result<std::optional<Keeping>>> go_on_from_response(Incoming& in, chat::Request& request) {
    const bool elsewhere = is_kept_upstream(in, request);
    if (elsewhere && request.original.bytes.find("\"previous_response_id\"") == std::string::npos) {
        co_return std::optional<Keeping>();
    }
    const auto ask = dialect::read_response_ask(request.original.bytes, make_id(""));
    Keeping keeping;
    keeping.said = ask.input;
    if (!ask.previous_id.empty()) {
        const auto kept = co_await find(in, ConversationKind::response, ask.previous_id);
        if (!kept && !elsewhere) {
            co_return Problem(ProblemKind::conversation_not_found,
                              "Previous response with id '" + ask.previous_id + "' not found.")
                .with_param("previous_response_id");
        }
        if (kept) {
            const auto history = dialect::history_of(dialect::kept_response(*kept));
            auto body = dialect::with_history(request.original.bytes, history, ask.input);
            auto replaced = replace_body(in, request, std::move(body));
            if (!replaced) {
                co_return std::move(replaced.problem());
            }
            request.previous_response = ask.previous_id;
            keeping.said = history;
            keeping.said += history.empty() || ask.input.empty() ? "" : ",";
            keeping.said += ask.input;
        }
    }
    // What goes on from a response that is kept here is kept here too: the next may be another provider's.
    const bool kept_here = !elsewhere || !request.previous_response.empty();
    if (!kept_here || !ask.store) {
        co_return std::optional<Keeping>();
    }
    if (in.context.conversations == nullptr || keeping.said.size() > in.context.conversations->largest()) {
        auto replaced = replace_body(in, request, dialect::unstored(request.original.bytes));
        if (!replaced) {
            co_return std::move(replaced.problem());
        }
        co_return std::optional<Keeping>();
    }
    co_return std::optional(std::move(keeping));
}

Task<Result<std::optional<Keeping>>> go_on_from_thread(Incoming& in, chat::Request& request) {
    const auto ask = dialect::read_thread_ask(request.original.bytes);
    if (!ask) {
        co_return ask.problem();
    }
    if (ask->kind == dialect::ThreadKind::none || is_kept_upstream(in, request)) {
        co_return std::optional<Keeping>();
    }
    if (in.context.conversations == nullptr) {
        co_return Problem(ProblemKind::threads_unsupported, "Message threads are not kept here.")
            .with_param("thread");
    }
    std::optional<std::string> kept;
    if (ask->kind == dialect::ThreadKind::go_on) {
        kept = co_await find(in, ConversationKind::thread, ask->previous_id);
        if (!kept) {
            co_return Problem(ProblemKind::conversation_not_found,
                              "There is no thread that ends with the message '" + ask->previous_id + "'.")
                .with_param("thread");
        }
    }
    Keeping keeping;
    keeping.kind = ConversationKind::thread;
    keeping.said = dialect::whole_thread_request(request.original.bytes, *ask, kept.value_or(""));
    auto replaced = replace_body(in, request, keeping.said);
    if (!replaced) {
        co_return std::move(replaced.problem());
    }
    // Its provider is not told of any thread.
    std::erase_if(request.betas,
                  [](const std::string& beta) { return beta.starts_with("message-threads-"); });
    co_return std::optional(std::move(keeping));
}

}  // namespace

Task<Result<std::optional<Keeping>>> go_on_from_kept(Incoming& in, chat::Request& request) {
    if (request.endpoint == chat::Endpoint::responses) {
        return go_on_from_response(in, request);
    }
    return go_on_from_thread(in, request);
}

KeepingSink::KeepingSink(chat::ReplySink& inner, Incoming& in, Keeping keeping, bool stream)
    : inner_(inner), in_(in), keeping_(std::move(keeping)), stream_(stream) {}

Task<Status> KeepingSink::push(std::span<const chat::Delta> run) {
    for (const auto& delta : run) {
        see(delta.bytes);
    }
    return inner_.push(run);
}

void KeepingSink::see(std::string_view bytes) {
    if (!stream_) {
        if (keeping_.kind == ConversationKind::response) {
            keep_response(bytes);
        } else {
            keep_thread(dialect::thread_reply(bytes));
        }
        return;
    }
    if (!splitter_.feed(bytes)) {
        return;  // the client gets it all the same; it cannot be gone on from
    }
    while (const auto event = splitter_.next()) {
        see_event(event->data);
    }
}

void KeepingSink::see_event(std::string_view data) {
    if (keeping_.kind == ConversationKind::response) {
        const auto response = dialect::response_in(data);
        if (!response.empty()) {
            keep_response(response);
        }
        return;
    }
    thread_.see(data);
    keep_thread(thread_.reply());
}

void KeepingSink::keep_response(std::string_view response) {
    dialect::KeptResponse kept;
    kept.input = keeping_.said;
    kept.response = response;
    keep(dialect::response_id(response), dialect::to_json(kept));
}

void KeepingSink::keep_thread(const dialect::ThreadReply& reply) {
    if (!reply.content.empty()) {
        keep(reply.id, dialect::keep_thread(keeping_.said, reply.content));
    }
}

void KeepingSink::keep(std::string id, std::string body) {
    if (!id.empty()) {
        in_.context.conversations->keep(key_of(in_, keeping_.kind, std::move(id)), std::move(body),
                                        in_.connection.clock.wall());
    }
}

}  // namespace gatehouse::server
