#include "support/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace gatehouse::test {
namespace {

/// OpenSSL writes without MSG_NOSIGNAL.
void ignore_broken_pipes() {
    static const auto previous = std::signal(SIGPIPE, SIG_IGN);
    static_cast<void>(previous);
}

}  // namespace

BlockingSocket::BlockingSocket(int descriptor, std::chrono::milliseconds patience) : descriptor_(descriptor) {
    ignore_broken_pipes();
    const timeval limit{patience.count() / 1000, (patience.count() % 1000) * 1000};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

BlockingSocket::~BlockingSocket() {
    cut();
}

bool BlockingSocket::accept_tls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, descriptor_);
    return SSL_accept(ssl_) == 1;
}

bool BlockingSocket::connect_tls(SSL_CTX* context, const std::string& server_name) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, descriptor_);
    std::string name = server_name;
    SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    SSL_set1_host(ssl_, server_name.c_str());
    return SSL_connect(ssl_) == 1;
}

std::string BlockingSocket::server_name() const {
    const char* name = ssl_ == nullptr ? nullptr : SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? std::string() : std::string(name);
}

bool BlockingSocket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        ERR_clear_error();
        const ssize_t count = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                              : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

BlockingSocket::Outcome BlockingSocket::receive(std::string& into) {
    std::array<char, 65536> buffer;
    ERR_clear_error();
    errno = 0;
    const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))
                                          : ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count > 0) {
        into.append(buffer.data(), static_cast<std::size_t>(count));
        return Outcome::bytes;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return Outcome::timed_out;
    }
    if (ssl_ != nullptr) {
        const int reason = SSL_get_error(ssl_, static_cast<int>(count));
        return reason == SSL_ERROR_ZERO_RETURN ? Outcome::end : Outcome::lost;
    }
    return count == 0 ? Outcome::end : Outcome::lost;
}

bool BlockingSocket::closes_within(std::chrono::milliseconds duration) {
    const auto until = std::chrono::steady_clock::now() + duration;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd watched{descriptor_, POLLRDHUP, 0};
        const int ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready > 0) {
            return true;
        }
        if (ready == 0) {
            return false;
        }
    }
}

void BlockingSocket::half_close() {
    if (ssl_ != nullptr) {
        SSL_shutdown(ssl_);
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void BlockingSocket::reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    cut();
}

void BlockingSocket::close() {
    if (ssl_ != nullptr && descriptor_ >= 0) {
        SSL_shutdown(ssl_);
    }
    cut();
}

void BlockingSocket::cut() {
    SSL_free(ssl_);
    ssl_ = nullptr;
    if (descriptor_ >= 0) {
        ::close(descriptor_);
        descriptor_ = -1;
    }
}

void BlockingSocket::wake() noexcept {
    ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace gatehouse::test
