#include "gatehouse/upstream/request_traits.hpp"

#include "prompt_weights.hpp"

#include "gatehouse/dialect/request_traits.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace gatehouse::upstream {
namespace {

/// Counting takes about 50 ms for so much.
constexpr std::size_t most_counted = 1024UL * 1024;

}  // namespace

chat::RequestTraits traits_of(const chat::Request& request) {
    return dialect::traits_of(request);
}

TokenCount prompt_tokens(const chat::RequestTraits& traits, const tokens::TokenCounter& counter) {
    const auto counted = std::string_view(traits.text).substr(0, most_counted);
    auto text = counter.estimate(tokens::ModelFamily::o200k, counted).count.value();
    if (counted.size() < traits.text.size()) {
        text = static_cast<std::int64_t>(static_cast<double>(text) * static_cast<double>(traits.text.size()) /
                                         static_cast<double>(counted.size()));
    }
    return TokenCount(text + traits.token_ids + traits.messages * tokens_of_message +
                      traits.tools * tokens_of_tool + traits.media * tokens_of_media);
}

}  // namespace gatehouse::upstream
