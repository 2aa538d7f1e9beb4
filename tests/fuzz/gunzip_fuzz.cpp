// Inflating never passes its bound.
#include "check.hpp"

#include "gatehouse/wire/encodings.hpp"

using namespace gatehouse;
using namespace gatehouse::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = gunzip(as_text(data, size), 4096);
    check(!text || text->size() <= 4096);
    return 0;
}
