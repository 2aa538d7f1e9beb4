#include "driver.hpp"

#include "clock.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace gatehouse::bench {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr double grace_seconds = 10;  // for answers that are still on their way at the end
constexpr std::size_t nonce_size = 16;

/// Words with a line break now and then, as prompts have them; always the same text for one size.
std::string prompt_of(int size) {
    constexpr std::string_view words =
        "alpha table river cloud metric invoice orbit stone vector garden signal window silver report ";
    std::string text;
    while (text.size() + 2 < static_cast<std::size_t>(size)) {
        text.append(words.substr(0, static_cast<std::size_t>(size) - 2 - text.size()));
        text.append("\\n");
    }
    text.resize(static_cast<std::size_t>(size), 'x');
    if (text.ends_with('\\')) {
        text.back() = 'x';
    }
    return text;
}

/// Of a number, so that neighbours look nothing like each other (the finaliser of splitmix64).
std::uint64_t nonce_of(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

}  // namespace

struct Driver::Connection {
    int descriptor{-1};
    bool active{false};
    bool used_before{false};
    bool got_chunk{false};
    std::size_t sent{0};
    std::string request;
    std::uint64_t start_ns{0};
    std::uint64_t due_ns{0};
    ReplyReader reply;
};

Driver::Driver(const Options& options)
    : options_(options),
      stream_(options.mode == Mode::stream || options.mode == Mode::idle),
      poll_(epoll_create1(EPOLL_CLOEXEC)),
      random_(now_ns() | 1U) {
    prepare_request();
    for (int i = 0; i < options_.connections; ++i) {
        connections_.push_back(std::make_unique<Connection>());
        idle_.push_back(connections_.back().get());
    }
}

Driver::~Driver() {
    for (const auto& connection : connections_) {
        if (connection->descriptor >= 0) {
            close(connection->descriptor);
        }
    }
    close(poll_);
}

void Driver::prepare_request() {
    std::string body = R"({"model":")" + options_.model +
                       R"(","messages":[{"role":"system","content":"You are a helpful assistant."},)" +
                       R"({"role":"user","content":"request )";
    const std::size_t nonce_in_body = body.size();
    body.append(nonce_size, '0').append(" ").append(prompt_of(options_.prompt));
    body.append(R"("}],"temperature":0.7,"max_tokens":256,"stream":)").append(stream_ ? "true}" : "false}");
    request_ = "POST " + options_.path + " HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(options_.port) +
               "\r\ncontent-type: application/json\r\naccept: " +
               (stream_ ? "text/event-stream" : "application/json") + "\r\nuser-agent: bench_load/1\r\n";
    if (!options_.key.empty()) {
        request_.append("authorization: Bearer ").append(options_.key).append("\r\n");
    }
    request_.append("content-length: ").append(std::to_string(body.size())).append("\r\n\r\n");
    nonce_at_ = request_.size() + nonce_in_body;
    request_.append(body);
}

void Driver::run(const std::function<void()>& measure) {
    if (options_.warm_up > 0) {
        drive(options_.warm_up, options_.seconds, false);
    }
    totals_ = Totals{};
    times_ = Times{};
    measure();
    began_ns_ = now_ns();
    last_ns_ = began_ns_;
    drive(options_.requests, options_.seconds, options_.mode == Mode::rate);
}

void Driver::hold(const std::function<void()>& measure) {
    constexpr std::uint64_t at_once = 64;
    began_ns_ = now_ns();
    const std::uint64_t deadline =
        began_ns_ + static_cast<std::uint64_t>((options_.seconds + grace_seconds) * second);
    std::uint64_t issued = 0;
    while (first_chunks_ < options_.requests && now_ns() < deadline && totals_.done == 0) {
        while (!idle_.empty() && issued < options_.requests && issued - first_chunks_ < at_once) {
            Connection& connection = *idle_.front();
            idle_.pop_front();
            ++issued;
            start(connection, now_ns());
        }
        poll_once(second / 50);
    }
    const std::uint64_t until = now_ns() + static_cast<std::uint64_t>(options_.seconds * second);
    while (now_ns() < until) {
        poll_once(second / 50);
    }
    measure();
    totals_.unfinished = options_.requests - first_chunks_;
    last_ns_ = now_ns();
}

double Driver::seconds() const noexcept {
    return static_cast<double>(last_ns_ - began_ns_) / second;
}

void Driver::drive(std::uint64_t requests, double seconds, bool paced) {
    const std::uint64_t begin = now_ns();
    const std::uint64_t soft = begin + static_cast<std::uint64_t>(seconds * second);
    const std::uint64_t hard = soft + static_cast<std::uint64_t>(grace_seconds * second);
    const double step = paced ? second / options_.rate : 0;
    std::uint64_t issued = 0;
    for (;;) {
        std::uint64_t now = now_ns();
        std::uint64_t due = begin + static_cast<std::uint64_t>(step * static_cast<double>(issued));
        while (issued < requests && now < soft && !idle_.empty() && now >= due) {
            Connection& connection = *idle_.front();
            idle_.pop_front();
            ++issued;
            start(connection, paced ? due : now);
            now = now_ns();
            due = begin + static_cast<std::uint64_t>(step * static_cast<double>(issued));
        }
        const bool more = issued < requests && now < soft;
        if (active_ == 0 && !more) {
            return;
        }
        if (now >= hard) {
            totals_.unfinished = active_;
            return;
        }
        const bool waits_for_time = paced && more && !idle_.empty();
        poll_once(waits_for_time ? std::min(due > now ? due - now : 0, second / 10) : second / 10);
    }
}

void Driver::poll_once(std::uint64_t wait_ns) {
    std::array<epoll_event, 1'024> events{};
    const timespec wait{static_cast<time_t>(wait_ns / second), static_cast<long>(wait_ns % second)};
    const int count = epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        on_event(*connections_[event.data.u32], event.events);
    }
}

void Driver::start(Connection& connection, std::uint64_t due_ns) {
    random_ ^= random_ << 13U;
    random_ ^= random_ >> 7U;
    random_ ^= random_ << 17U;
    std::uint64_t nonce = options_.distinct == 0 ? random_ : nonce_of(started_++ % options_.distinct);
    for (std::size_t i = 0; i < nonce_size; ++i, nonce >>= 4U) {
        request_[nonce_at_ + i] = static_cast<char>('a' + (nonce & 15U));
    }
    connection.request = request_;
    connection.sent = 0;
    connection.reply.begin();
    connection.got_chunk = false;
    connection.active = true;
    ++active_;
    connection.due_ns = due_ns;
    connection.start_ns = now_ns();
    connection.used_before = connection.descriptor >= 0;
    if (connection.used_before || dial(connection)) {
        send_rest(connection);
    }
}

/// A connect on the loopback completes or fails at once, so it may block.
bool Driver::dial(Connection& connection) {
    connection.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ++totals_.not_connected;
        rest(connection, false);
        return false;
    }
    const int one = 1;
    setsockopt(connection.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const auto found = std::find_if(connections_.begin(), connections_.end(),
                                    [&](const auto& candidate) { return candidate.get() == &connection; });
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET;
    event.data.u32 = static_cast<std::uint32_t>(found - connections_.begin());
    epoll_ctl(poll_, EPOLL_CTL_ADD, connection.descriptor, &event);
    return true;
}

void Driver::send_rest(Connection& connection) {
    while (connection.active && connection.sent < connection.request.size()) {
        const ssize_t sent = send(connection.descriptor, connection.request.data() + connection.sent,
                                  connection.request.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            connection.sent += static_cast<std::size_t>(sent);
        } else if (errno != EINTR) {
            return;  // full: EPOLLOUT will tell; broken: the read side will
        }
    }
}

void Driver::on_event(Connection& connection, std::uint32_t events) {
    if (connection.descriptor < 0) {
        return;
    }
    if ((events & EPOLLOUT) != 0) {
        send_rest(connection);
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
        read(connection);
    }
}

/// Edge-triggered: reads until there is nothing more.
void Driver::read(Connection& connection) {
    static std::array<char, 262'144> buffer;
    while (connection.descriptor >= 0) {
        const ssize_t got = recv(connection.descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT);
        const std::uint64_t now = now_ns();
        if (got > 0 && connection.active) {
            connection.reply.feed({buffer.data(), static_cast<std::size_t>(got)},
                                  [&](std::uint64_t sent_ns) { on_chunk(connection, sent_ns, now); });
            if (options_.leave_after > 0 && connection.reply.chunks() >= options_.leave_after) {
                leave(connection);
            } else if (connection.reply.done()) {
                finish(connection);
            }
        } else if (got < 0 && errno == EAGAIN) {
            return;
        } else if (got >= 0 || errno != EINTR) {
            on_closed(connection);
        }
    }
}

void Driver::on_chunk(Connection& connection, std::uint64_t sent_ns, std::uint64_t now) {
    ++totals_.chunks;
    times_.chunk_delay.add(now > sent_ns ? now - sent_ns : 0);
    if (!connection.got_chunk) {
        connection.got_chunk = true;
        ++first_chunks_;
        times_.first_chunk.add(now - connection.start_ns);
    }
}

void Driver::on_closed(Connection& connection) {
    if (!connection.active) {
        close(connection.descriptor);
        connection.descriptor = -1;
    } else if (connection.used_before && !connection.reply.started()) {
        ++totals_.sent_again;
        close(connection.descriptor);
        connection.sent = 0;
        connection.used_before = false;
        if (dial(connection)) {
            send_rest(connection);
        }
    } else {
        finish(connection);
    }
}

void Driver::finish(Connection& connection) {
    const std::uint64_t now = now_ns();
    last_ns_ = now;
    ++totals_.done;
    const Verdict verdict = connection.reply.judge(stream_, options_.expected_chunks);
    ++totals_.verdicts[static_cast<std::size_t>(verdict)];
    if (verdict == Verdict::right) {
        times_.whole.add(now - (options_.mode == Mode::rate ? connection.due_ns : connection.start_ns));
    }
    rest(connection, connection.reply.keeps_connection());
}

void Driver::leave(Connection& connection) {
    last_ns_ = now_ns();
    ++totals_.done;
    ++totals_.left_on_purpose;
    rest(connection, false);
}

void Driver::rest(Connection& connection, bool keep) {
    if (!keep) {
        close(connection.descriptor);
        connection.descriptor = -1;
    }
    connection.active = false;
    --active_;
    idle_.push_back(&connection);
}

}  // namespace gatehouse::bench
