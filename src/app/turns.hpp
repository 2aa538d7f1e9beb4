// One at a time: coroutines of a lane that may not run into each other take turns, in the order in which they
// came.
//
// A turn ends with the object that stands for it, also when its coroutine is cancelled. Room: app.
#pragma once

#include "gatehouse/core/task.hpp"
#include "gatehouse/net/signal.hpp"

#include <deque>
#include <memory>
#include <utility>

namespace gatehouse::app {

class Turns {
    struct Place {
        explicit Place(Turns& of) : turns(of) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() {
            if (mine.raised()) {
                turns.hand_on();
            }
        }
        Turns& turns;
        net::Signal mine{};
    };

public:
    using Turn = std::shared_ptr<const void>;

    /// Returns once everybody who asked before has let go. The turns must outlive it.
    Task<Turn> take() {
        auto place = std::make_shared<Place>(*this);
        if (!taken_) {
            taken_ = true;
            place->mine.raise();
        } else {
            waiting_.push_back(place);
        }
        co_await place->mine.wait();
        co_return std::move(place);
    }

private:
    void hand_on() {
        while (!waiting_.empty()) {
            const auto next = waiting_.front().lock();
            waiting_.pop_front();
            if (next) {  // else its coroutine was cancelled
                next->mine.raise();
                return;
            }
        }
        taken_ = false;
    }

    std::deque<std::weak_ptr<Place>> waiting_;
    bool taken_{false};
};

}  // namespace gatehouse::app
