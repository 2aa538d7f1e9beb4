#include "handlers.hpp"

#include "gatehouse/server/usage.hpp"
#include "gatehouse/wire/query.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::server {
namespace {

std::string_view media_type_of(UsageFormat format) noexcept {
    switch (format) {
        case UsageFormat::json:
            break;
        case UsageFormat::csv:
            return "text/csv; charset=utf-8";
        case UsageFormat::table:
            return "text/plain; charset=utf-8";
    }
    return "application/json";
}

Task<Status> answer_usage(Incoming& in, UsageScope scope) {
    const auto words = wire::query_parameters(in.head.query);
    auto question = read_usage_question(words, scope, in.connection.clock.wall());
    if (!question) {
        co_return co_await in.reply.refuse(question.problem());
    }
    if (in.context.ledger == nullptr) {
        const Problem off(ProblemKind::not_found, "The ledger is turned off (`ledger.enabled`).");
        co_return co_await in.reply.refuse(off);
    }
    if (scope == UsageScope::oneself) {
        question->query.key = in.caller->name;
    }
    auto query = question->query;
    const auto report = co_await in.context.ledger->usage(in.context.lane, std::move(query));
    if (!report) {
        co_return co_await in.reply.refuse(report.problem());
    }
    const std::string text = usage_text(*question, *report);
    const std::string_view type = media_type_of(question->format);
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, type, text);
}

}  // namespace

Task<Status> show_usage(Incoming& in) {
    return answer_usage(in, UsageScope::everybody);
}

Task<Status> show_own_usage(Incoming& in) {
    return answer_usage(in, UsageScope::oneself);
}

}  // namespace gatehouse::server
