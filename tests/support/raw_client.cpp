#include "support/raw_client.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/http1_reader.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace gatehouse::test {
namespace {

int try_to_connect(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

int connect_to(std::uint16_t port) {
    const int descriptor = try_to_connect(port);
    if (descriptor < 0) {
        throw std::runtime_error("nobody listens on port " + std::to_string(port));
    }
    return descriptor;
}

}  // namespace

std::optional<std::string> RawResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (equals_ignoring_case(key, name)) {
            return value;
        }
    }
    return std::nullopt;
}

RawClient::RawClient(std::uint16_t port, std::chrono::milliseconds patience)
    : context_(nullptr, SSL_CTX_free), socket_(connect_to(port), patience) {}

RawClient::RawClient(std::uint16_t port, const Tls& tls, std::chrono::milliseconds patience)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free), socket_(connect_to(port), patience) {
    SSL_CTX_load_verify_file(context_.get(), tls.ca_file.c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (!socket_.connect_tls(context_.get(), tls.server_name)) {
        throw std::runtime_error("the TLS handshake failed");
    }
}

RawClient::~RawClient() = default;

bool RawClient::can_connect(std::uint16_t port) {
    const int descriptor = try_to_connect(port);
    if (descriptor >= 0) {
        ::close(descriptor);
    }
    return descriptor >= 0;
}

bool RawClient::send(std::string_view bytes) {
    return socket_.send(bytes);
}

bool RawClient::fill() {
    switch (socket_.receive(received_)) {
        case BlockingSocket::Outcome::bytes:
            return true;
        case BlockingSocket::Outcome::timed_out:
            throw std::runtime_error("nothing came in time; so far: " + received_.substr(0, 500));
        default:
            return false;
    }
}

std::string RawClient::read_some() {
    if (received_.empty()) {
        fill();
    }
    return std::exchange(received_, std::string());
}

std::string RawClient::read(std::size_t count) {
    while (received_.size() < count && fill()) {
    }
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
}

std::string RawClient::read_until(std::string_view text) {
    std::size_t at = received_.find(text);
    while (at == std::string::npos && fill()) {
        at = received_.find(text);
    }
    return read(at == std::string::npos ? received_.size() : at + text.size());
}

std::string RawClient::read_until_closed() {
    while (fill()) {
    }
    return std::exchange(received_, std::string());
}

RawResponse RawClient::read_response(std::string_view method) {
    RawResponse response;
    wire::HeadLimits limits;
    limits.block = 256 * 1024;
    wire::ResponseHeadReader reader(limits);
    wire::ResponseHead head;
    std::size_t taken = 0;
    while (taken == 0) {
        const Result<std::size_t> read_head = reader.read(received_, head, method == "HEAD");
        if (!read_head) {
            throw std::runtime_error("malformed response: " + received_.substr(0, 500));
        }
        taken = *read_head;
        if (taken == 0 && !fill()) {
            return response;
        }
    }
    received_.erase(0, taken);
    response.status = head.status;
    response.closes = !head.keep_alive;
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        response.headers.emplace_back(head.fields[i].name, head.fields[i].value);
    }
    wire::BodyReader body(head.body);
    while (!body.complete()) {
        Result<wire::BodyReader::Step> step = body.feed(received_);
        if (!step) {
            throw std::runtime_error("malformed response body");
        }
        response.body.append(step->payload);
        received_.erase(0, step->consumed);
        if (!body.complete() && step->consumed == 0 && !fill()) {
            response.complete = head.body.kind == wire::BodyKind::until_close;
            return response;
        }
    }
    response.complete = true;
    return response;
}

RawResponse RawClient::exchange(std::string_view bytes) {
    if (!send(bytes)) {
        throw std::runtime_error("the peer is gone");
    }
    return read_response(bytes.substr(0, bytes.find(' ')));
}

bool RawClient::is_closed_within(std::chrono::milliseconds duration) {
    return socket_.closes_within(duration);
}
void RawClient::half_close() {
    socket_.half_close();
}
void RawClient::reset() {
    socket_.reset();
}
void RawClient::close() {
    socket_.close();
}

}  // namespace gatehouse::test
