#include "support/fake_upstream.hpp"

#include "support/socket.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/http1_reader.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <stdexcept>
#include <thread>

namespace gatehouse::test {
namespace {

std::string head_of(const FakeResponse& response) {
    std::string head = fmt::format("HTTP/1.1 {} Scripted\r\n", response.status);
    for (const auto& [name, value] : response.headers) {
        head += fmt::format("{}: {}\r\n", name, value);
    }
    if (response.framing == FakeFraming::sized) {
        std::size_t size = 0;
        for (const FakePiece& piece : response.body) {
            size += piece.bytes.size();
        }
        head += fmt::format("content-length: {}\r\n", size);
    } else if (response.framing == FakeFraming::chunked) {
        head += "transfer-encoding: chunked\r\n";
    }
    if (response.then_close || response.framing == FakeFraming::until_close) {
        head += "connection: close\r\n";
    }
    return head + "\r\n";
}

}  // namespace

FakeResponse FakeResponse::json(std::string text, int code) {
    FakeResponse response;
    response.status = code;
    response.headers.emplace_back("content-type", "application/json");
    response.body.emplace_back(std::move(text));
    return response;
}

FakeResponse FakeResponse::events(const std::vector<std::string>& data, std::chrono::milliseconds between) {
    FakeResponse response;
    response.headers.emplace_back("content-type", "text/event-stream");
    response.framing = FakeFraming::chunked;
    for (const std::string& one : data) {
        response.body.emplace_back("data: " + one + "\n\n",
                                   response.body.empty() ? std::chrono::milliseconds(0) : between);
    }
    return response;
}

std::optional<std::string> FakeRequest::field(std::string_view name) const {
    std::size_t line = head.find("\r\n");
    while (line != std::string::npos && line + 2 < head.size()) {
        const std::size_t end = head.find("\r\n", line + 2);
        const std::string_view text = std::string_view(head).substr(line + 2, end - line - 2);
        const std::size_t colon = text.find(':');
        if (colon != std::string_view::npos && equals_ignoring_case(text.substr(0, colon), name)) {
            return std::string(trim(text.substr(colon + 1)));
        }
        line = end;
    }
    return std::nullopt;
}

struct FakeUpstream::State {
    struct Seen {
        std::vector<FakeRequest> requests;
        std::deque<FakeResponse> queue;
        std::optional<std::chrono::steady_clock::time_point> abandoned;
        std::map<std::size_t, BlockingSocket*> open;
        std::map<std::size_t, bool> idle;
        std::size_t accepted{0};
        bool stopped{false};
    };
    class Conversation;

    int listening{-1};
    std::uint16_t port{0};
    Script script;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls{nullptr, SSL_CTX_free};
    Guarded<Seen> seen;
    /// A thread, and whether it has nothing more to do.
    struct Speaker {
        std::atomic<bool> ended{false};
        std::thread thread;
    };
    Guarded<std::list<Speaker>> conversations;
    std::atomic<std::uint64_t> sent{0};
    std::thread accepting;

    void start();
    void accept_all();
    FakeResponse answer(const FakeRequest& request);
};

/// One connection, in its own thread.
class FakeUpstream::State::Conversation {
public:
    Conversation(State& state, int descriptor, std::size_t number)
        : state_(state), socket_(descriptor), number_(number) {
        state_.seen.with([this](Seen& now) {
            now.open[number_] = &socket_;
            if (now.stopped) {
                socket_.wake();
            }
        });
    }
    ~Conversation() { leave(); }
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    void run() {
        if (state_.tls && !socket_.accept_tls(state_.tls.get())) {
            return;
        }
        while (serve_one()) {
        }
    }

private:
    /// Before the descriptor is given back, so that nobody wakes another's.
    void leave() {
        state_.seen.with([this](Seen& now) {
            now.open.erase(number_);
            now.idle.erase(number_);
        });
    }

    void idle(bool value) {
        state_.seen.with([this, value](Seen& now) { now.idle[number_] = value; });
    }

    bool fill() { return socket_.receive(received_) == BlockingSocket::Outcome::bytes; }

    bool serve_one() {
        FakeRequest request;
        wire::RequestHead head;
        wire::HeadLimits limits;
        limits.block = 256 * 1024;
        wire::RequestHeadReader reader(limits);
        std::size_t taken = 0;
        idle(true);
        while (taken == 0) {
            const Result<std::size_t> read = reader.read(received_, head);
            if (!read) {
                return false;
            }
            taken = *read;
            if (taken == 0 && !fill()) {
                return false;
            }
        }
        idle(false);
        request.head = received_.substr(0, taken);
        received_.erase(0, taken);
        request.method = head.method;
        request.target = request.head.substr(head.method.size() + 1);
        request.target.erase(request.target.find(' '));
        request.connection = number_;
        request.server_name = socket_.server_name();
        request.at = std::chrono::steady_clock::now();
        if (head.body.kind != wire::BodyKind::none) {
            std::optional<FakeResponse> at_once = answer_before_body(request);
            if (at_once) {
                send(*at_once);
                return false;
            }
        }
        if (!read_body(head, request)) {
            return false;
        }
        state_.seen.with([&request](Seen& seen) { seen.requests.push_back(request); });
        const FakeResponse response = state_.answer(request);
        return send(response) && !response.then_close && response.framing != FakeFraming::until_close &&
               response.raw.empty();
    }

    std::optional<FakeResponse> answer_before_body(const FakeRequest& request) {
        const bool wanted = state_.seen.with(
            [](Seen& seen) { return !seen.queue.empty() && seen.queue.front().before_body; });
        if (!wanted) {
            return std::nullopt;
        }
        state_.seen.with([&request](Seen& seen) { seen.requests.push_back(request); });
        return state_.answer(request);
    }

    bool read_body(const wire::RequestHead& head, FakeRequest& request) {
        wire::BodyReader body(head.body);
        while (!body.complete()) {
            Result<wire::BodyReader::Step> step = body.feed(received_);
            if (!step) {
                return false;
            }
            request.body.append(step->payload);
            received_.erase(0, step->consumed);
            if (!body.complete() && step->consumed == 0 && !fill()) {
                return false;
            }
        }
        return true;
    }

    bool send(const FakeResponse& response) {
        sent_ = 0;
        if (!pause(response.head_delay)) {
            return false;
        }
        if (!emit(response, response.interim)) {
            return false;
        }
        if (!response.raw.empty()) {
            return emit(response, response.raw);
        }
        if (!emit(response, head_of(response))) {
            return false;
        }
        const bool chunked = response.framing == FakeFraming::chunked;
        for (const FakePiece& piece : response.body) {
            std::string bytes =
                chunked ? fmt::format("{:x}\r\n{}\r\n", piece.bytes.size(), piece.bytes) : piece.bytes;
            if (!pause(piece.delay) || !pass(piece.gate) || !emit(response, bytes)) {
                return false;
            }
        }
        return !chunked || emit(response, "0\r\n" + response.trailers + "\r\n");
    }

    bool pause(std::chrono::milliseconds duration) {
        if (duration.count() == 0) {
            return true;
        }
        if (socket_.closes_within(duration)) {
            abandoned();
            return false;
        }
        return true;
    }

    bool pass(const std::shared_future<void>& gate) {
        constexpr std::chrono::milliseconds look_every{2};
        while (gate.valid() && gate.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            if (!pause(look_every)) {
                return false;
            }
        }
        return true;
    }

    void abandoned() {
        const auto now = std::chrono::steady_clock::now();
        state_.seen.with([now](Seen& seen) { seen.abandoned = now; });
    }

    /// Sends up to the byte at which something shall go wrong; false when the connection ends.
    bool emit(const FakeResponse& response, const std::string& bytes) {
        const bool faulty = response.fault != FakeFault::none && sent_ + bytes.size() >= response.at_byte;
        const std::string_view whole = bytes;
        const std::string_view part = faulty ? whole.substr(0, response.at_byte - sent_) : whole;
        sent_ += part.size();
        if (!socket_.send(part)) {
            abandoned();
            return false;
        }
        state_.sent += part.size();
        if (!faulty) {
            return true;
        }
        if (response.fault == FakeFault::stall) {
            pause(std::chrono::minutes(2));
        }
        leave();
        if (response.fault == FakeFault::reset) {
            socket_.reset();
        } else {
            socket_.cut();
        }
        return false;
    }

    State& state_;
    BlockingSocket socket_;
    std::size_t number_;
    std::string received_;
    std::size_t sent_{0};
};

void FakeUpstream::State::start() {
    listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listening, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
        ::listen(listening, 1024) != 0 ||
        ::getsockname(listening, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
        throw std::runtime_error("the scripted upstream cannot listen");
    }
    port = ntohs(at.sin_port);
    accepting = std::thread([this] { accept_all(); });
}

void FakeUpstream::State::accept_all() {
    while (true) {
        const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
        const bool stopped = seen.with([](const Seen& now) { return now.stopped; });
        if (stopped) {
            if (descriptor >= 0) {
                ::close(descriptor);
            }
            return;
        }
        if (descriptor < 0) {
            continue;
        }
        const std::size_t number = seen.with([](Seen& now) { return ++now.accepted; });
        conversations.with([&](std::list<Speaker>& speakers) {
            // An ended thread keeps its stack until it is joined.
            std::erase_if(speakers, [](Speaker& speaker) {
                const bool ended = speaker.ended;
                if (ended) {
                    speaker.thread.join();
                }
                return ended;
            });
            Speaker& speaker = speakers.emplace_back();
            speaker.thread = std::thread([this, &speaker, descriptor, number] {
                {
                    Conversation conversation(*this, descriptor, number);
                    conversation.run();
                }
                speaker.ended = true;
            });
        });
    }
}

FakeResponse FakeUpstream::State::answer(const FakeRequest& request) {
    std::optional<FakeResponse> queued = seen.with([](Seen& now) -> std::optional<FakeResponse> {
        if (now.queue.empty()) {
            return std::nullopt;
        }
        FakeResponse first = std::move(now.queue.front());
        now.queue.pop_front();
        return first;
    });
    if (queued) {
        return std::move(*queued);
    }
    return script ? script(request) : FakeResponse::json(R"({"error":{"message":"nothing scripted"}})", 500);
}

FakeUpstream::FakeUpstream() : FakeUpstream(Script()) {}

FakeUpstream::FakeUpstream(Script script) : state_(std::make_unique<State>()) {
    state_->script = std::move(script);
    state_->start();
}

FakeUpstream::FakeUpstream(Script script, const IssuedIdentity& tls) : state_(std::make_unique<State>()) {
    state_->script = std::move(script);
    state_->tls.reset(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(state_->tls.get(), tls.certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(state_->tls.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error("the scripted upstream has no usable certificate");
    }
    state_->start();
}

FakeUpstream::~FakeUpstream() {
    stop();
}

void FakeUpstream::push(FakeResponse response) {
    state_->seen.with([&response](State::Seen& seen) { seen.queue.push_back(std::move(response)); });
}

std::uint16_t FakeUpstream::port() const noexcept {
    return state_->port;
}

std::string FakeUpstream::base_url() const {
    return state_->tls ? fmt::format("https://localhost:{}", port())
                       : fmt::format("http://127.0.0.1:{}", port());
}

std::vector<FakeRequest> FakeUpstream::requests() const {
    return state_->seen.with([](const State::Seen& seen) { return seen.requests; });
}

std::size_t FakeUpstream::accepted() const {
    return state_->seen.with([](const State::Seen& seen) { return seen.accepted; });
}

std::uint64_t FakeUpstream::sent_bytes() const {
    return state_->sent;
}

std::size_t FakeUpstream::open_connections() const {
    return state_->seen.with([](const State::Seen& seen) { return seen.open.size(); });
}

std::optional<std::chrono::steady_clock::time_point> FakeUpstream::last_abandoned() const {
    return state_->seen.with([](const State::Seen& seen) { return seen.abandoned; });
}

void FakeUpstream::close_idle() {
    state_->seen.with([](State::Seen& seen) {
        for (const auto& [number, is_idle] : seen.idle) {
            if (is_idle) {
                seen.open.at(number)->wake();
            }
        }
    });
}

void FakeUpstream::stop() {
    if (!state_->accepting.joinable()) {
        return;
    }
    state_->seen.with([](State::Seen& seen) {
        seen.stopped = true;
        for (const auto& [number, socket] : seen.open) {
            socket->wake();
        }
    });
    ::shutdown(state_->listening, SHUT_RDWR);
    state_->accepting.join();
    ::close(state_->listening);
    state_->conversations.with([](std::list<State::Speaker>& speakers) {
        for (State::Speaker& speaker : speakers) {
            speaker.thread.join();
        }
        speakers.clear();
    });
}

}  // namespace gatehouse::test
