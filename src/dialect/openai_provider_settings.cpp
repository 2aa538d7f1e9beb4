#include "openai_provider.hpp"

namespace gatehouse::dialect {

void write_openai_sampling(JsonOut& json, const OpenaiPlan& plan) {
    if (plan.temperature) {
        json.key("temperature").number(*plan.temperature);
    }
    if (plan.top_p) {
        json.key("top_p").number(*plan.top_p);
    }
}

void write_openai_service(JsonOut& json, const OpenaiPlan& plan, const chat::ModelFacts& facts) {
    if (!plan.end_user.empty()) {
        json.key(facts.newer_fields ? "safety_identifier" : "user").string(plan.end_user);
    }
    if (!plan.prompt_cache_key.empty()) {
        json.key("prompt_cache_key").raw(plan.prompt_cache_key);
    }
    for (const auto& member : plan.passed) {
        json.key(member.name).raw(member.value);
    }
    if (!plan.service_tier.empty()) {
        json.key("service_tier").string(plan.service_tier);
    }
}

}  // namespace gatehouse::dialect
