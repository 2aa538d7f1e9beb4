// What histories are made of: numbers that a seed decides, and which seeds are played.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace gatehouse::test {

/// Small and quick to seed (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Draws {
public:
    explicit Draws(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(next() % (static_cast<std::uint64_t>(most - least) + 1));
    }
    bool chance(int percent) { return between(1, 100) <= percent; }

private:
    std::uint64_t state_;
};

/// Of an environment variable.
inline std::uint64_t number_from(const char* variable, std::uint64_t standard) {
    const char* said = std::getenv(variable);
    return said == nullptr ? standard : std::strtoull(said, nullptr, 10);
}

}  // namespace gatehouse::test
