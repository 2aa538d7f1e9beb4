// What lies in the cache's file beside an answer: any text is one of ours or nothing, and what was read is
// written the same way again.
#include "check.hpp"
#include "store/archived_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gatehouse;
    store::OriginShelf origins;
    const auto answer = store::answer_of(as_text(data, size), origins);
    if (!answer) {
        return 0;
    }
    const auto text = store::archived_text(*answer);
    check(is_json(text));
    const auto again = store::answer_of(text, origins);
    check(again.has_value());
    check(store::archived_text(*again) == text);
    return 0;
}
