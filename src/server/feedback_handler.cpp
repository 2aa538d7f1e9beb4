#include "handlers.hpp"

#include "gatehouse/pipeline/cache_feedback.hpp"
#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::server {
namespace {

using pipeline::Judgement;

/// A caller's word on an answer that it got.
struct Feedback {
    std::string request;  // the id that its reply had
    Judgement judgement{Judgement::wrong};
};

Problem wrong_member(const char* message, const char* param) {
    return Problem(ProblemKind::invalid_type, message).with_param(param);
}

Problem missing(const char* param) {
    return Problem(ProblemKind::missing_parameter, std::string("`") + param + "` is missing.")
        .with_param(param);
}

/// Longer ones are not told back: a name may be as long as the body.
constexpr std::size_t longest_told_name = 64;

Problem unknown_member(std::string_view name) {
    return Problem(ProblemKind::invalid_value, "The members are `request_id` and `right`.")
        .with_param(std::string(name.size() <= longest_told_name ? name : std::string_view()));
}

Problem repeated_member(const char* param) {
    return Problem(ProblemKind::invalid_value, std::string("`") + param + "` stands there twice.")
        .with_param(param);
}

struct FeedbackMembers {
    std::optional<std::string> request{};
    std::optional<bool> right{};
};

/// The member that `json` is at. A misspelt one is none that may be passed over, and of two that say
/// different things neither counts.
Status read_feedback_member(wire::JsonReader& json, FeedbackMembers& members) {
    if (json.key() == "request_id") {
        if (members.request) {
            return repeated_member("request_id");
        }
        if (json.peek() != wire::JsonType::string) {
            return wrong_member("`request_id` must be a string.", "request_id");
        }
        members.request = json.string();
        return done();
    }
    if (json.key() == "right") {
        if (members.right) {
            return repeated_member("right");
        }
        if (json.peek() != wire::JsonType::boolean) {
            return wrong_member("`right` must be true or false.", "right");
        }
        members.right = json.boolean();
        return done();
    }
    return unknown_member(json.key());
}

/// `{"request_id": "req_…", "right": false}`.
Result<Feedback> read_feedback(std::string_view body) {
    wire::JsonReader json(body, wire::JsonLimits{});
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return json.finish() ? Problem(ProblemKind::invalid_type, "The body must be a JSON object.")
                             : json.problem();
    }
    FeedbackMembers members;
    json.begin_object();
    while (json.next_member()) {
        const auto read = read_feedback_member(json, members);
        if (!read) {
            return read.problem();
        }
    }
    if (!json.finish()) {
        return json.problem();
    }
    if (members.request.value_or("").empty()) {
        return missing("request_id");
    }
    if (!members.right) {
        return missing("right");
    }
    return Feedback{std::move(*members.request), *members.right ? Judgement::right : Judgement::wrong};
}

std::string answer_text(const Feedback& feedback, const pipeline::JudgedHit& judged) {
    const auto word = [](bool value) { return value ? "true" : "false"; };
    std::string text = R"({"object":"cache.feedback","request_id":)";
    text += wire::json_string(feedback.request);
    text += R"(,"right":)";
    text += word(feedback.judgement == Judgement::right);
    text += R"(,"counted":)";
    text += word(judged.counted);
    text += R"(,"forgotten":)";
    text += word(judged.forgotten);
    text += R"(,"recorded":)";
    text += word(judged.recorded);
    text += '}';
    return text;
}

/// Ids that nobody has never come here: they may be as long as a body.
void write_down(const Feedback& feedback, std::string_view caller) {
    telemetry::log(
        telemetry::LogLevel::info, "cache_feedback",
        {{"caller", caller}, {"request_id", feedback.request}, {"verdict", name_of(feedback.judgement)}});
}

}  // namespace

Task<Status> take_feedback(Incoming& in) {
    const auto body = co_await in.body.whole();
    if (!body) {
        co_return co_await in.reply.refuse(body.problem());
    }
    const auto feedback = read_feedback(*body);
    if (!feedback) {
        co_return co_await in.reply.refuse(feedback.problem());
    }
    const auto* cache = in.context.admin.cache;
    if (cache == nullptr) {
        const Problem none(ProblemKind::not_found, "There is no cache here.");
        co_return co_await in.reply.refuse(none);
    }
    const auto judged = pipeline::judge_hit(*cache, in.caller->name, feedback->request, feedback->judgement,
                                            in.connection.clock.now());
    if (!judged) {
        co_return co_await in.reply.refuse(judged.problem());
    }
    if (judged->counted) {
        write_down(*feedback, in.caller->name);
    }
    const std::string text = answer_text(*feedback, *judged);
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

}  // namespace gatehouse::server
