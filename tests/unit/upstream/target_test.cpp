#include "gatehouse/upstream/provider.hpp"

#include <gtest/gtest.h>

namespace gatehouse::upstream {
namespace {

TEST(ATarget, GoesOnWithAnswersIfItsOperatorOrAnthropicSaysSo) {
    const auto goes_on = [](ProviderKind kind, bool prefill, std::optional<bool> said) {
        ProviderOptions options;
        options.name = "acme";
        options.kind = kind;
        options.base_url = "http://127.0.0.1:1";
        chat::ModelFacts facts;
        facts.prefill = prefill;
        Target target;
        target.provider = *Provider::make(std::move(options));
        target.facts = &facts;
        target.continues = said;
        return target.goes_on();
    };
    EXPECT_TRUE(goes_on(ProviderKind::anthropic, true, std::nullopt));
    EXPECT_FALSE(goes_on(ProviderKind::anthropic, false, std::nullopt));
    EXPECT_FALSE(goes_on(ProviderKind::anthropic, true, false));
    for (const auto kind : {ProviderKind::gemini, ProviderKind::openai}) {
        EXPECT_FALSE(goes_on(kind, true, std::nullopt)) << "taking such a message is not going on with it";
        EXPECT_TRUE(goes_on(kind, false, true));
    }
}

}  // namespace
}  // namespace gatehouse::upstream
