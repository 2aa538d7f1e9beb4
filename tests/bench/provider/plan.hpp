// How the provider behaves for one request: read from the model's name, so that a driver chooses it through
// any gateway.
//
// A name is `mock` and words joined by `-`:
//   stream-NxD  N content chunks, D ms apart (default 20x0)    size-B   bytes of text in a whole answer
//   (default 256) delay-MS    wait before the head                           csize-B  bytes of text in a
//   chunk (default 12) err-CODE    an error object with that status               reset    a TCP reset
//   instead of an answer garbage     a 200 whose body is no JSON                    rst-K, cut-K  TCP reset,
//   close after K chunks serr-K      an error event after K chunks, then the end    nodone-K proper HTTP end
//   after K chunks, no [DONE] hang-K      silence after K chunks
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::bench {

enum class Fault : std::uint8_t {
    none,
    status,
    reset,
    garbage,
    reset_midway,
    cut,
    error_event,
    no_done,
    hang
};

struct Plan {
    int chunks{20};
    std::uint64_t gap_ns{0};
    std::uint64_t delay_ns{0};
    int size{256};
    int chunk_size{12};
    int status{200};
    Fault fault{Fault::none};
    int fault_after{0};  // chunks
};

/// Words that mean nothing are skipped.
Plan plan_for(std::string_view model);

}  // namespace gatehouse::bench
