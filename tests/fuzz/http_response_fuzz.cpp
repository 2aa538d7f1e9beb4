// A provider's response, fed whole and byte by byte: both must say the same.
#include "check.hpp"

#include "gatehouse/wire/http1_reader.hpp"

#include <string>

using namespace gatehouse;
using namespace gatehouse::wire;

namespace {

struct Outcome {
    bool refused{false};
    bool complete{false};
    int status{0};
    std::string body;
    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::size_t step) {
    ResponseHeadReader reader{HeadLimits{}};
    ResponseHead head;
    Outcome outcome;
    std::size_t at = 0;
    for (std::size_t end = step; at == 0 && end <= bytes.size(); end += step) {
        const auto taken = reader.read(bytes.substr(0, end), head, false);
        if (!taken) {
            outcome.refused = true;
            return outcome;
        }
        at = *taken;
    }
    if (at == 0) {
        return outcome;
    }
    check(at <= bytes.size() && head.status >= 100 && head.status <= 999);
    outcome.status = head.status;
    BodyReader body(head.body);
    while (!body.complete() && at < bytes.size()) {
        const auto fed = body.feed(bytes.substr(at, step));
        if (!fed) {
            outcome.refused = true;
            return outcome;
        }
        check(fed->consumed != 0 && fed->consumed <= bytes.size() - at);
        at += fed->consumed;
        outcome.body += fed->payload;
    }
    outcome.complete = body.complete();
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
