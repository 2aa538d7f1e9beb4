// Any bytes as an answer that was kept: what is given out is of its dialect in either form, and giving it out
// once more changes nothing.
#include "check.hpp"

#include "gatehouse/dialect/replay.hpp"
#include "gatehouse/dialect/said_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

using gatehouse::chat::Endpoint;
using gatehouse::dialect::is_worth_keeping;
using gatehouse::dialect::replay_stream;
using gatehouse::dialect::replay_whole;
using gatehouse::dialect::said_text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    constexpr std::array endpoints{Endpoint::chat_completions, Endpoint::completions, Endpoint::responses,
                                   Endpoint::messages, Endpoint::generate_content};
    gatehouse::chat::Request asking;
    asking.endpoint = endpoints[data[0] % endpoints.size()];
    asking.vendor = gatehouse::chat::vendor_of(asking.endpoint);
    asking.wants_usage = (data[1] & 1U) != 0;
    asking.json_array = (data[1] & 2U) != 0 && asking.vendor == gatehouse::chat::Vendor::gemini;
    asking.original.bytes = R"({"metadata":{"a":"b"},"user":"c"})";
    const gatehouse::dialect::KeptAnswer answer{(data[1] & 4U) != 0,
                                                std::string(as_text(data + 2, size - 2))};
    const bool worth = is_worth_keeping(asking.endpoint, answer);
    if (const auto whole = replay_whole(answer, asking); whole && worth) {
        check(is_json(*whole));
        const auto again = replay_whole({false, *whole}, asking);
        check(again && *again == *whole);
        check(said_text(asking.endpoint, *whole).size() <= whole->size());
    }
    const auto told = replay_stream(answer, asking);
    if (!told) {
        return 0;
    }
    const auto run = told->run();
    check(!run.empty() && run.back().kind == gatehouse::chat::DeltaKind::end);
    const auto again = replay_stream({true, told->bytes}, asking);
    check(again && without_line_ends(again->bytes) == without_line_ends(told->bytes));
    return 0;
}
