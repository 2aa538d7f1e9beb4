#include "client_watch.hpp"

#include <array>
#include <span>
#include <string_view>

namespace gatehouse::server {
namespace {

constexpr std::size_t pipelined_limit = 64 * 1024;
constexpr std::size_t pipelined_read = 4 * 1024;
constexpr Milliseconds look_every{50};

}  // namespace

Task<void> client_gone(Connection& connection, RequestBody& body) {
    if (!body.has_completed()) {
        co_await body.completed();
    }
    if (connection.received.empty()) {
        connection.received.release();  // a long stream needs no buffer for requests that do not come
    }
    connection.read_by(never);
    // Nothing comes from nearly every client, so the wait for it holds next to nothing.
    std::array<char, 8> first{};
    std::span<char> room = first;
    while (connection.received.size() < pipelined_limit) {
        const auto got = co_await connection.stream.read_some(room);
        if (!got || *got == 0) {
            co_return;
        }
        if (room.data() == first.data()) {
            connection.received.append(std::string_view(first.data(), *got));
        } else {
            connection.received.commit(*got);
        }
        room = connection.received.prepare(pipelined_read).first(pipelined_read);
    }
    // Nothing more is read, so nothing tells of the end: it has to be looked for.
    while (!connection.stream.peer_left() && !connection.cut.raised()) {
        const Instant next_look = connection.clock.now() + look_every;
        co_await connection.clock.sleep_until(next_look);
    }
}

}  // namespace gatehouse::server
