// A request head and its body, fed whole and byte by byte: both must say the same.
#include "check.hpp"

#include "gatehouse/wire/http1_reader.hpp"

using namespace gatehouse;
using namespace gatehouse::wire;

namespace {

struct Outcome {
    bool refused{false};
    std::size_t consumed{0};
    std::string body;
    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t step) {
    RequestHeadReader reader{HeadLimits{}};
    RequestHead head;
    Outcome outcome;
    for (std::size_t end = step; outcome.consumed == 0 && end <= bytes.size(); end += step) {
        const auto size = reader.read(bytes.substr(0, end), head);
        if (!size) {
            outcome.refused = true;
            return outcome;
        }
        outcome.consumed = *size;
    }
    if (outcome.consumed == 0) {
        return outcome;
    }
    check(head.path == "*" || head.path.starts_with("/"));
    BodyReader body(head.body);
    while (!body.complete() && outcome.consumed < bytes.size()) {
        const auto fed = body.feed(bytes.substr(outcome.consumed, step));
        if (!fed) {
            outcome.refused = true;
            return {.refused = true, .consumed = 0, .body = std::move(outcome.body)};
        }
        outcome.consumed += fed->consumed;
        outcome.body += fed->payload;
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    if (size != 0) {
        check(read(bytes, size) == read(bytes, 1));
    }
    return 0;
}
