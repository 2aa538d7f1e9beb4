#include "support/hand_clock.hpp"

namespace gatehouse::test {

/// Takes the sleeper off the list however the sleep ends.
class HandClock::Bed {
public:
    Bed(std::list<Sleeper>& all, Sleeper sleeper) : all_(all), mine_(all.insert(all.end(), sleeper)) {}
    ~Bed() { all_.erase(mine_); }
    Bed(const Bed&) = delete;
    Bed& operator=(const Bed&) = delete;

private:
    std::list<Sleeper>& all_;
    std::list<Sleeper>::iterator mine_;
};

Task<void> HandClock::sleep_until(Instant when) {
    if (when <= now_) {
        co_return;
    }
    net::Signal due;
    const Sleeper sleeper{when, &due};
    const Bed bed(sleepers_, sleeper);
    co_await due.wait();
}

void HandClock::advance(Milliseconds by) {
    now_ += by;
    wall_ += by;
    for (const Sleeper& sleeper : sleepers_) {
        if (sleeper.when <= now_) {
            sleeper.due->raise();
        }
    }
}

}  // namespace gatehouse::test
