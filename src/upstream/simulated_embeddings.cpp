#include "simulated_answer.hpp"
#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"
#include "simulated_vector.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <utility>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t default_dimensions = 256;
constexpr std::int64_t most_dimensions = 3072;

struct Input {
    std::string text;
    std::int64_t tokens{0};
};

/// One input: a text, or token ids, which are as good as words here.
Input read_input(const Json& given) {
    if (given.is_string()) {
        const auto& text = given.get_ref<const std::string&>();
        return {text, count_simulated_tokens(text)};
    }
    Input input;
    if (given.is_array()) {
        input.tokens = static_cast<std::int64_t>(given.size());
        for (const Json& id : given) {
            input.text += text_form(id) + ' ';
        }
    }
    return input;
}

std::vector<Input> read_inputs(const Json& given) {
    std::vector<Input> inputs;
    if (given.is_array() && !given.empty() && !given.front().is_number()) {
        for (const Json& one : given) {
            inputs.push_back(read_input(one));
        }
    } else if (given.is_string() || (given.is_array() && !given.empty())) {
        inputs.push_back(read_input(given));
    }
    return inputs;
}

/// Little-endian, as OpenAI sends them.
std::string float_bytes(const std::vector<float>& vector) {
    std::string bytes;
    bytes.reserve(vector.size() * sizeof(float));
    for (const float value : vector) {
        auto bits = std::bit_cast<std::uint32_t>(value);
        for (int i = 0; i < 4; ++i) {
            bytes += static_cast<char>(bits & 0xFFU);
            bits >>= 8U;
        }
    }
    return bytes;
}

SimulatedScript invalid(std::string message, std::string param, std::uint64_t seed) {
    SimulatedError error;
    error.message = std::move(message);
    error.param = std::move(param);
    return error_reply(error, seed);
}

}  // namespace

SimulatedScript simulate_embeddings(const SimulatedTask& task) {
    const auto inputs = read_inputs(member_of(task.body, "input"));
    if (inputs.empty() || inputs.size() > most_simulated_inputs) {
        return invalid("'input' must be a text, token ids, or an array of at most 2048 of them.", "input",
                       task.seed);
    }
    const auto dimensions = count_in(task.body, "dimensions").value_or(default_dimensions);
    if (dimensions > most_dimensions) {
        return invalid("'dimensions' must be at most 3072.", "dimensions", task.seed);
    }
    const std::string model = string_in(task.body, "model");
    const auto orders = orders_in(model, inputs.front().text);
    if (orders.error != 0) {
        return error_reply(orders.error, task.seed);
    }
    const bool base64 = string_in(task.body, "encoding_format") == "base64";
    Json data = Json::array();
    std::int64_t tokens = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        tokens += inputs[i].tokens;
        const auto vector = simulated_vector(inputs[i].text, static_cast<std::size_t>(dimensions));
        Json entry;
        entry["object"] = "embedding";
        entry["index"] = i;
        entry["embedding"] = base64 ? Json(wire::to_base64(float_bytes(vector))) : Json(vector);
        data.push_back(std::move(entry));
    }
    Json body;
    body["object"] = "list";
    body["data"] = std::move(data);
    body["model"] = model;
    body["usage"]["prompt_tokens"] = tokens;
    body["usage"]["total_tokens"] = tokens;
    return whole_reply(body, orders.pace.value_or(task.call.pace.first_token), orders, task.seed);
}

}  // namespace gatehouse::upstream
