#include "json_scan.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatehouse::wire {
namespace {

/// The last bytes of the text, too few for a block.
Token scan_string_end(const char* at, const char* end, bool plain) noexcept {
    for (;;) {
        at += find_string_stop({at, static_cast<std::size_t>(end - at)}, 0);
        if (at == end) {
            return {at, "unterminated string"};
        }
        if (*at == '"') {
            return {at + 1, nullptr, plain};
        }
        if (*at != '\\') {
            return {at, "control character in a string"};
        }
        plain = false;
        const char* const next = pass_escape(at, end);
        if (next == nullptr) {
            return {at, "invalid escape"};
        }
        at = next;
    }
}

#if defined(__x86_64__)

/// Blocks of 64 bytes, as one bit per byte: an escape costs a look at its bit, not a new start. Inlined into
/// the function that may use the instructions which `stops_in` needs.
template <class StopsIn>
[[gnu::always_inline]] inline Token scan_string_blocks(const char* at, const char* end,
                                                       StopsIn stops_in) noexcept {
    bool plain = true;
    while (end - at >= 64) {
        const char* const block = at;
        std::uint64_t stops = stops_in(block);
        at = block + 64;
        while (stops != 0) {
            const char* const stop = block + std::countr_zero(stops);
            if (*stop != '\\') {
                return *stop == '"' ? Token{stop + 1, nullptr, plain}
                                    : Token{stop, "control character in a string"};
            }
            plain = false;
            const char* const next = pass_escape(stop, end);
            if (next == nullptr) {
                return {stop, "invalid escape"};
            }
            if (next >= at) {
                at = next;
                break;
            }
            stops &= ~std::uint64_t{0} << (next - block);
        }
    }
    return scan_string_end(at, end, plain);
}

struct Sse2Stops {
    std::uint64_t operator()(const char* at) const noexcept {
        const std::uint64_t low = string_stops_16(at) | (string_stops_16(at + 16) << 16U);
        const std::uint64_t high = string_stops_16(at + 32) | (string_stops_16(at + 48) << 16U);
        return low | (high << 32U);
    }
};

struct Avx2Stops {
    // The comparison is explained at string_stops_16.
    [[gnu::target("avx2,bmi")]] std::uint64_t operator()(const char* at) const noexcept {
        const __m256i flip = _mm256_set1_epi8(static_cast<char>(0x82));
        const __m256i bound = _mm256_set1_epi8(static_cast<char>(0x21 ^ 0x80));
        const __m256i backslash = _mm256_set1_epi8('\\');
        const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
        const __m256i stops_first = _mm256_or_si256(_mm256_cmpgt_epi8(bound, _mm256_xor_si256(first, flip)),
                                                    _mm256_cmpeq_epi8(first, backslash));
        const __m256i stops_second = _mm256_or_si256(_mm256_cmpgt_epi8(bound, _mm256_xor_si256(second, flip)),
                                                     _mm256_cmpeq_epi8(second, backslash));
        const auto low = static_cast<unsigned>(_mm256_movemask_epi8(stops_first));
        const auto high = static_cast<unsigned>(_mm256_movemask_epi8(stops_second));
        return low | (static_cast<std::uint64_t>(high) << 32U);
    }
};

Token scan_with_sse2(const char* at, const char* end) noexcept {
    return scan_string_blocks(at, end, Sse2Stops{});
}

[[gnu::target("avx2,bmi")]] Token scan_with_avx2(const char* at, const char* end) noexcept {
    return scan_string_blocks(at, end, Avx2Stops{});
}

using ScanBlocks = Token (*)(const char* at, const char* end) noexcept;
// Constant-initialised to what every x86-64 can do, so that it may be used before main().
constinit ScanBlocks scan_blocks = scan_with_sse2;

[[maybe_unused]] const bool widest_chosen = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) {
        scan_blocks = scan_with_avx2;
        return true;
    }
    return false;
}();

#endif

}  // namespace

Token scan_long_string(const char* at, const char* end) noexcept {
#if defined(__x86_64__)
    return scan_blocks(at, end);
#else
    return scan_string_end(at, end, true);
#endif
}

Token scan_long_string_portably(const char* at, const char* end) noexcept {
#if defined(__x86_64__)
    return scan_with_sse2(at, end);
#else
    return scan_string_end(at, end, true);
#endif
}

}  // namespace gatehouse::wire
