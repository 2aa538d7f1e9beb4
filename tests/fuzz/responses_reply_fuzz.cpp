// Any bytes as a reply of OpenAI's Responses, whole and as a stream: whatever the reads it comes in, what it
// says is the same, calls are numbered without gaps, and nothing follows the finish.
#include "reply_heard.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    auto map = map_of(data[0]);
    map.answer_alone = (data[0] & 8U) != 0;
    check_reply(as_text(data + 2, size - 2), 1 + data[1] % 61U,
                [&] { return gatehouse::dialect::responses_reader(map, "call_"); });
    return 0;
}
