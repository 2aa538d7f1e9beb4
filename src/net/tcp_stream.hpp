// A TCP connection as a ByteStream, and what the pool of the client wants to know of one beyond that.
//
// Deadlines are data: one timer per stream is armed when a pending operation needs it earlier than it is
// armed for, and looks at the real deadlines when it fires. An operation that ends at once costs no timer.
// Room: net, private.
#pragma once

#include "gatehouse/net/byte_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::net {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
using Endpoint = boost::asio::ip::tcp::endpoint;

/// A stream that can be kept for later.
class KeptStream : public ByteStream {
public:
    /// Nothing has come since the last read, not even the end: the connection may carry another exchange.
    virtual bool is_quiet() noexcept = 0;
};

class TcpStream final : public KeptStream {
public:
    /// Takes over a connected socket.
    TcpStream(Socket socket, std::string peer_address);
    ~TcpStream() override;
    TcpStream(const TcpStream&) = delete;
    TcpStream& operator=(const TcpStream&) = delete;

    /// Problems: timed_out, closed (with the reason in words), cancelled.
    static Task<Result<std::unique_ptr<TcpStream>>> connect(boost::asio::io_context& context, Endpoint to,
                                                            Instant deadline);

    Task<Result<std::size_t>> read_some(std::span<char> into) override;
    Task<Status> write(std::span<const std::string_view> pieces) override;
    void read_deadline(Instant when) noexcept override;
    void write_deadline(Instant when) noexcept override;
    Task<void> shutdown_send() override;
    void close() noexcept override;
    const std::string& peer_address() const noexcept override { return peer_address_; }
    bool is_quiet() noexcept override;
    bool peer_left() noexcept override;

    /// Reads what is there without waiting: 0 when there is nothing, or it has ended.
    std::size_t read_now(std::span<char> into) noexcept;

private:
    struct Direction {
        Instant deadline{never};
        bool pending{false};
    };
    struct Alive {};
    class Pending;

    void arm(Instant when);
    void on_timer();
    Task<Status> finish_write(std::vector<boost::asio::const_buffer> rest);
    Problem reason(const boost::system::error_code& error, bool cancelled) const;

    Socket socket_;
    boost::asio::steady_timer timer_;
    Instant armed_for_{never};
    Direction read_;
    Direction write_;
    bool closed_{false};
    bool more_expected_{false};  // the last read filled its buffer
    unsigned read_at_once_{0};   // reads since the last that waited
    std::string peer_address_;
    std::shared_ptr<Alive> alive_;
};

}  // namespace gatehouse::net
