// Which model made a vector. Vectors of different models never mix.
// Room: vector.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::vector {

struct ModelIdentity {
    std::string id;
    std::string version;  // with the precision of its weights: rounding moves vectors a little
    std::uint32_t dimensions{0};

    bool operator==(const ModelIdentity&) const = default;
};

}  // namespace gatehouse::vector
