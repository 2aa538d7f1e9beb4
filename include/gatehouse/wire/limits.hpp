// What the parsers of outside bytes bear. Every number is a bound, none a promise.
// Room: wire.
#pragma once

#include <cstddef>

namespace gatehouse::wire {

struct HeadLimits {
    std::size_t block{16 * 1024};  // yaml: server.limits.header; start line and fields together
    std::size_t fields{200};
    std::size_t target{8 * 1024};
};

struct JsonLimits {
    std::size_t depth{64};  // yaml: server.limits.json_depth
};

}  // namespace gatehouse::wire
