// Any bytes behind a right checksum are a model that embeds, or a problem.
#include "check.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/vector/encoder.hpp"

#include <cmath>
#include <string>

using namespace gatehouse;

namespace {

/// Larger models are read, but their arithmetic says nothing new.
constexpr std::size_t small = 256 * 1024;

std::string sealed(std::string_view body) {
    const Digest digest = sha256(body);
    std::string file = "GHMODEL1";
    file.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    file += body;
    return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = as_text(data, size);
    check(!vector::read_encoder(bytes) || bytes.size() > 40);
    const auto encoder = vector::read_encoder(sealed(bytes));
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
