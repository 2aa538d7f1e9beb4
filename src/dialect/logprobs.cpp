#include "logprobs.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::dialect {
namespace {

using Value = nlohmann::ordered_json;

Value member(const Value& of, const char* name) {
    const auto found = of.is_object() ? of.find(name) : of.end();
    return of.is_object() && found != of.end() ? *found : Value();
}

std::string token_of(const Value& candidate) {
    const auto token = member(candidate, "token");
    return token.is_string() ? token.get<std::string>() : std::string();
}

Value bytes_of(const std::string& token) {
    auto bytes = Value::array();
    for (const char c : token) {
        bytes.push_back(static_cast<unsigned char>(c));
    }
    return bytes;
}

/// Of a candidate of either form.
Value in_chat(const Value& candidate) {
    const auto token = token_of(candidate);
    const auto probability = member(candidate, "logProbability");
    return {{"token", token},
            {"logprob", probability.is_number() ? probability : Value(0.0)},
            {"bytes", bytes_of(token)}};
}

Value in_gemini(const Value& entry) {
    const auto probability = member(entry, "logprob");
    return {{"token", token_of(entry)},
            {"logProbability", probability.is_number() ? probability : Value(0.0)}};
}

}  // namespace

std::string chat_logprobs(std::string_view logprobs_result) {
    if (logprobs_result.empty()) {
        return {};
    }
    const auto result = Value::parse(logprobs_result, nullptr, false);
    const auto chosen = member(result, "chosenCandidates");
    const auto top = member(result, "topCandidates");
    std::string out;
    for (std::size_t i = 0; chosen.is_array() && i < chosen.size(); ++i) {
        auto entry = in_chat(chosen[i]);
        entry["top_logprobs"] = Value::array();
        if (top.is_array() && i < top.size()) {
            for (const auto& candidate : member(top[i], "candidates")) {
                entry["top_logprobs"].push_back(in_chat(candidate));
            }
        }
        out += out.empty() ? "" : ",";
        out += entry.dump(-1, ' ', false, Value::error_handler_t::replace);
    }
    return out;
}

std::string gemini_logprobs(std::string_view elements) {
    std::string list = "[";
    list += elements;
    list += ']';
    const auto entries = Value::parse(list, nullptr, false);
    auto chosen = Value::array();
    auto top = Value::array();
    for (std::size_t i = 0; entries.is_array() && i < entries.size(); ++i) {
        chosen.push_back(in_gemini(entries[i]));
        auto candidates = Value::array();
        for (const auto& candidate : member(entries[i], "top_logprobs")) {
            candidates.push_back(in_gemini(candidate));
        }
        top.push_back({{"candidates", std::move(candidates)}});
    }
    return Value{{"topCandidates", std::move(top)}, {"chosenCandidates", std::move(chosen)}}.dump(
        -1, ' ', false, Value::error_handler_t::replace);
}

}  // namespace gatehouse::dialect
