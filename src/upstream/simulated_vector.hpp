// Embeddings without a model: hashed words and their letter triples, so that texts that share words are near
// each other. Good for trials of search and caching, not for meaning. Room: upstream.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// A unit vector. The same text gives the same vector, whatever its letters' case. REQUIRES: dimensions > 0.
std::vector<float> simulated_vector(std::string_view text, std::size_t dimensions);

}  // namespace gatehouse::upstream
