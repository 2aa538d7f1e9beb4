#include "gatehouse/core/random.hpp"

#include "generator.hpp"

#include "gatehouse/core/secret.hpp"

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>

namespace gatehouse::inline core {

std::mt19937_64& generator() {
    thread_local std::mt19937_64 engine = [] {
        const std::string bytes = random_bytes(32);
        std::uint32_t words[8];
        std::memcpy(words, bytes.data(), sizeof words);
        std::seed_seq seed(std::begin(words), std::end(words));
        return std::mt19937_64(seed);
    }();
    return engine;
}

double SystemRandom::unit() {
    constexpr double step = 1.0 / 9007199254740992.0;  // 2^-53: every double of that grid, 1 excluded
    return static_cast<double>(generator()() >> 11U) * step;
}

}  // namespace gatehouse::inline core
