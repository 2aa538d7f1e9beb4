#include "simulated_text.hpp"

#include "gatehouse/core/text.hpp"

namespace gatehouse::upstream {

namespace {

constexpr std::size_t characters_per_token = 6;
constexpr std::string_view order_open = "[[simulate:";
constexpr std::string_view order_close = "]]";

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool begins_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

int status_in(std::string_view digits) {
    const auto status = parse_unsigned(digits);
    return status && *status >= 400 && *status <= 599 ? static_cast<int>(*status) : 0;
}

void obey(std::string_view order, SimulatedOrders& orders) {
    const auto space = order.find(' ');
    const auto word = order.substr(0, space);
    const auto rest = space == std::string_view::npos ? std::string_view() : trim(order.substr(space));
    if (word == "error") {
        orders.error = status_in(rest);
    } else if (word == "cut") {
        orders.cut = true;
    } else if (word == "stall") {
        orders.stall = true;
    } else if (word == "flag") {
        orders.flag = true;
    } else if (word == "slow") {
        if (const auto pause = parse_duration_ms(rest)) {
            orders.pace = Milliseconds(*pause);
        }
    }
}

}  // namespace

std::vector<std::string_view> simulated_tokens(std::string_view text) {
    std::vector<std::string_view> tokens;
    std::size_t begin = 0;
    std::size_t characters = 0;  // of the word part of the token
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool blank = is_blank(text[i]);
        const bool full = characters == characters_per_token && begins_character(text[i]);
        if (characters > 0 && (blank || full)) {
            tokens.push_back(text.substr(begin, i - begin));
            begin = i;
            characters = 0;
        }
        if (!blank && (begins_character(text[i]) || characters == 0)) {
            ++characters;
        }
    }
    if (begin < text.size()) {
        tokens.push_back(text.substr(begin));
    }
    return tokens;
}

std::int64_t count_simulated_tokens(std::string_view text) {
    return static_cast<std::int64_t>(simulated_tokens(text).size());
}

SimulatedOrders orders_in(std::string_view model, std::string_view text) {
    SimulatedOrders orders;
    constexpr std::string_view error_model = "error-";
    if (model.starts_with(error_model)) {
        orders.error = status_in(model.substr(error_model.size()));
    }
    for (auto open = text.find(order_open); open != std::string_view::npos;) {
        const auto begin = open + order_open.size();
        const auto close = text.find(order_close, begin);
        if (close == std::string_view::npos) {
            break;
        }
        obey(text.substr(begin, close - begin), orders);
        open = text.find(order_open, close);
    }
    return orders;
}

std::string gist_of(std::string_view text, std::size_t limit) {
    std::string gist;
    std::size_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with(order_open)) {
            const auto close = text.find(order_close, i);
            if (close != std::string_view::npos) {
                i = close + order_close.size() - 1;
                continue;
            }
        }
        if (begins_character(text[i]) && ++characters > limit) {
            gist += "...";
            break;
        }
        gist += is_blank(text[i]) ? ' ' : text[i];
    }
    return std::string(trim(gist));
}

std::uint64_t simulated_hash(std::string_view bytes) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    return hash;
}

std::string simulated_id(std::string_view prefix, std::uint64_t seed) {
    constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string id(prefix);
    for (int i = 0; i < 24; ++i) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        id += alphabet[(seed >> 33U) % alphabet.size()];
    }
    return id;
}

}  // namespace gatehouse::upstream
