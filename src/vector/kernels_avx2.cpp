#include "kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

// Of single functions, not of the file: nothing else of the program may need more than the processor has.
#define GATEHOUSE_AVX2 __attribute__((target("avx2,fma,popcnt")))

namespace gatehouse::vector {
namespace {

/// Rows that share one load of the weights; with two registers of sums each they fill the sixteen there are.
constexpr std::size_t avx2_rows = 6;

template <std::size_t rows>
GATEHOUSE_AVX2 void avx2_float_tile(const float* x, std::size_t depth, const float* weights, float* out,
                                    std::size_t stride) {
    __m256 low[rows];
    __m256 high[rows];
    for (std::size_t row = 0; row < rows; ++row) {
        low[row] = _mm256_setzero_ps();
        high[row] = _mm256_setzero_ps();
    }
    for (std::size_t k = 0; k < depth; ++k, weights += block_width) {
        const __m256 first = _mm256_loadu_ps(weights);
        const __m256 second = _mm256_loadu_ps(weights + 8);
        for (std::size_t row = 0; row < rows; ++row) {
            const __m256 value = _mm256_broadcast_ss(x + row * depth + k);
            low[row] = _mm256_fmadd_ps(value, first, low[row]);
            high[row] = _mm256_fmadd_ps(value, second, high[row]);
        }
    }
    for (std::size_t row = 0; row < rows; ++row) {
        _mm256_storeu_ps(out + row * stride, low[row]);
        _mm256_storeu_ps(out + row * stride + 8, high[row]);
    }
}

GATEHOUSE_AVX2 __m256i avx2_pair(const std::int16_t* x) {
    std::int32_t both;
    std::memcpy(&both, x, sizeof both);
    return _mm256_set1_epi32(both);
}

GATEHOUSE_AVX2 __m256i avx2_wide(const std::int8_t* sixteen) {
    __m128i narrow;
    std::memcpy(&narrow, sixteen, sizeof narrow);
    return _mm256_cvtepi8_epi16(narrow);
}

template <std::size_t rows>
GATEHOUSE_AVX2 void avx2_int8_tile(const std::int16_t* x, std::size_t depth, const std::int8_t* weights,
                                   std::int32_t* out, std::size_t stride) {
    __m256i low[rows];
    __m256i high[rows];
    for (std::size_t row = 0; row < rows; ++row) {
        low[row] = _mm256_setzero_si256();
        high[row] = _mm256_setzero_si256();
    }
    for (std::size_t k = 0; k < depth; k += 2, weights += 2 * block_width) {
        const __m256i first = avx2_wide(weights);
        const __m256i second = avx2_wide(weights + block_width);
        for (std::size_t row = 0; row < rows; ++row) {
            const __m256i pair = avx2_pair(x + row * depth + k);
            low[row] = _mm256_add_epi32(low[row], _mm256_madd_epi16(pair, first));
            high[row] = _mm256_add_epi32(high[row], _mm256_madd_epi16(pair, second));
        }
    }
    for (std::size_t row = 0; row < rows; ++row) {
        std::memcpy(out + row * stride, &low[row], sizeof low[row]);
        std::memcpy(out + row * stride + 8, &high[row], sizeof high[row]);
    }
}

template <class X, class Weight, class Out>
using Avx2Tile = void (*)(const X*, std::size_t, const Weight*, Out*, std::size_t);

/// `tiles`: by the number of rows, from one.
template <class X, class Weight, class Out>
void avx2_dense(const Avx2Tile<X, Weight, Out> (&tiles)[avx2_rows], const X* x, std::size_t rows,
                std::size_t depth, const Weight* packed, std::size_t blocks, Out* out) {
    const std::size_t stride = blocks * block_width;
    const std::size_t together = rows_of_a_tile(rows, avx2_rows);
    for (std::size_t block = 0; block < blocks; ++block) {
        const Weight* const weights = packed + block * depth * block_width;
        for (std::size_t row = 0; row < rows; row += together) {
            const std::size_t here = rows - row < together ? rows - row : together;
            tiles[here - 1](x + row * depth, depth, weights, out + row * stride + block * block_width,
                            stride);
        }
    }
}

void avx2_dense_float(const float* x, std::size_t rows, std::size_t depth, const float* packed,
                      std::size_t blocks, float* out) {
    static constexpr Avx2Tile<float, float, float> tiles[] = {avx2_float_tile<1>, avx2_float_tile<2>,
                                                              avx2_float_tile<3>, avx2_float_tile<4>,
                                                              avx2_float_tile<5>, avx2_float_tile<6>};
    avx2_dense(tiles, x, rows, depth, packed, blocks, out);
}

void avx2_dense_int8(const std::int16_t* x, std::size_t rows, std::size_t depth, const std::int8_t* packed,
                     std::size_t blocks, std::int32_t* out) {
    static constexpr Avx2Tile<std::int16_t, std::int8_t, std::int32_t> tiles[] = {
        avx2_int8_tile<1>, avx2_int8_tile<2>, avx2_int8_tile<3>,
        avx2_int8_tile<4>, avx2_int8_tile<5>, avx2_int8_tile<6>};
    avx2_dense(tiles, x, rows, depth, packed, blocks, out);
}

GATEHOUSE_AVX2 float avx2_dot_float(const float* a, const float* b, std::size_t size) {
    __m256 sums = _mm256_setzero_ps();
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        sums = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sums);
    }
    float lanes[8];
    _mm256_storeu_ps(lanes, sums);
    float sum =
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    for (; i < size; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

GATEHOUSE_AVX2 std::int32_t avx2_dot_int8(const std::int16_t* a, const std::int8_t* b, std::size_t size) {
    __m256i sums = _mm256_setzero_si256();
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16) {
        __m256i left;
        std::memcpy(&left, a + i, sizeof left);
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(left, avx2_wide(b + i)));
    }
    std::int32_t lanes[8];
    std::memcpy(lanes, &sums, sizeof lanes);
    std::int32_t sum = 0;
    for (const std::int32_t lane : lanes) {
        sum += lane;
    }
    for (; i < size; ++i) {
        sum += std::int32_t{a[i]} * b[i];
    }
    return sum;
}

GATEHOUSE_AVX2 void avx2_add_scaled(float* into, const float* from, float by, std::size_t size) {
    const __m256 factor = _mm256_set1_ps(by);
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        _mm256_storeu_ps(into + i,
                         _mm256_fmadd_ps(factor, _mm256_loadu_ps(from + i), _mm256_loadu_ps(into + i)));
    }
    for (; i < size; ++i) {
        into[i] += by * from[i];
    }
}

GATEHOUSE_AVX2 void avx2_hamming(const std::uint64_t* rows, std::size_t count, std::size_t words,
                                 const std::uint64_t* wanted, std::uint16_t* out) {
    for (std::size_t i = 0; i < count; ++i, rows += words) {
        unsigned long long differ = 0;
        for (std::size_t word = 0; word < words; ++word) {
            differ += static_cast<unsigned long long>(_mm_popcnt_u64(rows[word] ^ wanted[word]));
        }
        out[i] = static_cast<std::uint16_t>(differ);
    }
}

}  // namespace

const Kernels* avx2_kernels() noexcept {
    static constexpr Kernels kernels{"avx2",        avx2_dense_float, avx2_dense_int8, avx2_dot_float,
                                     avx2_dot_int8, avx2_add_scaled,  avx2_hamming};
    static const bool there =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt");
    return there ? &kernels : nullptr;
}

}  // namespace gatehouse::vector

#else

namespace gatehouse::vector {
const Kernels* avx2_kernels() noexcept {
    return nullptr;
}
}  // namespace gatehouse::vector

#endif
