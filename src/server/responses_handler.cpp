#include "handlers.hpp"

#include "gatehouse/dialect/response_state.hpp"
#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/query.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

constexpr std::string_view input_items = "/input_items";

Problem no_response(std::string_view id) {
    return Problem(ProblemKind::not_found, "Response with id '" + std::string(id) + "' not found.");
}

store::ConversationKey key_of(const Incoming& in, std::string_view id) {
    return {in.caller->name, store::ConversationKind::response, std::string(id)};
}

Task<std::optional<std::string>> find(Incoming& in, std::string_view id) {
    if (in.context.conversations == nullptr) {
        co_return std::nullopt;
    }
    auto key = key_of(in, id);
    const auto now = in.connection.clock.wall();
    co_return co_await in.context.conversations->find(in.context.lane, std::move(key), now);
}

Task<Status> answer(Incoming& in, std::string body) {
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", body);
}

}  // namespace

Task<Status> show_response(Incoming& in) {
    std::string_view id = in.path_rest;
    const bool items = id.ends_with(input_items);
    if (items) {
        id.remove_suffix(input_items.size());
    }
    const auto kept = co_await find(in, id);
    if (!kept) {
        const auto problem = no_response(id);
        co_return co_await in.reply.refuse(problem);
    }
    auto response = dialect::kept_response(*kept);
    if (items) {
        auto page = dialect::input_items_page(response.input, in.head.query);
        if (!page) {
            co_return co_await in.reply.refuse(page.problem());
        }
        co_return co_await answer(in, std::move(*page));
    }
    if (wire::query_parameter(in.head.query, "stream") == "true") {
        const auto problem = Problem(ProblemKind::unsupported_parameter,
                                     "Only responses in the background can be streamed again.")
                                 .with_param("stream");
        co_return co_await in.reply.refuse(problem);
    }
    co_return co_await answer(in, std::move(response.response));
}

Task<Status> delete_response(Incoming& in) {
    const std::string id(in.path_rest);
    bool there = false;
    if (in.context.conversations != nullptr) {
        auto key = key_of(in, id);
        const auto now = in.connection.clock.wall();
        there = co_await in.context.conversations->erase(in.context.lane, std::move(key), now);
    }
    if (!there) {
        const auto problem = no_response(id);
        co_return co_await in.reply.refuse(problem);
    }
    std::string body = "{\"id\":";
    body += wire::json_string(id);
    body += ",\"object\":\"response\",\"deleted\":true}";
    co_return co_await answer(in, std::move(body));
}

}  // namespace gatehouse::server
