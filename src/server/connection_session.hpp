// The loop of one connection: a head, its answer, the next head.
// Room: server, private.
#pragma once

#include "connection.hpp"
#include "incoming.hpp"
#include "server_state.hpp"

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/wire/http1_reader.hpp"

#include <memory>

namespace gatehouse::server {

class Session {
public:
    Session(std::shared_ptr<Server::State> server, std::unique_ptr<net::ByteStream> stream, Door door);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Serves until the connection is at its end, and closes it.
    Task<void> run();
    /// Closes the connection if it is between two requests.
    void close_if_idle() noexcept;
    /// The request that is running fails with shutting_down, and has until then to say so.
    void cut_short(Instant until) { connection_.cut_short(until); }

private:
    /// How the wait for a head ended. `refused`: `refusal_` says why.
    enum class HeadRead : std::uint8_t { ready, refused, ended };
    /// What becomes of the connection after a request.
    enum class After : std::uint8_t { next, close, discard };

    Task<HeadRead> read_head();
    Task<After> answer();
    Task<After> refuse_head();
    Task<Status> handle(Incoming& in);
    Task<void> discard_rest();
    void note_request(Incoming& in);

    std::shared_ptr<Server::State> server_;
    std::unique_ptr<net::ByteStream> stream_;
    Door door_;
    Connection connection_;
    Live live_;
    wire::RequestHeadReader reader_;
    wire::RequestHead head_;
    std::optional<Problem> refusal_;
    bool idle_{false};
    bool served_{false};  // at least one request
};

}  // namespace gatehouse::server
