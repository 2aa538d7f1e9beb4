#include "plan.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace gatehouse::bench {
namespace {

std::vector<std::string_view> words_of(std::string_view model) {
    std::vector<std::string_view> words;
    while (!model.empty()) {
        const std::size_t dash = std::min(model.find('-'), model.size());
        words.push_back(model.substr(0, dash));
        model.remove_prefix(std::min(dash + 1, model.size()));
    }
    return words;
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return std::max(value, 0);
}

Fault fault_named(std::string_view word) {
    if (word == "rst") {
        return Fault::reset_midway;
    }
    if (word == "cut") {
        return Fault::cut;
    }
    if (word == "serr") {
        return Fault::error_event;
    }
    if (word == "nodone") {
        return Fault::no_done;
    }
    if (word == "hang") {
        return Fault::hang;
    }
    return Fault::none;
}

void set(Plan& plan, std::string_view word, std::string_view value) {
    constexpr std::uint64_t ms = 1'000'000;
    if (word == "stream") {
        const std::size_t cross = std::min(value.find('x'), value.size());
        plan.chunks = number(value.substr(0, cross));
        plan.gap_ns =
            static_cast<std::uint64_t>(number(value.substr(std::min(cross + 1, value.size())))) * ms;
    } else if (word == "size") {
        plan.size = number(value);
    } else if (word == "csize") {
        plan.chunk_size = number(value);
    } else if (word == "delay") {
        plan.delay_ns = static_cast<std::uint64_t>(number(value)) * ms;
    } else if (word == "err") {
        plan.fault = Fault::status;
        plan.status = number(value);
    } else if (const Fault fault = fault_named(word); fault != Fault::none) {
        plan.fault = fault;
        plan.fault_after = number(value);
    }
}

}  // namespace

Plan plan_for(std::string_view model) {
    Plan plan;
    const auto words = words_of(model.substr(std::min(model.find("mock"), model.size())));
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "reset") {
            plan.fault = Fault::reset;
        } else if (words[i] == "garbage") {
            plan.fault = Fault::garbage;
        } else if (i + 1 < words.size()) {
            set(plan, words[i], words[i + 1]);
        }
    }
    return plan;
}

}  // namespace gatehouse::bench
