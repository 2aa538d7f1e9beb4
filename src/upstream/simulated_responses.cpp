#include "simulated_answer.hpp"
#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t tokens_per_item = 4;

void read_item(const Json& item, SimulatedPrompt& prompt) {
    prompt.tokens += tokens_per_item;
    prompt.tool_result.reset();
    const std::string type = string_in(item, "type");
    if (type == "function_call_output" || type == "custom_tool_call_output") {
        prompt.tool_result = text_of(member_of(item, "output"), prompt.tokens);
    } else if (type == "function_call" || type == "custom_tool_call") {
        prompt.tokens += count_simulated_tokens(text_form(item));
    } else {
        auto text = text_of(member_of(item, "content"), prompt.tokens);
        if (string_in(item, "role") == "user") {
            prompt.said = std::move(text);
        }
    }
}

SimulatedPrompt read_response_prompt(const Json& body) {
    SimulatedPrompt prompt;
    const Json& input = member_of(body, "input");
    if (input.is_string()) {
        prompt.said = input.get<std::string>();
        prompt.tokens = tokens_per_item + count_simulated_tokens(prompt.said);
    } else {
        for (const Json& item : input) {
            read_item(item, prompt);
        }
    }
    prompt.tokens += count_simulated_tokens(string_in(body, "instructions"));
    if (const Json& tools = member_of(body, "tools"); tools.is_array()) {
        prompt.tokens += count_simulated_tokens(text_form(tools));
    }
    prompt.tools = tools_of(body);
    prompt.parallel = flag_in(body, "parallel_tool_calls", true);
    prompt.json = json_by(member_of(member_of(body, "text"), "format"), prompt.said);
    prompt.most_tokens = count_in(body, "max_output_tokens");
    return prompt;
}

class Responses {
public:
    explicit Responses(const SimulatedTask& task)
        : task_(task),
          model_(string_in(task.body, "model")),
          prompt_(read_response_prompt(task.body)),
          orders_(orders_in(model_, prompt_.said)),
          pace_(task.call.pace),
          answer_(answer_to(prompt_, 0)) {
        if (orders_.pace) {
            pace_ = {*orders_.pace, *orders_.pace};
        }
    }

    SimulatedScript reply() {
        if (orders_.error != 0) {
            return error_reply(orders_.error, task_.seed);
        }
        if (!flag_in(task_.body, "stream", false)) {
            return whole_reply(last_form(), time_for(answer_.tokens(), pace_), orders_, task_.seed);
        }
        StreamScript script(pace_, orders_, task_.seed);
        send(script, "response.created", {{"response", first_form()}});
        send(script, "response.in_progress", {{"response", first_form()}});
        if (answer_.calls.empty()) {
            stream_message(script);
        }
        for (std::size_t i = 0; i < answer_.calls.size(); ++i) {
            stream_call(script, i);
        }
        send(script, answer_.cut_short ? "response.incomplete" : "response.completed",
             {{"response", last_form()}});
        return script.finish();
    }

private:
    /// An event with its type in it and the next sequence number.
    Json numbered(std::string_view type, const Json& members) {
        Json event;
        event["type"] = type;
        event["sequence_number"] = sequence_++;
        event.update(members);
        return event;
    }
    void send(StreamScript& script, std::string_view type, const Json& members) {
        script.event(type, numbered(type, members));
    }
    void send_token(StreamScript& script, std::string_view type, const Json& members) {
        script.token(type, numbered(type, members));
    }

    Json form(std::string_view status, Json output, Json usage) const {
        Json json;
        json["id"] = simulated_id("resp_", task_.seed);
        json["object"] = "response";
        json["created_at"] = task_.call.created;
        json["status"] = status;
        json["background"] = false;
        json["error"] = nullptr;
        json["incomplete_details"] = nullptr;
        if (status == "incomplete") {
            json["incomplete_details"] = Json::object({{"reason", "max_output_tokens"}});
        }
        json["instructions"] = member_of(task_.body, "instructions");
        json["max_output_tokens"] = member_of(task_.body, "max_output_tokens");
        json["model"] = model_;
        json["output"] = std::move(output);
        json["parallel_tool_calls"] = prompt_.parallel;
        json["previous_response_id"] = nullptr;
        json["service_tier"] = "default";
        json["store"] = false;  // nothing is kept here
        json["temperature"] = task_.body.contains("temperature") ? task_.body["temperature"] : Json(1.0);
        json["text"] =
            task_.body.contains("text") ? task_.body["text"] : Json::object({{"format", {{"type", "text"}}}});
        json["tool_choice"] = task_.body.contains("tool_choice") ? task_.body["tool_choice"] : Json("auto");
        json["tools"] = task_.body.contains("tools") ? task_.body["tools"] : Json::array();
        json["top_p"] = task_.body.contains("top_p") ? task_.body["top_p"] : Json(1.0);
        json["truncation"] = "disabled";
        json["usage"] = std::move(usage);
        json["metadata"] = task_.body.contains("metadata") ? task_.body["metadata"] : Json::object();
        json["system_fingerprint"] = "simulated";
        return json;
    }
    Json first_form() const { return form("in_progress", Json::array(), nullptr); }
    Json last_form() const {
        Json output = Json::array();
        if (answer_.calls.empty()) {
            output.push_back(message("completed", Json::array({part(answer_.text)})));
        }
        for (const auto& call : answer_.calls) {
            output.push_back(call_item(call, "completed", call.input));
        }
        Json usage;
        usage["input_tokens"] = prompt_.tokens;
        usage["input_tokens_details"] = {{"cached_tokens", 0}};
        usage["output_tokens"] = answer_.tokens();
        usage["output_tokens_details"] = {{"reasoning_tokens", 0}};
        usage["total_tokens"] = prompt_.tokens + answer_.tokens();
        return form(answer_.cut_short ? "incomplete" : "completed", std::move(output), std::move(usage));
    }

    std::string message_id() const { return simulated_id("msg_", task_.seed); }
    Json message(std::string_view status, Json content) const {
        Json item;
        item["id"] = message_id();
        item["type"] = "message";
        item["status"] = status;
        item["role"] = "assistant";
        item["content"] = std::move(content);
        return item;
    }
    static Json part(std::string_view text) {
        Json json;
        json["type"] = "output_text";
        json["text"] = text;
        json["annotations"] = Json::array();
        json["logprobs"] = Json::array();
        return json;
    }
    std::string call_item_id(const SimulatedTool& call) const {
        return simulated_id(call.custom ? "ctc_" : "fc_", task_.seed ^ simulated_hash(call.name));
    }
    Json call_item(const SimulatedTool& call, std::string_view status, std::string_view input) const {
        Json item;
        item["id"] = call_item_id(call);
        item["type"] = call.custom ? "custom_tool_call" : "function_call";
        item["status"] = status;
        item["call_id"] = simulated_id("call_", task_.seed ^ simulated_hash(call.name));
        item["name"] = call.name;
        item[call.custom ? "input" : "arguments"] = input;
        return item;
    }

    void stream_message(StreamScript& script) {
        Json at;  // where the events of the one text part belong
        at["item_id"] = message_id();
        at["output_index"] = 0;
        at["content_index"] = 0;
        const auto with = [&at](const char* key, Json value) {
            Json members = at;
            members[key] = std::move(value);
            return members;
        };
        send(script, "response.output_item.added",
             {{"output_index", 0}, {"item", message("in_progress", Json::array())}});
        send(script, "response.content_part.added", with("part", part("")));
        for (const auto token : simulated_tokens(answer_.text)) {
            Json members = with("delta", token);
            members["logprobs"] = Json::array();
            send_token(script, "response.output_text.delta", members);
        }
        Json text = with("text", answer_.text);
        text["logprobs"] = Json::array();
        send(script, "response.output_text.done", text);
        send(script, "response.content_part.done", with("part", part(answer_.text)));
        send(script, "response.output_item.done",
             {{"output_index", 0}, {"item", message("completed", Json::array({part(answer_.text)}))}});
    }

    void stream_call(StreamScript& script, std::size_t index) {
        const auto& call = answer_.calls[index];
        const std::string family =
            call.custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
        Json at;
        at["item_id"] = call_item_id(call);
        at["output_index"] = index;
        send(script, "response.output_item.added",
             {{"output_index", index}, {"item", call_item(call, "in_progress", "")}});
        for (const auto token : simulated_tokens(call.input)) {
            Json members = at;
            members["delta"] = token;
            send_token(script, family + ".delta", members);
        }
        Json whole = at;
        if (!call.custom) {
            whole["name"] = call.name;
        }
        whole[call.custom ? "input" : "arguments"] = call.input;
        send(script, family + ".done", whole);
        send(script, "response.output_item.done",
             {{"output_index", index}, {"item", call_item(call, "completed", call.input)}});
    }

    const SimulatedTask& task_;
    std::string model_;
    SimulatedPrompt prompt_;
    SimulatedOrders orders_;
    SimulatedOptions pace_;
    SimulatedAnswer answer_;
    std::int64_t sequence_{0};
};

}  // namespace

SimulatedScript simulate_responses(const SimulatedTask& task) {
    const Json& input = member_of(task.body, "input");
    if (!input.is_string() && !input.is_array()) {
        SimulatedError error;
        error.message = "'input' must be a string or an array of items.";
        error.param = "input";
        return error_reply(error, task.seed);
    }
    return Responses(task).reply();
}

}  // namespace gatehouse::upstream
