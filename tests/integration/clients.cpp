#include "clients.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::integration {

JsonValue recorded(const std::string& file, std::size_t exchange) {
    return JsonValue::golden(file + ".json")["exchanges"][exchange]["response"];
}

test::FakeResponse event_stream(const std::string& bytes) {
    test::FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream; charset=utf-8");
    response.framing = test::FakeFraming::chunked;
    response.body.emplace_back(bytes);
    return response;
}

std::string message(std::string_view model, std::string_view more) {
    return fmt::format(
        R"({{"model":"{}","max_tokens":100,"messages":[{{"role":"user","content":"Hello"}}]{}}})", model,
        more);
}

void ClientsTest::provide(std::string_view kind, std::string_view model, test::FakeUpstream::Script script) {
    upstream = std::make_unique<test::FakeUpstream>(std::move(script));
    Plan plan;
    plan.models = fmt::format("  m: {{targets: [{{provider: other, model: {}}}]}}\n", model);
    plan.more_providers = fmt::format("  other: {{kind: {}, base_url: \"{}{}\", api_keys: [{}]}}\n", kind,
                                      upstream->base_url(), kind == "gemini" ? "/v1beta" : "", provider_key);
    house = std::make_unique<House>(plan);
}

void ClientsTest::simulate() {
    Plan plan;
    plan.models =
        "  sim: {targets: [{provider: sim, model: chat}]}\n"
        "  vec: {targets: [{provider: sim, model: embedding}]}\n";
    house = std::make_unique<House>(plan);
}

}  // namespace gatehouse::integration
