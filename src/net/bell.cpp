#include "gatehouse/net/bell.hpp"

#include "gatehouse/net/lane.hpp"

namespace gatehouse::net {

std::shared_ptr<Bell> Bell::on(Lane& lane) {
    return std::shared_ptr<Bell>(new Bell(lane));
}

Task<void> Bell::wait(WhenCancelled cancelled) {
    co_await rung_.wait(cancelled);
    rung_.reset();
}

void Bell::ring() {
    if (lane_.is_here()) {
        rung_.raise();
        return;
    }
    if (on_its_way_.exchange(true)) {
        return;  // that one wakes it after what has happened now
    }
    lane_.post([self = shared_from_this()] {
        self->on_its_way_ = false;
        self->rung_.raise();
    });
}

}  // namespace gatehouse::net
