#include "simulated_answer.hpp"
#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

/// The texts of a legacy `prompt`: one, several, or token ids that nobody can read here.
std::vector<SimulatedPrompt> read_prompts(const Json& body) {
    std::vector<SimulatedPrompt> prompts;
    const auto add = [&](std::string text, std::int64_t tokens) {
        SimulatedPrompt prompt;
        prompt.said = std::move(text);
        prompt.tokens = tokens;
        prompt.stops = stops_of(body);
        prompt.most_tokens = count_in(body, "max_tokens").value_or(16);  // OpenAI's default
        prompts.push_back(std::move(prompt));
    };
    const Json& given = member_of(body, "prompt");
    if (given.is_array() && !given.empty() && !given.front().is_number()) {
        for (const Json& one : given) {
            const std::string text = one.is_string() ? one.get<std::string>() : std::string();
            add(text, one.is_array() ? static_cast<std::int64_t>(one.size()) : count_simulated_tokens(text));
        }
    } else {
        const std::string text = given.is_string() ? given.get<std::string>() : std::string();
        add(text, given.is_array() ? static_cast<std::int64_t>(given.size()) : count_simulated_tokens(text));
    }
    return prompts;
}

Json completion_form(const SimulatedTask& task, Json choices) {
    Json body;
    body["id"] = simulated_id("cmpl-", task.seed);
    body["object"] = "text_completion";
    body["created"] = task.call.created;
    body["model"] = string_in(task.body, "model");
    body["system_fingerprint"] = "simulated";
    body["choices"] = std::move(choices);
    return body;
}

Json completion_choice(std::size_t index, std::string_view text, Json finish) {
    Json choice;
    choice["index"] = index;
    choice["text"] = text;
    choice["logprobs"] = nullptr;
    choice["finish_reason"] = std::move(finish);
    return choice;
}

Json plain_usage(std::int64_t prompt, std::int64_t completion) {
    Json usage;
    usage["prompt_tokens"] = prompt;
    usage["completion_tokens"] = completion;
    usage["total_tokens"] = prompt + completion;
    return usage;
}

}  // namespace

SimulatedScript simulate_completions(const SimulatedTask& task) {
    const auto prompts = read_prompts(task.body);
    if (prompts.size() > most_simulated_inputs) {
        SimulatedError error;
        error.message = "'prompt' must be a text, token ids, or an array of at most 2048 of them.";
        error.param = "prompt";
        return error_reply(error, task.seed);
    }
    const auto orders = orders_in(string_in(task.body, "model"), prompts.front().said);
    if (orders.error != 0) {
        return error_reply(orders.error, task.seed);
    }
    const auto pace = orders.pace ? SimulatedOptions{*orders.pace, *orders.pace} : task.call.pace;
    const auto choices = std::min(count_in(task.body, "n").value_or(1), most_simulated_choices);
    std::vector<SimulatedAnswer> answers;
    std::int64_t prompt_tokens = 0;
    std::int64_t completion_tokens = 0;
    for (const auto& prompt : prompts) {
        prompt_tokens += prompt.tokens;
        for (std::int64_t i = 0; i < choices; ++i) {
            answers.push_back(answer_to(prompt, i));
            completion_tokens += answers.back().tokens();
        }
    }
    const Json usage = plain_usage(prompt_tokens, completion_tokens);
    if (!flag_in(task.body, "stream", false)) {
        Json list = Json::array();
        for (std::size_t i = 0; i < answers.size(); ++i) {
            list.push_back(completion_choice(i, answers[i].text, finish_of(answers[i])));
        }
        Json body = completion_form(task, std::move(list));
        body["usage"] = usage;
        return whole_reply(body, time_for(completion_tokens, pace), orders, task.seed);
    }
    StreamScript script(pace, orders, task.seed);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        for (const auto token : simulated_tokens(answers[i].text)) {
            script.token("", completion_form(task, Json::array({completion_choice(i, token, nullptr)})));
        }
        script.event("",
                     completion_form(task, Json::array({completion_choice(i, "", finish_of(answers[i]))})));
    }
    if (flag_in(member_of(task.body, "stream_options"), "include_usage", false)) {
        Json last = completion_form(task, Json::array());
        last["usage"] = usage;
        script.event("", last);
    }
    script.terminator();
    return script.finish();
}

}  // namespace gatehouse::upstream
