// Options of the vector room.
#pragma once

#include <cstddef>

namespace gatehouse::vector {

struct IndexOptions {
    std::size_t max_entries{100'000};  // yaml: cache.semantic.max_entries
    /// How many of the entries whose sketches are nearest are compared in full. Larger partitions lose a
    /// little recall with fewer.
    std::size_t rerank{256};
};

}  // namespace gatehouse::vector
