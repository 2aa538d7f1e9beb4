#include "anthropic_request.hpp"

#include "signature_carrier.hpp"

#include "gatehouse/core/secret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Effort;

constexpr std::size_t most_cache_marks = 4;

bool is_replayable(const chat::Reasoning& thought) {
    // Other clients than Anthropic's bring thoughts back without a word on whose they are.
    const bool carried =
        thought.signature.starts_with(carrier_mark) || thought.redacted.starts_with(carrier_mark);
    const bool foreign = thought.origin.value_or(chat::Vendor::anthropic) != chat::Vendor::anthropic;
    return !carried && !foreign && (!thought.signature.empty() || !thought.redacted.empty());
}

/// All thoughts of the history go back, or none.
bool may_replay_thoughts(const chat::Conversation& conversation) {
    for (const auto& message : conversation.messages) {
        for (const auto& part : message.parts) {
            const auto* thought = std::get_if<chat::Reasoning>(&part.what);
            if (thought != nullptr && !is_replayable(*thought)) {
                return false;
            }
        }
    }
    return true;
}

/// Thinking with a budget needs the thoughts of a tool loop that is going on.
bool lacks_thoughts_of_loop(const Turns& turns) {
    bool going_on = false;  // the turn behind holds results and nothing else
    for (auto turn = turns.turns.rbegin(); turn != turns.turns.rend(); ++turn) {
        const bool newest = turn == turns.turns.rbegin();
        if (turn->speaker == Speaker::user) {
            going_on = !turn->results.empty() && (newest || turn->parts.empty());
            if (!going_on) {
                return false;
            }
        } else if (turn->speaker == Speaker::assistant && going_on &&
                   !std::holds_alternative<chat::Reasoning>(turn->parts.front()->what)) {
            return true;
        }
    }
    return false;
}

/// Personal data is no id.
std::string user_id(const std::string& user) {
    constexpr std::size_t longest = 256;
    const bool number =
        std::count_if(user.begin(), user.end(), [](char c) { return c >= '0' && c <= '9'; }) >= 7 &&
        user.find_first_not_of("0123456789+-() ./") == std::string::npos;
    const bool personal = user.find('@') != std::string::npos || number;
    return personal || user.size() > longest ? to_hex(sha256(user)) : user;
}

class RequestWriter {
public:
    RequestWriter(const chat::Conversation& conversation, bool stream, const TranslateOptions& options)
        : conversation_(conversation),
          stream_(stream),
          options_(options),
          facts_(options.facts == nullptr ? unknown_model() : *options.facts),
          losses_(options.strict) {}

    Result<Written> write() {
        plan_ = plan_anthropic(conversation_, facts_, options_, losses_);
        auto turns = turns_of_plan();
        if (!turns) {
            return std::move(turns).problem();
        }
        name_others();
        auto marks = write_body(*turns, 0);
        if (marks > most_cache_marks) {
            losses_.drop("cache_control");
            write_body(*turns, marks - most_cache_marks);
        }
        if (auto problem = losses_.problem()) {
            return *std::move(problem);
        }
        written_.path = "/v1/messages";
        if (!options_.version_given) {
            written_.fields =
                fmt::format("anthropic-version: {}\r\n", samples_ ? "2023-06-01" : "2026-10-21");
        }
        if (uses_files_) {
            written_.fields += "anthropic-beta: files-api-2025-04-14\r\n";
        }
        written_.dropped = losses_.dropped();
        return std::move(written_);
    }

private:
    static const chat::ModelFacts& unknown_model() {
        static const chat::ModelFacts facts;
        return facts;
    }

    Result<Turns> turns_of_plan() {
        TurnRules rules;
        rules.later_system = facts_.later_system;
        rules.reasoning = plan_.thinks && may_replay_thoughts(conversation_);
        auto turns = in_turns(conversation_, rules);
        const bool enabled = plan_.thinking == AnthropicThinking::enabled;
        const bool prefill = turns && turns->turns.back().speaker == Speaker::assistant;
        if (turns && enabled && (prefill || lacks_thoughts_of_loop(*turns))) {
            without_thinking(plan_, conversation_, facts_, options_, losses_);
            rules.reasoning = false;
            return in_turns(conversation_, rules);
        }
        return turns;
    }

    /// Everything that has no place in the request.
    void name_others() {
        const auto& said = conversation_;
        if (said.choices > 1) {
            losses_.refuse("n", "Claude gives one answer");
        }
        if (said.logprobs || said.top_logprobs.value_or(0) > 0) {
            losses_.refuse(said.logprobs ? "logprobs" : "top_logprobs", "Claude gives no probabilities");
        }
        if (said.seed) {
            losses_.drop("seed");
        }
        if (said.presence_penalty.value_or(0) != 0) {
            losses_.drop("presence_penalty");
        }
        if (said.frequency_penalty.value_or(0) != 0) {
            losses_.drop("frequency_penalty");
        }
        for (const auto& message : said.messages) {
            if (!message.name.empty()) {
                losses_.drop("messages.name");
            }
        }
        for (const auto& other : said.others) {
            name_other(other);
        }
    }

    void name_other(const chat::Member& other) {
        if (other.name == "audio" ||
            (other.name == "modalities" && other.value.find("audio") != std::string::npos)) {
            losses_.refuse(other.name, "Claude does not speak");
        } else if (other.name == "modalities") {
            losses_.refuse(other.name, "Claude answers in text");
        } else if (other.name == "web_search_options") {
            losses_.refuse(other.name, "web search is not offered here");
        } else {
            losses_.drop(other.name);
        }
    }

    /// The number of cache marks in it.
    std::size_t write_body(const Turns& turns, std::size_t skipped_marks) {
        written_.body.clear();
        written_.body.reserve(options_.likely_size);
        written_.map = {};
        AnthropicCacheMarks marks(skipped_marks);
        JsonOut json(written_.body);
        json.begin_object().key("model").string(options_.model).key("max_tokens").integer(plan_.max_tokens);
        if (stream_) {
            json.key("stream").boolean(true);
        }
        write_thinking(json);
        write_sampling(json);
        write_stop(json);
        write_service(json);
        write_anthropic_tools(json, conversation_, turns, plan_, facts_, marks, losses_, written_.map);
        uses_files_ = write_anthropic_messages(json, turns, plan_, facts_, marks, losses_);
        json.end_object();
        return marks.seen();
    }

    void write_thinking(JsonOut& json) const {
        if (plan_.thinking != AnthropicThinking::unsaid) {
            constexpr std::array types{"", "disabled", "between_tools", "adaptive", "enabled"};
            json.key("thinking").begin_object();
            json.key("type").string(types[static_cast<std::size_t>(plan_.thinking)]);
            if (plan_.thinking == AnthropicThinking::enabled) {
                json.key("budget_tokens").integer(plan_.budget);
            }
            if (plan_.show_thoughts && plan_.thinking >= AnthropicThinking::adaptive) {
                json.key("display").string("summarized");
            }
            json.end_object();
        }
        if (plan_.effort == Effort::unsaid && plan_.grammar.empty()) {
            return;
        }
        json.key("output_config").begin_object();
        if (plan_.effort != Effort::unsaid) {
            json.key("effort").string(chat::name_of(plan_.effort));
        }
        if (!plan_.grammar.empty()) {
            json.key("format").begin_object().key("type").string("json_schema");
            json.key("schema").raw(plan_.grammar).end_object();
        }
        json.end_object();
    }

    /// Values that are the default anyway are left out: they would cost the newer version of the protocol.
    void write_sampling(JsonOut& json) {
        const bool may = facts_.sampling && !plan_.thinks;
        const auto temperature = conversation_.temperature.value_or(1);
        bool top_p = conversation_.top_p.value_or(1) != 1;
        samples_ = false;
        if (temperature != 1) {
            if (!may || temperature > 1) {
                losses_.drop("temperature");
            }
            if (may && temperature < 1) {
                samples_ = true;
                json.key("temperature").number(temperature);
            }
        }
        if (top_p && (!may || (temperature < 1 && !facts_.both_sampling))) {
            losses_.drop("top_p");
            top_p = false;
        }
        if (top_p) {
            samples_ = true;
            json.key("top_p").number(*conversation_.top_p);
        }
        if (conversation_.top_k && !may) {
            losses_.drop("top_k");
        } else if (conversation_.top_k) {
            samples_ = true;
            json.key("top_k").integer(*conversation_.top_k);
        }
    }

    void write_stop(JsonOut& json) {
        bool begun = false;
        for (const auto& stop : conversation_.stop) {
            if (stop.find_first_not_of(" \t\r\n\f\v") == std::string::npos) {
                losses_.drop("stop");
                continue;
            }
            if (!std::exchange(begun, true)) {
                json.key("stop_sequences").begin_array();
            }
            json.string(stop);
        }
        if (begun) {
            json.end_array();
        }
    }

    void write_service(JsonOut& json) {
        if (!conversation_.end_user.empty()) {
            json.key("metadata")
                .begin_object()
                .key("user_id")
                .string(user_id(conversation_.end_user))
                .end_object();
        }
        const auto& tier = conversation_.service_tier;
        if (tier == "default") {
            json.key("service_tier").string("standard_only");
        } else if (tier == "priority") {
            json.key("service_tier").string("auto");
        } else if (!tier.empty() && tier != "auto") {
            losses_.drop("service_tier");
        }
    }

    const chat::Conversation& conversation_;
    bool stream_;
    const TranslateOptions& options_;
    const chat::ModelFacts& facts_;
    Losses losses_;
    AnthropicPlan plan_;
    Written written_;
    bool samples_{false};  // a sampling parameter is sent: only the old version of the protocol takes it
    bool uses_files_{false};
};

}  // namespace

Result<Written> write_anthropic(const chat::Conversation& conversation, bool stream,
                                const TranslateOptions& options) {
    return RequestWriter(conversation, stream, options).write();
}

}  // namespace gatehouse::dialect
