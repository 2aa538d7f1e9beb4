// Events must not depend on how the bytes were split.
#include "check.hpp"

#include "gatehouse/wire/sse.hpp"

using namespace gatehouse;
using namespace gatehouse::wire;

namespace {

bool split(std::string_view bytes, std::size_t step, std::string& seen) {
    SseSplitter splitter;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        if (!splitter.feed(bytes.substr(at, step))) {
            return false;
        }
        while (const auto event = splitter.next()) {
            seen.append(event->name).append("\x01").append(event->data).append("\x02");
        }
    }
    seen.append(splitter.bare_json() ? "bare" : "events");
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    std::string whole;
    std::string pieces;
    const bool good = split(bytes, size + 1, whole);
    check(good == split(bytes, 1, pieces));
    check(!good || whole == pieces);
    return 0;
}
