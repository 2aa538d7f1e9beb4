#include "kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

// VNNI's 16-bit multiply-and-add takes the place of two instructions; processors with 512 bits but without it
// are served by the AVX2 kernels.
#define GATEHOUSE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni,popcnt")))

namespace gatehouse::vector {
namespace {

/// Rows that share one load of the weights of two blocks: twelve registers of sums keep both units busy.
constexpr std::size_t avx512_rows = 6;

template <std::size_t rows, std::size_t blocks>
GATEHOUSE_AVX512 void avx512_float_tile(const float* x, std::size_t depth, const float* weights, float* out,
                                        std::size_t stride) {
    __m512 sums[rows][blocks];
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t block = 0; block < blocks; ++block) {
            sums[row][block] = _mm512_setzero_ps();
        }
    }
    for (std::size_t k = 0; k < depth; ++k, weights += block_width) {
        __m512 column[blocks];
        for (std::size_t block = 0; block < blocks; ++block) {
            column[block] = _mm512_loadu_ps(weights + block * depth * block_width);
        }
        for (std::size_t row = 0; row < rows; ++row) {
            const __m512 value = _mm512_set1_ps(x[row * depth + k]);
            for (std::size_t block = 0; block < blocks; ++block) {
                sums[row][block] = _mm512_fmadd_ps(value, column[block], sums[row][block]);
            }
        }
    }
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t block = 0; block < blocks; ++block) {
            _mm512_storeu_ps(out + row * stride + block * block_width, sums[row][block]);
        }
    }
}

GATEHOUSE_AVX512 __m512i avx512_wide(const std::int8_t* thirty_two) {
    __m256i narrow;
    std::memcpy(&narrow, thirty_two, sizeof narrow);
    return _mm512_cvtepi8_epi16(narrow);
}

template <std::size_t rows, std::size_t blocks>
GATEHOUSE_AVX512 void avx512_int8_tile(const std::int16_t* x, std::size_t depth, const std::int8_t* weights,
                                       std::int32_t* out, std::size_t stride) {
    __m512i sums[rows][blocks];
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t block = 0; block < blocks; ++block) {
            sums[row][block] = _mm512_setzero_si512();
        }
    }
    for (std::size_t k = 0; k < depth; k += 2, weights += 2 * block_width) {
        __m512i columns[blocks];
        for (std::size_t block = 0; block < blocks; ++block) {
            columns[block] = avx512_wide(weights + block * depth * block_width);
        }
        for (std::size_t row = 0; row < rows; ++row) {
            std::int32_t both;
            std::memcpy(&both, x + row * depth + k, sizeof both);
            const __m512i pair = _mm512_set1_epi32(both);
            for (std::size_t block = 0; block < blocks; ++block) {
                sums[row][block] = _mm512_dpwssd_epi32(sums[row][block], pair, columns[block]);
            }
        }
    }
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t block = 0; block < blocks; ++block) {
            std::memcpy(out + row * stride + block * block_width, &sums[row][block], sizeof sums[row][block]);
        }
    }
}

template <class X, class Weight, class Out>
struct Avx512Tiles {
    using Tile = void (*)(const X*, std::size_t, const Weight*, Out*, std::size_t);
    Tile one_block[avx512_rows];  // by the number of rows, from one
    Tile two_blocks[avx512_rows];

    void dense(const X* x, std::size_t rows, std::size_t depth, const Weight* packed, std::size_t blocks,
               Out* out) const {
        const std::size_t stride = blocks * block_width;
        const std::size_t together = rows_of_a_tile(rows, avx512_rows);
        for (std::size_t block = 0; block < blocks;) {
            const bool two = blocks - block > 1;
            const Weight* const weights = packed + block * depth * block_width;
            for (std::size_t row = 0; row < rows; row += together) {
                const std::size_t here = rows - row < together ? rows - row : together;
                const Tile tile = (two ? two_blocks : one_block)[here - 1];
                tile(x + row * depth, depth, weights, out + row * stride + block * block_width, stride);
            }
            block += two ? 2 : 1;
        }
    }
};

void avx512_dense_float(const float* x, std::size_t rows, std::size_t depth, const float* packed,
                        std::size_t blocks, float* out) {
    static constexpr Avx512Tiles<float, float, float> tiles{
        {avx512_float_tile<1, 1>, avx512_float_tile<2, 1>, avx512_float_tile<3, 1>, avx512_float_tile<4, 1>,
         avx512_float_tile<5, 1>, avx512_float_tile<6, 1>},
        {avx512_float_tile<1, 2>, avx512_float_tile<2, 2>, avx512_float_tile<3, 2>, avx512_float_tile<4, 2>,
         avx512_float_tile<5, 2>, avx512_float_tile<6, 2>}};
    tiles.dense(x, rows, depth, packed, blocks, out);
}

void avx512_dense_int8(const std::int16_t* x, std::size_t rows, std::size_t depth, const std::int8_t* packed,
                       std::size_t blocks, std::int32_t* out) {
    static constexpr Avx512Tiles<std::int16_t, std::int8_t, std::int32_t> tiles{
        {avx512_int8_tile<1, 1>, avx512_int8_tile<2, 1>, avx512_int8_tile<3, 1>, avx512_int8_tile<4, 1>,
         avx512_int8_tile<5, 1>, avx512_int8_tile<6, 1>},
        {avx512_int8_tile<1, 2>, avx512_int8_tile<2, 2>, avx512_int8_tile<3, 2>, avx512_int8_tile<4, 2>,
         avx512_int8_tile<5, 2>, avx512_int8_tile<6, 2>}};
    tiles.dense(x, rows, depth, packed, blocks, out);
}

GATEHOUSE_AVX512 float avx512_dot_float(const float* a, const float* b, std::size_t size) {
    __m512 sums = _mm512_setzero_ps();
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16) {
        sums = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sums);
    }
    float sum = _mm512_reduce_add_ps(sums);
    for (; i < size; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

GATEHOUSE_AVX512 std::int32_t avx512_dot_int8(const std::int16_t* a, const std::int8_t* b, std::size_t size) {
    __m512i sums = _mm512_setzero_si512();
    std::size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        __m512i left;
        std::memcpy(&left, a + i, sizeof left);
        sums = _mm512_dpwssd_epi32(sums, left, avx512_wide(b + i));
    }
    std::int32_t sum = _mm512_reduce_add_epi32(sums);
    for (; i < size; ++i) {
        sum += std::int32_t{a[i]} * b[i];
    }
    return sum;
}

GATEHOUSE_AVX512 void avx512_add_scaled(float* into, const float* from, float by, std::size_t size) {
    const __m512 factor = _mm512_set1_ps(by);
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16) {
        _mm512_storeu_ps(into + i,
                         _mm512_fmadd_ps(factor, _mm512_loadu_ps(from + i), _mm512_loadu_ps(into + i)));
    }
    for (; i < size; ++i) {
        into[i] += by * from[i];
    }
}

GATEHOUSE_AVX512 void avx512_hamming(const std::uint64_t* rows, std::size_t count, std::size_t words,
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

const Kernels* avx512_kernels() noexcept {
    static constexpr Kernels kernels{"avx512",        avx512_dense_float, avx512_dense_int8, avx512_dot_float,
                                     avx512_dot_int8, avx512_add_scaled,  avx512_hamming};
    static const bool there = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                              __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("popcnt");
    return there ? &kernels : nullptr;
}

}  // namespace gatehouse::vector

#else

namespace gatehouse::vector {
const Kernels* avx512_kernels() noexcept {
    return nullptr;
}
}  // namespace gatehouse::vector

#endif
