#include "simulated_reply.hpp"

#include "simulated_answer.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deltas_before_the_end = 2;

SimulatedEnd end_by(const SimulatedOrders& orders) {
    if (orders.cut) {
        return SimulatedEnd::cut;
    }
    return orders.stall ? SimulatedEnd::stall : SimulatedEnd::complete;
}

SimulatedScript headed(std::string_view media_type, Milliseconds takes, std::uint64_t seed) {
    SimulatedScript script;
    script.fields.emplace_back("content-type", media_type);
    script.fields.emplace_back("openai-processing-ms", std::to_string(takes.count()));
    script.fields.emplace_back("openai-version", "2020-10-01");
    script.fields.emplace_back("x-request-id", simulated_id("req_", seed));
    return script;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

}  // namespace

SimulatedScript error_reply(const SimulatedError& error, std::uint64_t seed) {
    Json body;
    body["error"]["message"] = error.message;
    body["error"]["type"] = error.type;
    body["error"]["param"] = text_or_null(error.param);
    body["error"]["code"] = text_or_null(error.code);
    auto script = headed("application/json", Milliseconds(0), seed);
    script.status = error.status;
    if (error.status == 429 || error.status == 503) {
        script.fields.emplace_back("retry-after", "1");
    }
    script.steps.push_back({Milliseconds(0), text_form(body)});
    return script;
}

SimulatedScript error_reply(int status, std::uint64_t seed) {
    SimulatedError error;
    error.status = status;
    error.message = "Simulated error " + std::to_string(status) + ", as the request asked for.";
    if (status >= 500) {
        error.type = "server_error";
    } else if (status == 401) {
        error.type = "authentication_error";
        error.code = "invalid_api_key";
    } else if (status == 403) {
        error.type = "permission_error";
    } else if (status == 404) {
        error.code = "model_not_found";
    } else if (status == 429) {
        error.type = "rate_limit_error";
        error.code = "rate_limit_exceeded";
    }
    return error_reply(error, seed);
}

SimulatedScript whole_reply(const nlohmann::ordered_json& body, Milliseconds takes,
                            const SimulatedOrders& orders, std::uint64_t seed) {
    auto script = headed("application/json", takes, seed);
    script.head_after = takes;
    script.end = end_by(orders);
    std::string text = text_form(body);
    if (script.end == SimulatedEnd::complete) {
        script.steps.push_back({Milliseconds(0), std::move(text)});
    } else {
        script.sized = false;
        script.steps.push_back({Milliseconds(0), text.substr(0, text.size() / 2)});
    }
    return script;
}

Milliseconds time_for(std::int64_t tokens, const SimulatedOptions& pace) {
    return tokens <= 0 ? pace.first_token : pace.first_token + pace.per_token * (tokens - 1);
}

StreamScript::StreamScript(const SimulatedOptions& pace, const SimulatedOrders& orders, std::uint64_t seed)
    : pace_(pace),
      ordered_end_(end_by(orders)),
      script_(headed("text/event-stream; charset=utf-8", pace.first_token, seed)) {
    script_.sized = false;
}

void StreamScript::terminator() {
    add(Milliseconds(0), "", "[DONE]");
}

void StreamScript::event(std::string_view name, const nlohmann::ordered_json& data) {
    add(Milliseconds(0), name, text_form(data));
}

void StreamScript::token(std::string_view name, const nlohmann::ordered_json& data) {
    add(tokens_ == 0 ? pace_.first_token : pace_.per_token, name, text_form(data));
    ++tokens_;
    if (tokens_ == deltas_before_the_end) {
        script_.end = ordered_end_;
    }
}

SimulatedScript StreamScript::finish() {
    script_.end = ordered_end_;
    return std::move(script_);
}

void StreamScript::add(Milliseconds after, std::string_view name, std::string_view data) {
    if (ended()) {
        return;
    }
    std::string bytes;
    if (!name.empty()) {
        bytes += "event: ";
        bytes += name;
        bytes += '\n';
    }
    bytes += "data: ";
    bytes += data;
    bytes += "\n\n";
    script_.steps.push_back({after, std::move(bytes)});
}

}  // namespace gatehouse::upstream
