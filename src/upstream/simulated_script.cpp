#include "simulated_script.hpp"

#include "simulated_endpoints.hpp"
#include "simulated_reply.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <array>

namespace gatehouse::upstream {

namespace {

using Json = nlohmann::ordered_json;

struct Endpoint {
    std::string_view path;  // below the base URL, whatever that is
    SimulatedScript (*simulate)(const SimulatedTask&);
};

// The first that the target ends with: chat before the legacy path.
constexpr std::array<Endpoint, 5> endpoints{{{"/chat/completions", simulate_chat},
                                             {"/completions", simulate_completions},
                                             {"/embeddings", simulate_embeddings},
                                             {"/responses", simulate_responses},
                                             {"/moderations", simulate_moderations}}};

const Endpoint* endpoint_of(std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    for (const auto& endpoint : endpoints) {
        if (path.ends_with(endpoint.path)) {
            return &endpoint;
        }
    }
    return nullptr;
}

// What the body of a request may hold. A tree is built of it, which takes time with the square of an object's
// members, and all of that time belongs to a lane that serves others too.
constexpr std::size_t most_in_script =
    300'000;                                 // as many as OpenAI takes tokens in one request of embeddings
constexpr std::size_t most_members = 1'000;  // of one object

/// Reads a value to its end, or to the first fault. False if the values so far are too many to bear.
bool is_bearable(wire::JsonReader& reader, std::size_t& values) {
    if (++values > most_in_script) {
        return false;
    }
    switch (reader.peek()) {
        case wire::JsonType::object: {
            std::size_t members = 0;
            reader.begin_object();
            while (reader.next_member()) {
                if (++members > most_members || !is_bearable(reader, values)) {
                    return false;
                }
            }
            return true;
        }
        case wire::JsonType::array:
            reader.begin_array();
            while (reader.next_element()) {
                if (!is_bearable(reader, values)) {
                    return false;
                }
            }
            return true;
        default:
            reader.skip();
            return true;
    }
}

}  // namespace

SimulatedScript simulate(const SimulatedCall& call) {
    const auto seed = simulated_hash(call.body) ^ simulated_hash(call.target);
    SimulatedError error;
    const Endpoint* endpoint = endpoint_of(call.target);
    if (endpoint == nullptr) {
        error.status = 404;
        error.message = "The simulated provider does not have this endpoint.";
        error.code = "not_found";
        return error_reply(error, seed);
    }
    if (call.method != "POST") {
        error.status = 405;
        error.message = "The simulated provider takes POST only.";
        error.code = "method_not_allowed";
        return error_reply(error, seed);
    }
    // Size, depth and syntax are checked before the tree is built.
    wire::JsonReader reader(call.body, wire::JsonLimits{});
    std::size_t values = 0;
    if (!is_bearable(reader, values)) {
        error.message = "The simulated provider takes at most 300000 values, and 1000 members of an object.";
        return error_reply(error, seed);
    }
    const auto body =
        reader.finish() ? Json::parse(call.body, nullptr, false) : Json(Json::value_t::discarded);
    if (!body.is_object()) {
        error.message = "The body is not a JSON object.";
        error.code = "invalid_json";
        return error_reply(error, seed);
    }
    const SimulatedTask task{body, call, seed};
    return endpoint->simulate(task);
}

}  // namespace gatehouse::upstream
