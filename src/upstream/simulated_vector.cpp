#include "simulated_vector.hpp"

#include "simulated_text.hpp"

#include "gatehouse/core/text.hpp"

#include <cmath>
#include <numeric>

namespace gatehouse::upstream {

namespace {

constexpr int places_per_feature = 8;
constexpr float weight_of_word = 1.0F;
constexpr float weight_of_triple = 0.25F;  // lets "cat" and "cats" share something

/// Adds a feature: a few places of the vector, chosen and signed by its hash.
void add(std::vector<float>& vector, std::string_view feature, float weight) {
    auto state = simulated_hash(feature);
    for (int i = 0; i < places_per_feature; ++i) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const auto place = (state >> 33U) % vector.size();
        vector[place] += ((state >> 32U) & 1U) != 0 ? weight : -weight;
    }
}

bool in_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80U;
}

void add_word(std::vector<float>& vector, std::string_view word) {
    add(vector, word, weight_of_word);
    for (std::size_t i = 0; i + 3 <= word.size(); ++i) {
        add(vector, word.substr(i, 3), weight_of_triple);
    }
}

}  // namespace

std::vector<float> simulated_vector(std::string_view text, std::size_t dimensions) {
    std::vector<float> vector(dimensions, 0.0F);
    const std::string lower = to_lower(text);
    for (std::size_t i = 0; i < lower.size();) {
        if (!in_word(lower[i])) {
            ++i;
            continue;
        }
        const auto begin = i;
        while (i < lower.size() && in_word(lower[i])) {
            ++i;
        }
        add_word(vector, std::string_view(lower).substr(begin, i - begin));
    }
    const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F));
    if (length == 0) {
        vector.front() = 1;  // no word at all: still a unit vector
        return vector;
    }
    for (float& value : vector) {
        value /= length;
    }
    return vector;
}

}  // namespace gatehouse::upstream
