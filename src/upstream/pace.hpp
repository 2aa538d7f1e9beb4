// How fast a stream begins, for the guard that may have it replaced.
//
// Room: upstream, private.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/stream_so_far.hpp"
#include "gatehouse/policy/slow_stream.hpp"
#include "gatehouse/upstream/stand_ins.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace gatehouse::upstream {

class Pace {
public:
    /// `others` outlive it. REQUIRES: the request is one for a conversation, streamed.
    Pace(const chat::Request& request, const policy::SlowStreamOptions& options, StandIns& others)
        : options_(options),
          guard_(options),
          others_(others),
          so_far_(request.endpoint, request.json_array) {}

    /// A run that waits. `held`: bytes, it included. `content`: there has been some.
    void see(std::span<const chat::Delta> run, std::size_t held, bool content, Instant now);
    bool waits(Instant now) const noexcept {
        return guard_.verdict(now) != policy::SlowStreamGuard::Verdict::let_go;
    }
    std::optional<Instant> decides_at() const noexcept { return guard_.decides_at(); }
    /// upstream_timeout, once it is too slow.
    std::optional<Problem> fault(Instant now) const;

private:
    policy::SlowStreamOptions options_;
    policy::SlowStreamGuard guard_;
    StandIns& others_;
    dialect::StreamSoFar so_far_;
};

}  // namespace gatehouse::upstream
