#include "server.hpp"

#include "answers.hpp"
#include "clock.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace gatehouse::bench {
namespace {

constexpr std::size_t largest_body = 64U << 20U;
constexpr int chunks_per_turn = 32;  // a burst must not starve the other connections

int listen_on(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(descriptor, 4'096) != 0) {
        std::perror("bench_provider: listen");
        std::exit(1);
    }
    return descriptor;
}

/// The value of `content-length`, 0 when there is none; heads are short, names are searched without regard to
/// case.
std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "content-length:";
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    const auto at = std::search(head.begin(), head.end(), name.begin(), name.end(), same);
    if (at == head.end()) {
        return 0;
    }
    std::string_view value = head.substr(static_cast<std::size_t>(at - head.begin()) + name.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    std::size_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);
    return length;
}

/// How to answer at that path; null for none, and for a body that the API there would refuse.
const Api* read_request(std::string_view path, std::string_view body, Asked& asked) {
    for (const Api* api : {&chat_api(), &messages_api(), &generate_api()}) {
        if (auto read = api->read(path, body)) {
            asked = std::move(*read);
            return api;
        }
    }
    return nullptr;
}

std::uint64_t& counted(Stats& stats, const Api& api) noexcept {
    if (&api == &messages_api()) {
        return stats.messages;
    }
    return &api == &generate_api() ? stats.generate : stats.chat;
}

}  // namespace

Server::Server(std::uint16_t port) : listener_(listen_on(port)), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener_;
    epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &event);
}

void Server::run() {
    std::array<epoll_event, 512> events{};
    for (;;) {
        timespec wait{};
        const bool timed = !timers_.empty();
        if (timed) {
            const std::uint64_t now = now_ns();
            const std::uint64_t left = timers_.top().at_ns > now ? timers_.top().at_ns - now : 0;
            wait.tv_sec = static_cast<time_t>(left / 1'000'000'000U);
            wait.tv_nsec = static_cast<long>(left % 1'000'000'000U);
        }
        const int count = epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()),
                                       timed ? &wait : nullptr, nullptr);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            on_event(event.data.fd, event.events);
        }
        run_timers();
    }
}

void Server::on_event(int descriptor, std::uint32_t events) {
    if (descriptor == listener_) {
        accept_all();
        return;
    }
    Connection* const connection = find(descriptor);
    if (connection == nullptr) {
        return;
    }
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        drop(*connection, false);
        return;
    }
    if ((events & EPOLLOUT) != 0 && !(flush(*connection) && advance(*connection))) {
        return;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) {
        read(*connection);
    }
}

void Server::run_timers() {
    const std::uint64_t now = now_ns();
    while (!timers_.empty() && timers_.top().at_ns <= now) {
        const Timer timer = timers_.top();
        timers_.pop();
        Connection* const connection = find(timer.descriptor);
        if (connection != nullptr && connection->generation == timer.generation) {
            advance(*connection);
        }
    }
}

Server::Connection* Server::find(int descriptor) noexcept {
    const auto at = static_cast<std::size_t>(descriptor);
    return at < connections_.size() ? connections_[at].get() : nullptr;
}

void Server::accept_all() {
    for (;;) {
        const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            return;
        }
        const int one = 1;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        const auto at = static_cast<std::size_t>(descriptor);
        connections_.resize(std::max(connections_.size(), at + 1));
        connections_[at] = std::make_unique<Connection>();
        connections_[at]->descriptor = descriptor;
        epoll_event event{};
        event.events = EPOLLIN | EPOLLRDHUP;
        event.data.fd = descriptor;
        epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event);
        ++stats_.connections;
    }
}

void Server::drop(Connection& connection, bool reset) {
    if (reset) {
        const linger now{1, 0};
        setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    } else if (connection.step != Step::idle) {
        ++stats_.clients_gone;
    }
    if (connection.step != Step::idle && connection.asked.stream) {
        --stats_.streams_active;
    }
    close(connection.descriptor);
    connections_[static_cast<std::size_t>(connection.descriptor)].reset();
}

bool Server::read(Connection& connection) {
    std::array<char, 65'536> buffer{};
    for (;;) {
        const ssize_t got = recv(connection.descriptor, buffer.data(), buffer.size(), 0);
        if (got > 0) {
            connection.in.append(buffer.data(), static_cast<std::size_t>(got));
            if (static_cast<std::size_t>(got) == buffer.size()) {
                continue;
            }
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            drop(connection, false);
            return false;
        }
        return take_request(connection);
    }
}

bool Server::take_request(Connection& connection) {
    while (connection.step == Step::idle) {
        const std::size_t head_size = connection.in.find("\r\n\r\n");
        if (head_size == std::string::npos) {
            return true;
        }
        const std::string_view head = std::string_view(connection.in).substr(0, head_size);
        const std::size_t length = content_length(head);
        const std::size_t total = head_size + 4 + length;
        if (length > largest_body) {
            ++stats_.bad;
            drop(connection, true);
            return false;
        }
        if (connection.in.size() < total) {
            connection.in.reserve(total);
            return true;
        }
        const std::string_view line = head.substr(0, head.find("\r\n"));
        const std::size_t space = std::min(line.find(' '), line.size());
        const std::string_view target = line.substr(std::min(space + 1, line.size()));
        const std::string request = connection.in.substr(0, total);
        const std::string_view body = std::string_view(request).substr(head_size + 4);
        const std::string method(line.substr(0, space));
        const std::string path(target.substr(0, target.find(' ')));
        connection.in.erase(0, total);
        if (!answer(connection, method, path, body)) {
            return false;
        }
    }
    return true;
}

bool Server::answer(Connection& connection, std::string_view method, std::string_view path,
                    std::string_view body) {
    if (method == "GET" && path == "/stats") {
        append_message(connection.out, 200, "application/json", stats_json());
        return flush(connection);
    }
    if (method == "POST" && path == "/reset") {
        const std::uint64_t active = stats_.streams_active;
        stats_ = Stats{};
        stats_.streams_active = active;
        append_message(connection.out, 200, "text/plain", "ok");
        return flush(connection);
    }
    const Api* const api = method == "POST" ? read_request(path, body, connection.asked) : nullptr;
    if (api == nullptr) {
        ++stats_.bad;
        append_message(connection.out, 404, "application/json", chat_api().error_answer(404));
        return flush(connection);
    }
    ++stats_.requests;
    ++counted(stats_, *api);
    connection.generation = ++last_generation_;
    connection.api = api;
    connection.asked.id = ++last_id_;
    connection.plan = plan_for(connection.asked.model);
    connection.sent = 0;
    connection.step = Step::head;
    connection.due_ns = 0;
    stats_.streams_active += connection.asked.stream ? 1 : 0;
    if (connection.plan.delay_ns > 0) {
        wait_until(connection, now_ns() + connection.plan.delay_ns);
        return true;
    }
    return advance(connection);
}

void Server::wait_until(Connection& connection, std::uint64_t at_ns) {
    connection.due_ns = at_ns;
    timers_.push({at_ns, connection.descriptor, connection.generation});
}

/// The head of a stream, or the whole answer.
bool Server::begin(Connection& connection) {
    const Plan& plan = connection.plan;
    if (plan.fault == Fault::reset) {
        drop(connection, true);
        return false;
    }
    if (connection.asked.stream && plan.fault != Fault::status && plan.fault != Fault::garbage) {
        connection.step = Step::chunks;
        connection.filler = filler(plan.chunk_size);
        connection.api->append_head(connection.out, connection.asked);
        return flush(connection);
    }
    const int status = plan.fault == Fault::status ? plan.status : 200;
    const std::string body = plan.fault == Fault::status ? connection.api->error_answer(status)
                             : plan.fault == Fault::garbage
                                 ? std::string("<html>this is not JSON")
                                 : connection.api->whole_answer(connection.asked, plan);
    append_message(connection.out, status, "application/json", body);
    stats_.streams_active -= connection.asked.stream ? 1 : 0;
    connection.step = Step::idle;
    return flush(connection) && take_request(connection);
}

/// Moves a request on as far as it can go now.
bool Server::advance(Connection& connection) {
    if (connection.step == Step::head && now_ns() >= connection.due_ns && !begin(connection)) {
        return false;
    }
    for (int turn = 0; connection.step == Step::chunks && !connection.waits_for_room; ++turn) {
        const std::uint64_t now = now_ns();
        if (now < connection.due_ns) {
            return true;
        }
        if (turn == chunks_per_turn) {
            wait_until(connection, now);
            return true;
        }
        const Plan& plan = connection.plan;
        const bool faulty = plan.fault != Fault::none && connection.sent >= plan.fault_after;
        if (faulty || connection.sent >= plan.chunks) {
            return end_stream(connection, faulty ? plan.fault : Fault::none);
        }
        connection.api->append_chunk(connection.out, connection.asked, connection.sent, connection.filler);
        ++connection.sent;
        ++stats_.chunks;
        if (!flush(connection)) {
            return false;
        }
        if (plan.gap_ns > 0) {
            wait_until(connection, now_ns() + plan.gap_ns);
        }
    }
    return true;
}

bool Server::end_stream(Connection& connection, Fault how) {
    if (how == Fault::hang) {
        connection.step = Step::silent;
        return true;
    }
    --stats_.streams_active;
    connection.step = Step::idle;
    if (how == Fault::reset_midway || how == Fault::cut) {
        drop(connection, how == Fault::reset_midway);
        return false;
    }
    if (how == Fault::error_event) {
        connection.api->append_error(connection.out);
    } else if (how == Fault::none) {
        connection.api->append_done(connection.out, connection.asked, connection.sent);
    }
    append_last_http_chunk(connection.out);
    return flush(connection) && take_request(connection);
}

bool Server::flush(Connection& connection) {
    std::size_t done = 0;
    while (done < connection.out.size()) {
        const ssize_t sent = send(connection.descriptor, connection.out.data() + done,
                                  connection.out.size() - done, MSG_NOSIGNAL);
        if (sent > 0) {
            done += static_cast<std::size_t>(sent);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            drop(connection, false);
            return false;
        }
    }
    connection.out.erase(0, done);
    const bool full = !connection.out.empty();
    if (full != connection.waits_for_room) {
        connection.waits_for_room = full;
        watch(connection);
    }
    return true;
}

void Server::watch(const Connection& connection) const {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    if (connection.waits_for_room) {
        event.events |= EPOLLOUT;
    }
    event.data.fd = connection.descriptor;
    epoll_ctl(poll_, EPOLL_CTL_MOD, connection.descriptor, &event);
}

std::string Server::stats_json() const {
    const auto field = [](std::string_view name, std::uint64_t value) {
        return "\"" + std::string(name) + "\":" + std::to_string(value);
    };
    return "{" + field("connections", stats_.connections) + "," + field("requests", stats_.requests) + "," +
           field("streams_active", stats_.streams_active) + "," + field("clients_gone", stats_.clients_gone) +
           "," + field("chunks", stats_.chunks) + "," + field("bad", stats_.bad) + "," +
           field("chat", stats_.chat) + "," + field("messages", stats_.messages) + "," +
           field("generate", stats_.generate) + "}\n";
}

}  // namespace gatehouse::bench
