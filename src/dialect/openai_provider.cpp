#include "openai_provider.hpp"

#include "effort_share.hpp"
#include "fitting_id.hpp"

#include "gatehouse/core/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::OutputKind;

constexpr std::int64_t usual_max_output = 128'000;  // of a model whose maximum nobody knows
constexpr std::int64_t least_response = 16;         // tokens: /responses refuses less

bool mentions_json(std::string_view text) {
    constexpr std::string_view word = "json";
    const auto same = [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    };
    return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

class Planner {
public:
    Planner(const chat::Conversation& conversation, const chat::ModelFacts& facts, OpenaiForm form,
            Losses& losses)
        : said_(conversation), facts_(facts), form_(form), losses_(losses) {}

    OpenaiPlan plan() {
        plan_.reasons = !facts_.efforts.empty() && !facts_.sampling;
        plan_effort();
        plan_sampling();
        plan_limit();
        plan_output();
        plan_answer();
        plan_service();
        note_cache_marks();
        for (const auto& other : said_.others) {
            name_other(other);
        }
        const auto named = [](const chat::Message& message) {
            return message.role != chat::Role::tool && !message.name.empty();
        };
        if (std::any_of(said_.messages.begin(), said_.messages.end(), named)) {
            losses_.drop("messages.name");
        }
        return std::move(plan_);
    }

private:
    void plan_effort() {
        auto wish = said_.reasoning.effort;
        if (said_.reasoning.budget && *said_.reasoning.budget == 0) {
            wish = Effort::none;
        } else if (said_.reasoning.budget && *said_.reasoning.budget > 0) {
            const auto longest = said_.max_tokens.value_or(facts_.max_output.value_or(usual_max_output));
            wish = effort_of(*said_.reasoning.budget, longest);
        }
        auto efforts = facts_.efforts;
        if (form_ == OpenaiForm::chat) {
            std::erase(efforts, Effort::max);
        }
        if (efforts.empty()) {
            if (wish > Effort::none) {
                losses_.drop("reasoning_effort");
            }
            return;
        }
        if (form_ == OpenaiForm::chat && !facts_.tools_with_reasoning && !said_.tools.empty()) {
            plan_tools_without_reasoning(wish, efforts);
        } else if (wish != Effort::unsaid) {
            plan_.effort = nearest_effort(wish, efforts);
            if (plan_.effort != wish) {
                losses_.drop("reasoning_effort");
            }
        }
    }

    void plan_tools_without_reasoning(Effort wish, const std::vector<Effort>& efforts) {
        if (efforts.front() != Effort::none) {
            losses_.refuse("tools", "the model takes them at /responses alone");
            return;
        }
        plan_.effort = Effort::none;
        if (wish > Effort::none) {
            losses_.drop("reasoning_effort");
        }
    }

    /// Values that are the default anyway pass everywhere, and are left out.
    void plan_sampling() {
        plan_.samples = facts_.sampling || (plan_.reasons && plan_.effort == Effort::none);
        if (said_.temperature.value_or(1) != 1 && plan_.samples) {
            plan_.temperature = said_.temperature;
        } else if (said_.temperature.value_or(1) != 1) {
            losses_.drop("temperature");
        }
        if (said_.top_p.value_or(1) != 1 && plan_.samples) {
            plan_.top_p = said_.top_p;
        } else if (said_.top_p.value_or(1) != 1) {
            losses_.drop("top_p");
        }
        if (said_.top_k) {
            losses_.drop("top_k");
        }
    }

    void plan_limit() {
        if (said_.max_tokens == 0) {
            losses_.refuse("max_completion_tokens",
                           "only Anthropic's models warm their cache without an answer");
        }
        plan_.max_tokens = said_.max_tokens;
        if (plan_.max_tokens && facts_.max_output && *plan_.max_tokens > *facts_.max_output) {
            plan_.max_tokens = facts_.max_output;
            losses_.drop("max_completion_tokens");
        }
        if (form_ == OpenaiForm::responses && plan_.max_tokens && *plan_.max_tokens < least_response) {
            plan_.max_tokens = least_response;
            losses_.drop("max_completion_tokens");
        }
    }

    /// JSON mode insists on the word "json" in what was said.
    void plan_output() {
        const auto& output = said_.output;
        const bool schema = output.kind == OutputKind::json_schema && !output.schema.empty();
        plan_.schema = schema && facts_.output_schema;
        if (schema && !facts_.output_schema) {
            plan_json_tool();
        } else if (!schema && output.kind != OutputKind::text) {
            const auto says = [](const chat::Part& part) {
                const auto* text = std::get_if<chat::Text>(&part.what);
                return text != nullptr && mentions_json(text->text);
            };
            plan_.ask_for_json =
                std::none_of(said_.messages.begin(), said_.messages.end(), [&](const chat::Message& message) {
                    return std::any_of(message.parts.begin(), message.parts.end(), says);
                });
        }
    }

    void plan_json_tool() {
        const auto& choice = said_.tool_choice;
        const bool own = choice.kind == chat::ToolChoiceKind::required || choice.must_call ||
                         choice.kind == chat::ToolChoiceKind::named;
        if (!facts_.forced_tool) {
            losses_.refuse("response_format", "the model can be held to no schema");
        } else if (!own) {
            plan_.json_tool = "json";
            std::set<std::string_view> taken;
            for (const auto& tool : said_.tools) {
                taken.insert(tool.name);
            }
            for (int i = 2; taken.count(plan_.json_tool) > 0; ++i) {
                plan_.json_tool = fmt::format("json_{}", i);
            }
        }
    }

    void plan_answer() {
        const bool responses = form_ == OpenaiForm::responses;
        if (said_.logprobs && (responses || !facts_.logprobs)) {
            losses_.refuse("logprobs", "the model gives no probabilities");
        } else if (!said_.logprobs && said_.top_logprobs.value_or(0) > 0) {
            losses_.refuse("top_logprobs", "it needs `logprobs`");
        }
        if (said_.choices > 1 && (responses || !facts_.several_choices)) {
            losses_.refuse("n", "the model gives one answer");
        }
        const bool may_stop = !responses && (!plan_.reasons || plan_.effort == Effort::none);
        if (!said_.stop.empty() && !may_stop) {
            losses_.refuse("stop", "the model takes no stop sequences");
        } else if (said_.stop.size() > 4) {
            losses_.refuse("stop", "the provider takes 4 stop sequences at most");
        }
        if (said_.presence_penalty.value_or(0) != 0 && (responses || !facts_.penalties)) {
            losses_.drop("presence_penalty");
        }
        if (said_.frequency_penalty.value_or(0) != 0 && (responses || !facts_.penalties)) {
            losses_.drop("frequency_penalty");
        }
        if (said_.seed && responses) {
            losses_.drop("seed");
        }
    }

    void plan_service() {
        constexpr std::size_t longest = 64;
        plan_.end_user = said_.end_user.size() > longest ? to_hex(sha256(said_.end_user)) : said_.end_user;
        constexpr std::array<std::string_view, 5> tiers{"default", "flex", "scale", "priority", "fast"};
        const auto& tier = said_.service_tier;
        if (tier.empty() || tier == "auto") {
            return;
        }
        if (facts_.newer_fields && std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) {
            plan_.service_tier = tier;
        } else {
            losses_.drop("service_tier");
        }
    }

    /// The provider caches by itself, and not to the marks.
    void note_cache_marks() {
        const auto marked = [](const auto& each) { return each.cache.has_value(); };
        const bool tool = std::any_of(said_.tools.begin(), said_.tools.end(), marked);
        if (tool || std::any_of(said_.messages.begin(), said_.messages.end(), [&](const auto& message) {
                return std::any_of(message.parts.begin(), message.parts.end(), marked);
            })) {
            losses_.drop("cache_control");
        }
    }

    /// Both ways have it under this name; the labels of what is kept are only for what may be kept.
    bool may_pass(std::string_view name) const {
        return facts_.newer_fields && (name == "prompt_cache_retention" || name == "prompt_cache_options" ||
                                       (name == "metadata" && form_ == OpenaiForm::responses));
    }

    void name_other(const chat::Member& other) {
        const bool text = other.value.size() > 2 && other.value.front() == '"';
        if (other.name == "audio" || other.name == "modalities") {
            losses_.refuse(other.name, "only text is translated");
        } else if (other.name == "web_search_options") {
            losses_.refuse(other.name, "web search is not offered here");
        } else if (other.name == "prompt_cache_key" && text && facts_.newer_fields) {
            plan_.prompt_cache_key = other.value;
        } else if (other.name == "verbosity" && text && facts_.newer_fields && plan_.reasons) {
            plan_.verbosity = other.value.substr(1, other.value.size() - 2);
        } else if (other.name == "reasoning.summary" && form_ == OpenaiForm::responses) {
            plan_.summary = other.value;
        } else if (may_pass(other.name)) {
            plan_.passed.push_back(other);
        } else {
            losses_.drop(other.name);
        }
    }

    const chat::Conversation& said_;
    const chat::ModelFacts& facts_;
    OpenaiForm form_;
    Losses& losses_;
    OpenaiPlan plan_;
};

bool takes(const chat::ModelFacts& facts, std::string_view kind) {
    return facts.media.empty() ||
           std::find(facts.media.begin(), facts.media.end(), kind) != facts.media.end();
}

}  // namespace

OpenaiPlan plan_openai(const chat::Conversation& conversation, const chat::ModelFacts& facts, OpenaiForm form,
                       Losses& losses) {
    return Planner(conversation, facts, form, losses).plan();
}

const std::string& OpenaiNames::id_of(const chat::ToolCall& call) {
    auto& id = ids_[&call];
    if (id.empty()) {
        id = distinct_.next(call.id);
    }
    return id;
}

std::string OpenaiNames::tool(std::string_view name) {
    return fitting_id(name, 64);
}

bool keeps_custom_tools(const chat::ModelFacts& facts) noexcept {
    return facts.newer_fields;
}

/// An empty text is no JSON, and some servers parse what they wrote.
std::string openai_arguments(const chat::ToolCall& call, bool custom) {
    if (custom) {
        return call.arguments;
    }
    if (call.custom) {
        std::string wrapped;
        JsonOut(wrapped).begin_object().key("input").string(call.arguments).end_object();
        return wrapped;
    }
    const bool blank = call.arguments.find_first_not_of(" \t\r\n") == std::string::npos;
    return blank ? "{}" : call.arguments;
}

OpenaiMediaForm form_of_media(const chat::Media& media, const chat::ModelFacts& facts, OpenaiForm form,
                              std::size_t index, Losses& losses) {
    const auto refuse = [&](std::string_view why) {
        losses.refuse(fmt::format("messages[{}]", index), why);
        return OpenaiMediaForm::refused;
    };
    const bool chat = form == OpenaiForm::chat;
    if (!media.file_id.empty() && !media.file_id.starts_with("file-")) {
        return refuse("the file is not one of OpenAI's");
    }
    if (!media.url.empty() && !facts.links) {
        return refuse("links are not fetched by the provider");
    }
    if (media.kind == chat::MediaKind::image) {
        if (!takes(facts, "image")) {
            return refuse("the model takes no images");
        }
        return chat && !media.file_id.empty() ? OpenaiMediaForm::file : OpenaiMediaForm::image;
    }
    if (media.kind == chat::MediaKind::audio) {
        if (!chat || !takes(facts, "audio")) {
            return refuse("the model takes no audio");
        }
        return media.data.empty() || audio_format(media.media_type).empty()
                   ? refuse("audio must be WAV or MP3, and be in the request")
                   : OpenaiMediaForm::audio;
    }
    if (!media.data.empty() && media.media_type.starts_with("text/")) {
        return OpenaiMediaForm::text;
    }
    if (media.media_type.starts_with("video/")) {
        return refuse("the model takes no video");
    }
    // What sees pictures sees the pages of a PDF too.
    if (!takes(facts, "pdf") && !takes(facts, "image")) {
        return refuse("the model takes no documents");
    }
    if (chat && !media.detail.empty() && media.detail != "auto") {
        losses.drop("image_url.detail");
    }
    if (chat && !media.url.empty()) {
        return refuse("links to documents are not fetched by the provider");
    }
    if (!media.data.empty() && media.media_type != "application/pdf") {
        return refuse("a document must be PDF or text");
    }
    return OpenaiMediaForm::file;
}

std::string data_url(const chat::Media& media) {
    return fmt::format("data:{};base64,{}", media.media_type, media.data);
}

std::string text_of_document(const chat::Media& media) {
    return media.name.empty() ? media.data : fmt::format("{}\n\n{}", media.name, media.data);
}

std::string_view audio_format(std::string_view media_type) noexcept {
    if (media_type == "audio/wav" || media_type == "audio/x-wav" || media_type == "audio/wave") {
        return "wav";
    }
    return media_type == "audio/mp3" || media_type == "audio/mpeg" ? "mp3" : std::string_view();
}

}  // namespace gatehouse::dialect
