// The body of a response as it arrives, and what becomes of its connection.
// Room: net, private.
#pragma once

#include "connection_pool.hpp"

#include "gatehouse/wire/http1_reader.hpp"

#include <memory>
#include <string>

namespace gatehouse::net {

/// The deadlines of one call, and the words for the one that has passed.
struct CallClock {
    Timeouts timeouts;
    Instant total{never};

    Problem expired(Instant now, std::string_view doing, Milliseconds limit) const;
};

class PooledReply final : public HttpReply {
public:
    enum class Sent : bool { partly, whole };

    /// `connection` holds the bytes after the head.
    PooledReply(std::weak_ptr<ConnectionPool> pool, Origin origin, std::unique_ptr<Connection> connection,
                wire::ResponseHead head, Sent request, CallClock deadlines);
    ~PooledReply() override;
    PooledReply(const PooledReply&) = delete;
    PooledReply& operator=(const PooledReply&) = delete;

    const wire::ResponseHead& head() const noexcept override { return head_; }
    Task<Result<std::string_view>> next() override;
    void read_by(Instant when) noexcept override;

private:
    Result<std::string_view> payload();
    std::size_t wanted() const noexcept;
    void finish();
    Problem lost(const Problem& cause);

    std::weak_ptr<ConnectionPool> pool_;
    Origin origin_;
    std::unique_ptr<Connection> connection_;
    wire::ResponseHead head_;
    Sent request_;
    CallClock deadlines_;
    wire::BodyReader body_;
    Instant read_by_{never};
    std::uint64_t delivered_{0};
    std::size_t shown_{0};  // bytes of the buffer that the last view covers
    std::size_t read_size_;
    std::string joined_;  // payload of several chunks that came together
    bool ended_{false};
};

}  // namespace gatehouse::net
