#include "gatehouse/policy/prompt_features.hpp"

#include "prompt_shape.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace gatehouse::policy {
namespace {

/// Head, middle and tail of a long text, a short one whole.
std::string excerpt_of(std::string_view text) {
    if (text.size() <= 3 * prompt_window) {
        return std::string(text);
    }
    std::string excerpt(text.substr(0, prompt_window));
    excerpt += '\n';
    excerpt += text.substr((text.size() - prompt_window) / 2, prompt_window);
    excerpt += '\n';
    excerpt += text.substr(text.size() - prompt_window);
    return excerpt;
}

constexpr std::uint32_t first_hash = 2166136261U;

constexpr std::uint32_t fed(std::uint32_t hash, char c) noexcept {
    return (hash ^ static_cast<unsigned char>(c)) * 16777619U;
}

std::uint32_t hash_of(std::string_view text, std::uint32_t seed) noexcept {
    for (const char c : text) {
        seed = fed(seed, c);
    }
    return seed;
}

/// FNV's low bits alone repeat.
constexpr std::size_t bucket_of(std::uint32_t hash) noexcept {
    hash ^= hash >> 15U;
    hash *= 0x2c1b3c6dU;
    hash ^= hash >> 12U;
    return hash % prompt_buckets;
}

/// What the features of a prompt sum up to, and how often each feature of one kind was met.
class Tally {
public:
    void add(std::uint32_t hash) {
        const auto bucket = bucket_of(hash);
        if (counts_[bucket]++ == 0) {
            met_.push_back(static_cast<std::uint16_t>(bucket));
        }
    }
    /// Ends a kind: adds what was met, scaled to a common length of `weight`, so that a long text says no
    /// more than a short one.
    void close_kind(float weight) {
        double square = 0;
        for (const auto bucket : met_) {
            const auto value = static_cast<double>(damped(counts_[bucket]));
            square += value * value;
        }
        const auto factor = static_cast<float>(weight / std::sqrt(std::max(square, 1.0)));
        for (const auto bucket : met_) {
            values_[bucket] += factor * damped(counts_[bucket]);
            counts_[bucket] = 0;
        }
        met_.clear();
    }
    void write(PromptFeatures& features) const {
        for (std::size_t i = 0; i < prompt_buckets; ++i) {
            if (values_[i] > 0) {
                features.push_back({static_cast<std::uint16_t>(i), values_[i]});
            }
        }
    }

private:
    static float damped(std::uint16_t count) noexcept {
        return count == 1 ? 1.0F : 1.0F + std::log(static_cast<float>(count));
    }

    std::array<std::uint16_t, prompt_buckets>
        counts_{};  // an excerpt has fewer features than these can count
    std::array<float, prompt_buckets> values_{};
    std::vector<std::uint16_t> met_;
};

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

/// Small letters, all digits as one, white space as single blanks, a blank at either end.
std::string plain(std::string_view text) {
    std::string made(" ");
    made.reserve(text.size() + 2);
    for (const char c : text) {
        if (is_space(c)) {
            if (made.back() != ' ') {
                made += ' ';
            }
        } else if (c >= 'A' && c <= 'Z') {
            made += static_cast<char>(c - 'A' + 'a');
        } else if (c >= '0' && c <= '9') {
            made += '0';
        } else {
            made += c;
        }
    }
    if (made.back() != ' ') {
        made += ' ';
    }
    return made;
}

constexpr std::size_t longest_word = 24;
constexpr std::size_t longest_mark = 3;
constexpr std::size_t words_at_ends = 12;

/// Words, and signs that stand together.
std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    for (std::size_t i = 0; i < text.size();) {
        if (is_space(text[i])) {
            ++i;
            continue;
        }
        const bool word = is_word(text[i]);
        std::size_t end = i + 1;
        while (end < text.size() && !is_space(text[end]) && is_word(text[end]) == word) {
            ++end;
        }
        tokens.push_back(text.substr(i, std::min(end - i, word ? longest_word : longest_mark)));
        i = end;
    }
    return tokens;
}

void add_words(const std::vector<std::string_view>& tokens, std::uint32_t seed, Tally& tally) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto word = hash_of(tokens[i], fed(seed, '1'));
        tally.add(word);
        if (i + 1 < tokens.size()) {
            tally.add(hash_of(tokens[i + 1], fed(hash_of(tokens[i], fed(seed, '2')), ' ')));
        }
    }
}

void add_pieces(std::string_view text, Tally& tally) {
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
        const auto three = hash_of(text.substr(i, 3), fed(first_hash, '3'));
        tally.add(three);
        if (i + 3 < text.size()) {
            tally.add(fed(fed(three, '4'), text[i + 3]));
        }
    }
}

std::vector<std::string_view> slice(const std::vector<std::string_view>& all, std::size_t from,
                                    std::size_t length) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(std::min(from, all.size()));
    const auto count = std::min(length, static_cast<std::size_t>(all.end() - begin));
    return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

PromptFeatures features_of(std::string_view text) {
    // What of a text counts how much was found by trying; requests say what they want at either end.
    constexpr float weight_of_words = 1.0F;
    constexpr float weight_of_pieces = 0.8F;
    constexpr float weight_of_ends = 0.7F;

    const auto excerpt = excerpt_of(text);
    const auto flat = plain(excerpt);
    const auto tokens = tokens_of(flat);
    Tally tally;
    add_words(tokens, first_hash, tally);
    tally.close_kind(weight_of_words);
    add_pieces(flat, tally);
    tally.close_kind(weight_of_pieces);
    const auto from = tokens.size() - std::min(tokens.size(), words_at_ends);
    add_words(slice(tokens, 0, words_at_ends), fed(first_hash, 'h'), tally);
    add_words(slice(tokens, from, words_at_ends), fed(first_hash, 't'), tally);
    tally.close_kind(weight_of_ends);

    PromptFeatures features;
    tally.write(features);
    const auto shape = shape_of(excerpt, text.size(), tokens);
    for (std::size_t i = 0; i < prompt_shapes; ++i) {
        if (shape[i] > 0) {
            features.push_back({static_cast<std::uint16_t>(prompt_buckets + i), shape[i]});
        }
    }
    return features;
}

}  // namespace gatehouse::policy
