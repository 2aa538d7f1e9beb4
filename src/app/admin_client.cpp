#include "admin_client.hpp"

#include "gatehouse/net/http_client.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/resolver.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace gatehouse::app {
namespace {

constexpr std::size_t largest_answer = 64UL * 1024 * 1024;

struct Call {
    net::Origin origin;
    net::HttpCall http;
};

Task<Result<AdminAnswer>> exchange(net::HttpClient& client, Call& call) {
    auto sent = co_await client.send(call.origin, call.http);
    if (!sent) {
        co_return std::move(sent.problem());
    }
    const auto reply = std::move(*sent);
    AdminAnswer answer{reply->head().status, {}};
    while (true) {
        const auto piece = co_await reply->next();
        if (!piece) {
            co_return piece.problem();
        }
        if (piece->empty()) {
            co_return answer;
        }
        answer.body += *piece;
        if (answer.body.size() > largest_answer) {
            co_return Problem(ProblemKind::upstream_protocol, "The answer is too large.");
        }
    }
}

Task<void> run(net::Lane& lane, net::HttpClient& client, Call& call,
               std::optional<Result<AdminAnswer>>& answer) {
    auto result = co_await exchange(client, call);
    answer.emplace(std::move(result));
    lane.stop();
}

bool is_visible(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~";
    std::string encoded;
    for (const char c : text) {
        const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           plain.find(c) != std::string_view::npos;
        if (stays) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return encoded;
}

Result<AdminAnswer> ask_admin(const AdminAddress& address, const Secret& key, std::string_view method,
                              std::string_view target, std::string_view body) {
    auto base = net::parse_base_url(address.url);
    if (!base) {
        return std::move(base.problem());
    }
    if (!is_visible(key.reveal())) {
        return Problem(ProblemKind::invalid_configuration, "a key is visible ASCII without spaces");
    }
    Call call{std::move(base->origin), {}};
    call.origin.ca_file = address.ca_file;
    call.http.method = method;
    call.http.target = base->path + std::string(target);
    if (!key.empty()) {
        call.http.fields = "authorization: Bearer ";
        call.http.fields += key.reveal();
        call.http.fields += "\r\n";
    }
    const std::array<std::string_view, 1> pieces{body};
    if (!body.empty()) {
        call.http.fields += "content-type: application/json\r\n";
        call.http.body = pieces;
    }
    std::optional<Result<AdminAnswer>> answer;
    net::Lane lane;
    net::Resolver resolver;
    net::HttpClient client(lane, resolver, net::HttpClientOptions{});
    lane.spawn(run(lane, client, call, answer));
    lane.run();
    return answer ? std::move(*answer) : Problem(ProblemKind::internal, "there was no answer");
}

}  // namespace gatehouse::app
