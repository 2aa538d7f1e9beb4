#include "audit_scope.hpp"
#include "handlers.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/query.hpp"

#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

constexpr std::size_t most_shown = 1000;

/// `?limit=` and `?after=`.
Result<Page> page_of(std::string_view query) {
    Page page;
    if (const auto limit = wire::query_parameter(query, "limit")) {
        const auto number = parse_unsigned(*limit);
        if (!number || *number == 0 || *number > most_shown) {
            return Problem(ProblemKind::invalid_value,
                           "`limit` is a number from 1 to " + std::to_string(most_shown) + ".")
                .with_param("limit");
        }
        page.limit = static_cast<std::size_t>(*number);
    }
    page.after = wire::query_parameter(query, "after").value_or("");
    return page;
}

/// Into the audit log with it, if there is such a key: what else is asked for may be anything.
void name_object(Incoming& in) {
    if (in.context.admin.keys->show(in.path_rest)) {
        in.audited.object = in.path_rest;
    }
}

/// The answer of a door that only shows.
Task<Status> show(Incoming& in, Result<std::string> text) {
    if (!text) {
        co_return co_await in.reply.refuse(text.problem());
    }
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", *text);
}

/// The answer after a change. What went well is in the audit log already.
Task<Status> report(Incoming& in, int status, Result<std::string> text) {
    if (!text) {
        co_return co_await in.reply.refuse(text.problem());
    }
    in.audited.noted = true;
    in.trail.outcome = telemetry::RequestOutcome::ok;
    // It may hold a key: no cache on the way shall keep it.
    in.reply.fields().append("cache-control: no-store\r\n");
    co_return co_await in.reply.whole(status, "application/json", *text);
}

}  // namespace

Task<Status> create_key(Incoming& in) {
    auto body = co_await in.body.whole();
    if (!body) {
        co_return co_await in.reply.refuse(body.problem());
    }
    auto call = audit_note(in, in.connection.clock.wall(), 201);
    auto created = co_await in.context.admin.keys->create(std::move(call), std::move(*body));
    co_return co_await report(in, 201, std::move(created));
}

Task<Status> list_keys(Incoming& in) {
    const auto page = page_of(in.head.query);
    if (!page) {
        co_return co_await in.reply.refuse(page.problem());
    }
    auto list = in.context.admin.keys->list(*page);
    co_return co_await show(in, std::move(list));
}

Task<Status> show_key(Incoming& in) {
    name_object(in);
    auto key = in.context.admin.keys->show(in.path_rest);
    co_return co_await show(in, std::move(key));
}

Task<Status> change_key(Incoming& in) {
    name_object(in);
    auto body = co_await in.body.whole();
    if (!body) {
        co_return co_await in.reply.refuse(body.problem());
    }
    auto call = audit_note(in, in.connection.clock.wall(), 200);
    std::string which(in.path_rest);
    auto changed =
        co_await in.context.admin.keys->change(std::move(call), std::move(which), std::move(*body));
    co_return co_await report(in, 200, std::move(changed));
}

Task<Status> revoke_key(Incoming& in) {
    name_object(in);
    auto call = audit_note(in, in.connection.clock.wall(), 200);
    std::string which(in.path_rest);
    auto revoked = co_await in.context.admin.keys->revoke(std::move(call), std::move(which));
    co_return co_await report(in, 200, std::move(revoked));
}

Task<Status> rotate_key(Incoming& in) {
    name_object(in);
    auto call = audit_note(in, in.connection.clock.wall(), 200);
    std::string which(in.path_rest);
    auto rotated = co_await in.context.admin.keys->rotate(std::move(call), std::move(which));
    co_return co_await report(in, 200, std::move(rotated));
}

Task<Status> show_audit(Incoming& in) {
    auto page = page_of(in.head.query);
    if (!page) {
        co_return co_await in.reply.refuse(page.problem());
    }
    auto entries = co_await in.context.admin.keys->audit(std::move(*page));
    co_return co_await show(in, std::move(entries));
}

}  // namespace gatehouse::server
