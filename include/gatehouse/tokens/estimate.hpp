// How many tokens a text is for a model: exactly where the model's encoding is known and loaded, else by an
// estimate that learns from what providers report.
//
// Claude and Gemini publish no tokenizer. Their estimate is OpenAI's count times a factor by family and
// script; without rank files a count from the text's shape stands in for OpenAI's. Room: tokens. May include:
// core.
#pragma once

#include "gatehouse/core/units.hpp"
#include "gatehouse/tokens/tokenizer.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace gatehouse::tokens {

/// Models that make the same tokens of a text, as far as anybody outside knows.
enum class ModelFamily : std::uint8_t {
    o200k,         // GPT-4o, GPT-4.1 and later, the o series, gpt-oss
    cl100k,        // GPT-4, GPT-3.5, text-embedding-3-*, text-embedding-ada-002
    claude,        // before Opus 4.7 and Sonnet 5
    claude_newer,  // from these on: by Anthropic's word about 30 % more tokens
    gemini,        // Gemini, Gemma
    other,
};
constexpr std::size_t family_count = 6;

/// The family of a model by its upstream name, in any case; a path before it (`openai/`, `models/`) and
/// Bedrock's prefixes (`eu.anthropic.`) do not matter. A Claude without a version is a newer one.
ModelFamily family_of(std::string_view model);

/// What a text is mostly written in: tokenizers differ most between these.
enum class Script : std::uint8_t {
    latin,  // and code, digits, nothing
    cjk,    // Chinese, Japanese, Korean
    other,  // all alphabets but the Latin
};
constexpr std::size_t script_count = 3;

/// A count of tokens, and what learning from the provider's number needs.
struct Estimate {
    TokenCount count;
    bool exact{true};  // the model's own encoding was used
    TokenCount base;   // before the factor
    Script script{Script::latin};

    /// The estimate of two texts of one request; the script is that of the longer. The sum of nothing is
    /// exact.
    Estimate& operator+=(const Estimate& other) noexcept;
};

/// Any may be missing.
struct Encodings {
    std::shared_ptr<const Encoding> o200k;
    std::shared_ptr<const Encoding> cl100k;
};

/// Counts and learns. Every member may be called from any thread.
class TokenCounter {
public:
    explicit TokenCounter(Encodings encodings = {});
    TokenCounter(const TokenCounter&) = delete;
    TokenCounter& operator=(const TokenCounter&) = delete;

    /// The tokens of `text` alone: what a provider adds for roles, tools and pictures is not in it.
    Estimate estimate(ModelFamily family, std::string_view text) const;

    /// Takes in what the provider reported for the same texts, without what it added for other reasons. A
    /// long text moves the factor by at most a tenth of the way. Exact estimates, texts under 32 tokens and
    /// reports more than three times off the factor at the start (not about the text: a picture, a mistake)
    /// change nothing.
    void learn(ModelFamily family, const Estimate& estimated, TokenCount reported);

    /// Provider's tokens for one token of the base; what `estimate` multiplies with.
    double factor(ModelFamily family, Script script) const noexcept;

private:
    std::atomic<float>& factor_at(ModelFamily family, Script script) noexcept;

    Encodings encodings_;
    std::array<std::atomic<float>, family_count * script_count> factors_;
};

}  // namespace gatehouse::tokens
