// An answer that another thread has for a coroutine of a lane.
//
// Room: store, private.
#pragma once

#include "worker.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <exception>
#include <memory>
#include <utility>

namespace gatehouse::store {

/// Shared by the two. The one who waits may leave at any time: its lane is posted to under the lock, and only
/// while somebody waits there.
template <class T>
class Answer {
public:
    /// `otherwise` is the answer if there can be none.
    Answer(net::Lane& lane, T otherwise) : asker_(Asker{&lane, std::move(otherwise)}) {}

    /// Gives what `make` returns, from the other thread, once. Who waits is woken also when it throws.
    template <class Make>
    void give(Make make) {
        try {
            auto value = make();
            asker_.with([&](Asker& asker) { asker.value = std::move(value); });
        } catch (const std::exception& error) {
            telemetry::note_escaped(error.what());
        }
        asker_.with([](Asker& asker) {
            if (asker.lane != nullptr) {
                asker.lane->post([woken = std::weak_ptr(asker.woken)] {
                    if (const auto alive = woken.lock()) {
                        alive->raise();
                    }
                });
            }
        });
    }

    /// From the lane, once.
    Task<T> wait() {
        const Leave leave(*this);
        const auto woken = asker_.with([](Asker& asker) { return asker.woken; });
        co_await woken->wait();
        co_return asker_.with([](Asker& asker) { return std::move(asker.value); });
    }

private:
    struct Asker {
        net::Lane* lane;
        T value;
        std::shared_ptr<net::Signal> woken{std::make_shared<net::Signal>()};
    };
    class Leave {
    public:
        explicit Leave(Answer& answer) : answer_(answer) {}
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;
        ~Leave() {
            answer_.asker_.with([](Asker& asker) { asker.lane = nullptr; });
        }

    private:
        Answer& answer_;
    };

    Guarded<Asker> asker_;
};

}  // namespace gatehouse::store
