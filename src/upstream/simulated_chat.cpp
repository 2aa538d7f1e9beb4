#include "simulated_answer.hpp"
#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t tokens_per_message = 4;

SimulatedPrompt read_prompt(const Json& body) {
    SimulatedPrompt prompt;
    for (const Json& message : member_of(body, "messages")) {
        prompt.tokens += tokens_per_message;
        auto text = text_of(member_of(message, "content"), prompt.tokens);
        if (const Json& calls = member_of(message, "tool_calls"); calls.is_array()) {
            prompt.tokens += count_simulated_tokens(text_form(calls));
        }
        const std::string role = string_in(message, "role");
        prompt.tool_result.reset();
        if (role == "user") {
            prompt.said = std::move(text);
        } else if (role == "tool" || role == "function") {
            prompt.tool_result = std::move(text);
        }
    }
    if (const Json& tools = member_of(body, "tools"); tools.is_array()) {
        prompt.tokens += count_simulated_tokens(text_form(tools));
    }
    prompt.tools = tools_of(body);
    prompt.parallel = flag_in(body, "parallel_tool_calls", true);
    prompt.json = json_by(member_of(body, "response_format"), prompt.said);
    prompt.stops = stops_of(body);
    prompt.most_tokens = count_in(body, "max_completion_tokens");
    if (!prompt.most_tokens) {
        prompt.most_tokens = count_in(body, "max_tokens");
    }
    return prompt;
}

Json usage_of(std::int64_t prompt, std::int64_t completion) {
    Json usage;
    usage["prompt_tokens"] = prompt;
    usage["completion_tokens"] = completion;
    usage["total_tokens"] = prompt + completion;
    usage["prompt_tokens_details"] = {{"cached_tokens", 0}, {"audio_tokens", 0}};
    usage["completion_tokens_details"] = {{"reasoning_tokens", 0},
                                          {"audio_tokens", 0},
                                          {"accepted_prediction_tokens", 0},
                                          {"rejected_prediction_tokens", 0}};
    return usage;
}

/// A call as it stands in a message; a stream's first delta of it has the same form with empty input.
Json call_form(const SimulatedTool& tool, std::uint64_t seed, std::string_view input) {
    Json call;
    call["id"] = simulated_id("call_", seed ^ simulated_hash(tool.name));
    call["type"] = tool.custom ? "custom" : "function";
    Json& spec = call[tool.custom ? "custom" : "function"];
    spec["name"] = tool.name;
    spec[tool.custom ? "input" : "arguments"] = input;
    return call;
}

class Chat {
public:
    explicit Chat(const SimulatedTask& task)
        : task_(task),
          model_(string_in(task.body, "model")),
          prompt_(read_prompt(task.body)),
          orders_(orders_in(model_, prompt_.said)),
          pace_(task.call.pace) {
        if (orders_.pace) {
            pace_ = {*orders_.pace, *orders_.pace};
        }
        const auto choices = std::min(count_in(task.body, "n").value_or(1), most_simulated_choices);
        for (std::int64_t i = 0; i < choices; ++i) {
            answers_.push_back(answer_to(prompt_, i));
            completion_ += answers_.back().tokens();
        }
    }

    SimulatedScript reply() const {
        if (orders_.error != 0) {
            return error_reply(orders_.error, task_.seed);
        }
        return flag_in(task_.body, "stream", false) ? stream() : whole();
    }

private:
    Json envelope(std::string_view object) const {
        Json json;
        json["id"] = simulated_id("chatcmpl-", task_.seed);
        json["object"] = object;
        json["created"] = task_.call.created;
        json["model"] = model_;
        json["service_tier"] = "default";
        json["system_fingerprint"] = "simulated";
        return json;
    }

    SimulatedScript whole() const {
        Json body = envelope("chat.completion");
        Json& choices = body["choices"] = Json::array();
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            const auto& answer = answers_[i];
            Json message;
            message["role"] = "assistant";
            message["content"] = answer.calls.empty() ? Json(answer.text) : Json();
            message["refusal"] = nullptr;
            message["annotations"] = Json::array();
            for (const auto& call : answer.calls) {
                message["tool_calls"].push_back(call_form(call, task_.seed + i, call.input));
            }
            Json choice;
            choice["index"] = i;
            choice["message"] = std::move(message);
            choice["logprobs"] = nullptr;
            choice["finish_reason"] = finish_of(answer);
            choices.push_back(std::move(choice));
        }
        body["usage"] = usage_of(prompt_.tokens, completion_);
        return whole_reply(body, time_for(completion_, pace_), orders_, task_.seed);
    }

    Json chunk(std::size_t index, Json delta, Json finish) const {
        Json json = envelope("chat.completion.chunk");
        Json choice;
        choice["index"] = index;
        choice["delta"] = std::move(delta);
        choice["logprobs"] = nullptr;
        choice["finish_reason"] = std::move(finish);
        json["choices"] = Json::array({std::move(choice)});
        if (wants_usage()) {
            json["usage"] = nullptr;
        }
        return json;
    }

    bool wants_usage() const {
        return flag_in(member_of(task_.body, "stream_options"), "include_usage", false);
    }

    SimulatedScript stream() const {
        StreamScript script(pace_, orders_, task_.seed);
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            Json delta;
            delta["role"] = "assistant";
            delta["content"] = answers_[i].calls.empty() ? Json("") : Json();
            delta["refusal"] = nullptr;
            script.event("", chunk(i, std::move(delta), nullptr));
        }
        stream_texts(script);
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            stream_calls(script, i);
        }
        for (std::size_t i = 0; i < answers_.size(); ++i) {
            script.event("", chunk(i, Json::object(), finish_of(answers_[i])));
        }
        if (wants_usage()) {
            Json last = envelope("chat.completion.chunk");
            last["choices"] = Json::array();
            last["usage"] = usage_of(prompt_.tokens, completion_);
            script.event("", last);
        }
        script.terminator();
        return script.finish();
    }

    /// The choices side by side, a token of each in turn.
    void stream_texts(StreamScript& script) const {
        std::vector<std::vector<std::string_view>> texts;
        std::size_t longest = 0;
        for (const auto& answer : answers_) {
            texts.push_back(simulated_tokens(answer.text));
            longest = std::max(longest, texts.back().size());
        }
        for (std::size_t token = 0; token < longest; ++token) {
            for (std::size_t i = 0; i < texts.size(); ++i) {
                if (token < texts[i].size()) {
                    script.token("", chunk(i, Json::object({{"content", texts[i][token]}}), nullptr));
                }
            }
        }
    }

    void stream_calls(StreamScript& script, std::size_t choice) const {
        const auto& calls = answers_[choice].calls;
        for (std::size_t i = 0; i < calls.size(); ++i) {
            Json call;
            call["index"] = i;
            call.update(call_form(calls[i], task_.seed + choice, ""));
            script.token("", chunk(choice, delta_of(call), nullptr));
            for (const auto fragment : simulated_tokens(calls[i].input)) {
                Json more;
                more["index"] = i;
                more[calls[i].custom ? "custom" : "function"][calls[i].custom ? "input" : "arguments"] =
                    fragment;
                script.token("", chunk(choice, delta_of(more), nullptr));
            }
        }
    }

    static Json delta_of(const Json& call) {
        Json delta;
        delta["tool_calls"] = Json::array({call});
        return delta;
    }

    const SimulatedTask& task_;
    std::string model_;
    SimulatedPrompt prompt_;
    SimulatedOrders orders_;
    SimulatedOptions pace_;
    std::vector<SimulatedAnswer> answers_;
    std::int64_t completion_{0};
};

}  // namespace

SimulatedScript simulate_chat(const SimulatedTask& task) {
    const Json& messages = member_of(task.body, "messages");
    if (!messages.is_array() || messages.empty()) {
        SimulatedError error;
        error.message = "'messages' must be an array with at least one message.";
        error.param = "messages";
        return error_reply(error, task.seed);
    }
    return Chat(task).reply();
}

}  // namespace gatehouse::upstream
