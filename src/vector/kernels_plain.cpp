#include "kernels.hpp"

#include <algorithm>
#include <bit>

namespace gatehouse::vector {
namespace {

void plain_dense_float(const float* x, std::size_t rows, std::size_t depth, const float* packed,
                       std::size_t blocks, float* out) {
    for (std::size_t block = 0; block < blocks; ++block) {
        const float* const weights = packed + block * depth * block_width;
        for (std::size_t row = 0; row < rows; ++row) {
            float sums[block_width] = {};
            for (std::size_t k = 0; k < depth; ++k) {
                const float value = x[row * depth + k];
                for (std::size_t j = 0; j < block_width; ++j) {
                    sums[j] += value * weights[k * block_width + j];
                }
            }
            std::copy_n(sums, block_width, out + (row * blocks + block) * block_width);
        }
    }
}

void plain_dense_int8(const std::int16_t* x, std::size_t rows, std::size_t depth, const std::int8_t* packed,
                      std::size_t blocks, std::int32_t* out) {
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::int8_t* const weights = packed + block * depth * block_width;
        for (std::size_t row = 0; row < rows; ++row) {
            std::int32_t sums[block_width] = {};
            for (std::size_t k = 0; k < depth; k += 2) {
                const std::int32_t first = x[row * depth + k];
                const std::int32_t second = x[row * depth + k + 1];
                const std::int8_t* const pairs = weights + k * block_width;
                for (std::size_t j = 0; j < block_width; ++j) {
                    sums[j] += first * pairs[2 * j] + second * pairs[2 * j + 1];
                }
            }
            std::copy_n(sums, block_width, out + (row * blocks + block) * block_width);
        }
    }
}

float plain_dot_float(const float* a, const float* b, std::size_t size) {
    constexpr std::size_t lanes = 4;
    float sums[lanes] = {};
    std::size_t i = 0;
    for (; i + lanes <= size; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    float sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; i < size; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

std::int32_t plain_dot_int8(const std::int16_t* a, const std::int8_t* b, std::size_t size) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        sum += std::int32_t{a[i]} * b[i];
    }
    return sum;
}

void plain_add_scaled(float* into, const float* from, float by, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        into[i] += by * from[i];
    }
}

void plain_hamming(const std::uint64_t* rows, std::size_t count, std::size_t words,
                   const std::uint64_t* wanted, std::uint16_t* out) {
    for (std::size_t i = 0; i < count; ++i) {
        int differ = 0;
        for (std::size_t word = 0; word < words; ++word) {
            differ += std::popcount(rows[i * words + word] ^ wanted[word]);
        }
        out[i] = static_cast<std::uint16_t>(differ);
    }
}

}  // namespace

const Kernels& plain_kernels() noexcept {
    static constexpr Kernels kernels{"plain",        plain_dense_float, plain_dense_int8, plain_dot_float,
                                     plain_dot_int8, plain_add_scaled,  plain_hamming};
    return kernels;
}

const Kernels& best_kernels() noexcept {
    static const Kernels& chosen = [&]() -> const Kernels& {
        for (const Kernels* kernels : {avx512_kernels(), avx2_kernels()}) {
            if (kernels != nullptr) {
                return *kernels;
            }
        }
        return plain_kernels();
    }();
    return chosen;
}

}  // namespace gatehouse::vector
