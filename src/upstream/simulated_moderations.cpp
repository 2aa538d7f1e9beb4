#include "simulated_answer.hpp"
#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 13> categories{"harassment",
                                                 "harassment/threatening",
                                                 "hate",
                                                 "hate/threatening",
                                                 "illicit",
                                                 "illicit/violent",
                                                 "self-harm",
                                                 "self-harm/instructions",
                                                 "self-harm/intent",
                                                 "sexual",
                                                 "sexual/minors",
                                                 "violence",
                                                 "violence/graphic"};

/// The texts to be judged: each string of an array is one, all parts of a multi-modal input are one together.
std::vector<std::string> read_texts(const Json& input) {
    std::vector<std::string> texts;
    std::int64_t uncounted = 0;
    if (input.is_array() && !input.empty() && input.front().is_string()) {
        for (const Json& one : input) {
            texts.push_back(text_of(one, uncounted));
        }
    } else {
        texts.push_back(text_of(input, uncounted));
    }
    return texts;
}

Json judgement(bool flagged) {
    Json result;
    result["flagged"] = flagged;
    for (const char* category : categories) {
        const bool guilty = flagged && std::string_view(category) == "violence";
        result["categories"][category] = guilty;
        result["category_scores"][category] = guilty ? 0.99 : 0.0001;
        result["category_applied_input_types"][category] = Json::array({"text"});
    }
    return result;
}

}  // namespace

SimulatedScript simulate_moderations(const SimulatedTask& task) {
    const auto texts = read_texts(member_of(task.body, "input"));
    if (texts.size() > most_simulated_inputs) {
        SimulatedError error;
        error.message = "'input' must be a text, parts, or an array of at most 2048 texts.";
        error.param = "input";
        return error_reply(error, task.seed);
    }
    const std::string model = string_in(task.body, "model");
    const auto first = orders_in(model, texts.front());
    if (first.error != 0) {
        return error_reply(first.error, task.seed);
    }
    Json body;
    body["id"] = simulated_id("modr-", task.seed);
    body["model"] = model;
    body["results"] = Json::array();
    for (const auto& text : texts) {
        body["results"].push_back(judgement(orders_in("", text).flag));
    }
    return whole_reply(body, first.pace.value_or(task.call.pace.first_token), first, task.seed);
}

}  // namespace gatehouse::upstream
