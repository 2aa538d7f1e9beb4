// The few loops in which all the time goes, once for each width of vector registers, and the choice at run
// time.
//
// A matrix lies in blocks of sixteen outputs, so that one layout serves every width. Whole numbers are added
// exactly, so the 8-bit kernels of all widths agree to the last bit. Room: vector, private.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gatehouse::vector {

/// Outputs that lie together.
constexpr std::size_t block_width = 16;

struct Kernels {
    const char* name;
    /// out[row][output] = the sum over k of x[row][k] * weight[k][output], for `rows` rows of `depth` values
    /// and `blocks` * 16 outputs. `packed`: block after block, in each k after k, in each 16 weights.
    void (*dense_float)(const float* x, std::size_t rows, std::size_t depth, const float* packed,
                        std::size_t blocks, float* out);
    /// The same in whole numbers. `packed`: block after block, in each pair of k after pair, in each for
    /// every output its two weights. REQUIRES: `depth` is even, |x| <= range_of(depth), no weight is -128.
    void (*dense_int8)(const std::int16_t* x, std::size_t rows, std::size_t depth, const std::int8_t* packed,
                       std::size_t blocks, std::int32_t* out);
    float (*dot_float)(const float* a, const float* b, std::size_t size);
    /// REQUIRES: |a| <= range_of(size), no b is -128.
    std::int32_t (*dot_int8)(const std::int16_t* a, const std::int8_t* b, std::size_t size);
    /// into[i] += by * from[i]
    void (*add_scaled)(float* into, const float* from, float by, std::size_t size);
    /// out[i] = in how many bits the i-th row of `words` words differs from `wanted`. REQUIRES: words < 1024.
    void (*hamming)(const std::uint64_t* rows, std::size_t count, std::size_t words,
                    const std::uint64_t* wanted, std::uint16_t* out);
};

/// Up to which value numbers may go that are multiplied with weights of up to 127 and added `depth` times, so
/// that the sum fits 32 bits.
constexpr std::int32_t range_of(std::size_t depth) noexcept {
    constexpr std::size_t most = 8191;  // more would not be seen behind weights of eight bits
    const std::size_t fits = 2'147'483'647 / (127 * (depth == 0 ? 1 : depth));
    return static_cast<std::int32_t>(fits < most ? fits : most);
}

/// How many of `rows` rows to take at a time, at most `most`, so that the last time has no few left over.
constexpr std::size_t rows_of_a_tile(std::size_t rows, std::size_t most) noexcept {
    const std::size_t tiles = (rows + most - 1) / most;
    return tiles == 0 ? most : (rows + tiles - 1) / tiles;
}

/// For any processor.
const Kernels& plain_kernels() noexcept;
/// Null: not for this processor.
const Kernels* avx2_kernels() noexcept;
const Kernels* avx512_kernels() noexcept;
/// The widest that this processor has.
const Kernels& best_kernels() noexcept;

}  // namespace gatehouse::vector
