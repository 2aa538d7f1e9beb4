// What routing rules may ask about one request, found when it is asked for and once.
//
// Room: pipeline.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/request_traits.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/policy/classifier.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/tokens/estimate.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipeline {

/// What stands beside a request's body and may decide on its route.
struct RequestLabels {
    policy::Tags tags;  // x-gatehouse-tags
    // Those of the client's header that rules ask about, names in lower case; fields of one name are joined.
    std::map<std::string, std::string, std::less<>> headers;
};

/// What facts are made with; outlives them.
struct FactSources {
    Clock& clock;
    const tokens::TokenCounter& counter;
    Guarded<policy::ConversationClasses>* classes{nullptr};  // null: conversations have no memory
};

/// What a classifier made of a request.
struct Classified {
    policy::PromptVerdict verdict;              // on what the user said last
    std::optional<policy::FoundClass> counted;  // the conversation's, if that is of a higher tier
    std::uint64_t conversation{0};              // 0: none that could be known again
};

/// Of two tags of one name the key's own wins, then the header's, then that of the body's `metadata`.
class ExchangeFacts : public policy::RequestFacts {
public:
    /// All of it outlives the facts. `classifier`: null for none. `accounts`: those of the caller; null: its
    /// budgets are not known.
    ExchangeFacts(const FactSources& sources, const chat::Request& request, const policy::Caller& caller,
                  const RequestLabels& labels, const policy::Classifier* classifier = nullptr,
                  SharedAccounts* accounts = nullptr)
        : sources_(sources),
          request_(request),
          caller_(caller),
          labels_(labels),
          classifier_(classifier),
          accounts_(accounts) {}

    std::string_view key() override { return caller_.name; }
    std::string_view team() override { return caller_.team; }
    std::optional<std::string_view> header(std::string_view name) override;
    WallTime now() override;
    chat::Contents contents() override { return traits().contents; }
    std::optional<std::int64_t> max_tokens() override { return traits().max_tokens; }
    std::optional<std::string_view> tag(std::string_view name) override;
    TokenCount prompt_tokens() override;
    std::string_view language() override;
    std::optional<policy::Classification> classification() override;
    std::optional<std::int64_t> budget_used() override;
    /// How many answers are asked for, for each prompt; and how many prompts there are that are answered for
    /// themselves.
    std::int64_t answers() { return traits().answers; }
    std::int64_t prompts();

    /// All tags, each with the value that counts.
    policy::Tags tags();
    /// What was found if the class has been asked for; nothing: it was not, or there is no classifier, or no
    /// text.
    const std::optional<Classified>& classified() const noexcept { return classified_; }
    /// Keeps the class for the conversation's next turn.
    void remember_class() const;

private:
    const chat::RequestTraits& traits();
    std::uint64_t conversation();
    Classified classify();

    const FactSources& sources_;
    const chat::Request& request_;
    const policy::Caller& caller_;
    const RequestLabels& labels_;
    const policy::Classifier* classifier_;
    SharedAccounts* accounts_;
    std::optional<chat::RequestTraits> traits_;
    std::optional<Classified> classified_;
    std::optional<TokenCount> prompt_tokens_;
    std::optional<WallTime> now_;
    std::optional<std::int64_t> budget_used_;
    std::optional<std::string_view> language_;
};

}  // namespace gatehouse::pipeline
