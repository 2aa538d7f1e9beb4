#include "tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <new>
#include <utility>

namespace gatehouse::net {
namespace {

constexpr std::size_t record_size = 16 * 1024;  // RFC 8446, 5.1
constexpr std::size_t send_at_once = 64 * 1024;

/// Hands out the pieces one record at a time, small ones joined.
class Records {
public:
    explicit Records(std::span<const std::string_view> pieces) : pieces_(pieces) {}

    /// Empty at the end. A piece that fills a record is not copied.
    std::string_view next() {
        skip_empty();
        if (index_ < pieces_.size() && pieces_[index_].size() - offset_ >= record_size) {
            return take(record_size);
        }
        joined_.clear();
        while (index_ < pieces_.size() && joined_.size() < record_size) {
            joined_.append(take(record_size - joined_.size()));
            skip_empty();
        }
        return joined_;
    }

private:
    void skip_empty() {
        while (index_ < pieces_.size() && offset_ == pieces_[index_].size()) {
            ++index_;
            offset_ = 0;
        }
    }
    std::string_view take(std::size_t most) {
        const std::string_view part = pieces_[index_].substr(offset_, most);
        offset_ += part.size();
        return part;
    }

    std::span<const std::string_view> pieces_;
    std::size_t index_{0};
    std::size_t offset_{0};
    std::string joined_;
};

}  // namespace

TlsStream::TlsStream(std::unique_ptr<TcpStream> below, SslHandle ssl, Instant handshake_deadline)
    : below_(std::move(below)),
      ssl_(std::move(ssl)),
      incoming_(BIO_new(BIO_s_mem())),
      outgoing_(BIO_new(BIO_s_mem())),
      handshake_deadline_(handshake_deadline) {
    if (incoming_ == nullptr || outgoing_ == nullptr || !ssl_) {
        BIO_free(incoming_);
        BIO_free(outgoing_);
        throw std::bad_alloc();
    }
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);
    below_->read_deadline(handshake_deadline_);
    below_->write_deadline(handshake_deadline_);
}

Problem TlsStream::failed(const char* doing) {
    broken_ = true;
    const long verified = SSL_get_verify_result(ssl_.get());
    if (!established_ && verified != X509_V_OK) {
        ERR_clear_error();
        std::string message = "certificate not accepted: ";
        message.append(X509_verify_cert_error_string(verified));
        return Problem(ProblemKind::closed, std::move(message));
    }
    std::string message = doing;
    message.append(": ").append(tls_error_text());
    return Problem(ProblemKind::closed, std::move(message));
}

Task<Status> TlsStream::handshake() {
    while (!established_) {
        if (broken_) {
            co_return Problem(ProblemKind::closed, "TLS handshake failed");
        }
        ERR_clear_error();
        const int outcome = SSL_do_handshake(ssl_.get());
        const int wants = SSL_get_error(ssl_.get(), outcome);
        if (outcome != 1 && wants != SSL_ERROR_WANT_READ) {
            Problem problem = failed("TLS handshake failed");
            // The alert tells the peer why; if it cannot be sent, the reason stands all the same.
            const Status told = co_await send_pending();
            static_cast<void>(told);
            co_return problem;
        }
        Status sent = co_await send_pending();
        if (!sent) {
            broken_ = true;
            co_return std::move(sent).problem();
        }
        if (outcome == 1) {
            established_ = true;
            below_->read_deadline(read_deadline_);
            below_->write_deadline(write_deadline_);
            co_return done();
        }
        Status received = co_await receive();
        if (!received) {
            co_return std::move(received).problem();
        }
    }
    co_return done();
}

/// Moves what has arrived to OpenSSL; an end down there is a cut up here.
Task<Status> TlsStream::receive() {
    const std::span<char> into(received_);
    Result<std::size_t> count = co_await below_->read_some(into);
    if (!count) {
        co_return std::move(count).problem();
    }
    if (*count == 0) {
        broken_ = true;
        co_return Problem(ProblemKind::closed, "the peer cut the TLS connection");
    }
    const int taken = BIO_write(incoming_, received_.data(), static_cast<int>(*count));
    if (taken != static_cast<int>(*count)) {
        throw std::bad_alloc();  // A memory BIO takes everything, or there is no memory.
    }
    co_return done();
}

Task<Status> TlsStream::send_pending() {
    const std::size_t size = BIO_ctrl_pending(outgoing_);
    if (size == 0) {
        co_return done();
    }
    sending_.resize(size);
    BIO_read(outgoing_, sending_.data(), static_cast<int>(size));
    const std::array<std::string_view, 1> pieces = {sending_};
    const Status sent = co_await below_->write(pieces);
    co_return sent;
}

Task<Result<std::size_t>> TlsStream::read_some(std::span<char> into) {
    if (!established_) {
        Status ready = co_await handshake();
        if (!ready) {
            co_return std::move(ready).problem();
        }
    }
    while (!broken_) {
        ERR_clear_error();
        std::size_t count = 0;
        const int outcome = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
        if (outcome == 1) {
            co_return count;
        }
        switch (SSL_get_error(ssl_.get(), outcome)) {
            case SSL_ERROR_ZERO_RETURN:
                co_return std::size_t{0};
            case SSL_ERROR_WANT_READ:
                break;
            default:
                co_return failed("TLS read failed");
        }
        // An answer to a key update waits for our next write, which is when the peer may rely on it.
        Status received = co_await receive();
        if (!received) {
            co_return std::move(received).problem();
        }
    }
    co_return Problem(ProblemKind::closed, "the peer cut the TLS connection");
}

Task<Status> TlsStream::write(std::span<const std::string_view> pieces) {
    if (!established_) {
        Status ready = co_await handshake();
        if (!ready) {
            co_return std::move(ready).problem();
        }
    }
    Records records(pieces);
    for (std::string_view record = records.next(); !record.empty(); record = records.next()) {
        if (broken_) {
            co_return Problem(ProblemKind::closed, "the peer cut the TLS connection");
        }
        ERR_clear_error();
        std::size_t written = 0;
        const int outcome = SSL_write_ex(ssl_.get(), record.data(), record.size(), &written);
        if (outcome != 1) {
            co_return failed("TLS write failed");
        }
        if (BIO_ctrl_pending(outgoing_) < send_at_once) {
            continue;
        }
        Status sent = co_await send_pending();
        if (!sent) {
            broken_ = true;  // Half a record may be out.
            co_return std::move(sent).problem();
        }
    }
    Status sent = co_await send_pending();
    if (!sent) {
        broken_ = true;
    }
    co_return sent;
}

void TlsStream::read_deadline(Instant when) noexcept {
    read_deadline_ = when;
    below_->read_deadline(established_ ? when : std::min(when, handshake_deadline_));
}

void TlsStream::write_deadline(Instant when) noexcept {
    write_deadline_ = when;
    below_->write_deadline(established_ ? when : std::min(when, handshake_deadline_));
}

Task<void> TlsStream::shutdown_send() {
    if (established_ && !broken_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        const Status sent = co_await send_pending();
        if (!sent) {
            broken_ = true;
        }
    }
    co_await below_->shutdown_send();
}

bool TlsStream::is_quiet() noexcept {
    if (!established_ || broken_ || SSL_pending(ssl_.get()) != 0) {
        return false;
    }
    // Session tickets come after the handshake and are no data: let OpenSSL look at what there is.
    while (!below_->is_quiet()) {
        const std::size_t count = below_->read_now(received_);
        if (count == 0 || BIO_write(incoming_, received_.data(), static_cast<int>(count)) <= 0) {
            return false;
        }
        char byte = 0;
        std::size_t peeked = 0;
        ERR_clear_error();
        const int outcome = SSL_peek_ex(ssl_.get(), &byte, 1, &peeked);
        if (outcome == 1 || SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_WANT_READ) {
            ERR_clear_error();
            return false;
        }
    }
    return true;
}

}  // namespace gatehouse::net
