#include "gatehouse/pipeline/request_facts.hpp"

#include "gatehouse/policy/language.hpp"
#include "gatehouse/upstream/request_traits.hpp"

namespace gatehouse::pipeline {
namespace {

template <typename Map>
std::optional<std::string_view> value_in(const Map& map, std::string_view name) {
    const auto found = map.find(typename Map::key_type(name));
    return found == map.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

}  // namespace

const chat::RequestTraits& ExchangeFacts::traits() {
    if (!traits_) {
        traits_ = upstream::traits_of(request_);
    }
    return *traits_;
}

std::optional<std::string_view> ExchangeFacts::header(std::string_view name) {
    return value_in(labels_.headers, name);
}

WallTime ExchangeFacts::now() {
    if (!now_) {
        now_ = sources_.clock.wall();
    }
    return *now_;
}

std::optional<std::string_view> ExchangeFacts::tag(std::string_view name) {
    if (const auto own = value_in(caller_.tags, name)) {
        return own;
    }
    if (const auto said = value_in(labels_.tags, name)) {
        return said;
    }
    return value_in(traits().metadata, name);
}

TokenCount ExchangeFacts::prompt_tokens() {
    if (!prompt_tokens_) {
        prompt_tokens_ = upstream::prompt_tokens(traits(), sources_.counter);
    }
    return *prompt_tokens_;
}

std::string_view ExchangeFacts::language() {
    if (!language_) {
        language_ = policy::detect_language(traits().user_text);
    }
    return *language_;
}

policy::Tags ExchangeFacts::tags() {
    policy::Tags all = caller_.tags;
    all.insert(labels_.tags.begin(), labels_.tags.end());
    all.insert(traits().metadata.begin(), traits().metadata.end());
    return all;
}

}  // namespace gatehouse::pipeline
