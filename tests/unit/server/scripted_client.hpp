// The client's end of a connection in memory: what it sends, when it leaves, how fast it reads.
//
// Turned by hand: the test sends, lets the lane run what it can, and looks at what came back.
#pragma once

#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/net/unless.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::server {

/// Shared between the test and the stream that the server holds.
struct ClientEnd {
    std::string unread;               // sent by the client, not read by the server
    std::vector<std::string> writes;  // by the server, write by write
    bool left{false};                 // the client has closed its side
    bool stuck{false};                // the client does not read: writes wait
    bool one_by_one{false};           // it takes one write, and is stuck again
    bool closed{false};               // by the server
    bool shut{false};                 // the server said that no more comes
    bool destroyed{false};
    net::Signal readable;
    net::Signal writable;

    void send(std::string_view bytes) {
        unread.append(bytes);
        readable.raise();
    }
    void leave() {
        left = true;
        readable.raise();
    }
    void read_again() {
        stuck = false;
        writable.raise();
    }
    std::string received() const {
        std::string all;
        for (const auto& one : writes) {
            all += one;
        }
        return all;
    }
};

class ScriptedStream final : public net::ByteStream {
public:
    ScriptedStream(std::shared_ptr<ClientEnd> end, Clock& clock) : end_(std::move(end)), clock_(clock) {}
    ~ScriptedStream() override { end_->destroyed = true; }

    Task<Result<std::size_t>> read_some(std::span<char> into) override {
        while (true) {
            if (end_->closed) {
                co_return Problem(ProblemKind::closed, "closed");
            }
            if (!end_->unread.empty()) {
                const std::size_t count = std::min(into.size(), end_->unread.size());
                std::copy_n(end_->unread.begin(), count, into.begin());
                end_->unread.erase(0, count);
                co_return count;
            }
            if (end_->left) {
                co_return std::size_t{0};
            }
            if (clock_.now() >= read_deadline_) {
                co_return Problem(ProblemKind::timed_out, "timed out");
            }
            end_->readable.reset();
            auto more = end_->readable.wait();
            auto late = clock_.sleep_until(read_deadline_);
            co_await net::first_of(std::move(more), std::move(late));
        }
    }

    Task<Status> write(std::span<const std::string_view> pieces) override {
        while (end_->stuck && !end_->closed) {
            if (clock_.now() >= write_deadline_) {
                co_return Problem(ProblemKind::timed_out, "timed out");
            }
            end_->writable.reset();
            auto more = end_->writable.wait();
            auto late = clock_.sleep_until(write_deadline_);
            co_await net::first_of(std::move(more), std::move(late));
        }
        if (end_->closed || end_->shut) {
            co_return Problem(ProblemKind::closed, "closed");
        }
        std::string all;
        for (const auto piece : pieces) {
            all += piece;
        }
        end_->writes.push_back(std::move(all));
        end_->stuck = end_->one_by_one;
        co_return done();
    }

    void read_deadline(Instant when) noexcept override { read_deadline_ = when; }
    void write_deadline(Instant when) noexcept override { write_deadline_ = when; }
    bool peer_left() noexcept override { return end_->left; }
    Task<void> shutdown_send() override {
        end_->shut = true;
        co_return;
    }
    void close() noexcept override {
        end_->closed = true;
        end_->readable.raise();
        end_->writable.raise();
    }
    const std::string& peer_address() const noexcept override { return address_; }

private:
    std::shared_ptr<ClientEnd> end_;
    Clock& clock_;
    Instant read_deadline_{never};
    Instant write_deadline_{never};
    std::string address_{"192.0.2.1"};
};

}  // namespace gatehouse::server
