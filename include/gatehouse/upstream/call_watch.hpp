// Who wants to hear of calls to providers as they begin. Room: upstream. May include: core.
#pragma once

namespace gatehouse::upstream {

class CallWatch {
public:
    virtual ~CallWatch() = default;
    /// A call is about to be made: its provider and its attempt stand on the trail.
    virtual void call_began() noexcept = 0;
};

}  // namespace gatehouse::upstream
