// Any bytes behind a right checksum are a model that embeds, or a problem.
#include "check.hpp"
#include "support/sealed_file.hpp"

#include "gatehouse/vector/encoder.hpp"

#include <cmath>

using namespace gatehouse;

namespace {

/// Larger models are read, but their arithmetic says nothing new.
constexpr std::size_t small = 256 * 1024;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    check(!vector::read_encoder(bytes) || bytes.size() > 40);
    const auto encoder = vector::read_encoder(test::sealed_file("GHMODEL1", bytes));
    if (!encoder || (*encoder)->bytes() > small) {
        return 0;
    }
    const auto embedding = (*encoder)->embed("abc bad \xC3\xA9");
    if (embedding) {
        check(embedding->vector.size() == (*encoder)->identity().dimensions);
        double square = 0;
        for (const float value : embedding->vector) {
            square += double{value} * double{value};
        }
        check(std::fabs(square - 1) < 1e-3);
    }
    // The rest of the input, as a text.
    const auto other = (*encoder)->embed(bytes.substr(0, 300));
    check(!other || other->pieces > 0);
    return 0;
}
