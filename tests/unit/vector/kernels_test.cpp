#include "vector/kernels.hpp"

#include "vector/dense.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

namespace gatehouse::vector {
namespace {

/// Every width that this processor has; the others are tested where there is one with them.
struct KernelsTest : testing::Test {
    static std::vector<const Kernels*> all() {
        std::vector<const Kernels*> found{&plain_kernels()};
        for (const Kernels* kernels : {avx2_kernels(), avx512_kernels()}) {
            if (kernels != nullptr) {
                found.push_back(kernels);
            }
        }
        return found;
    }
    std::vector<float> floats(std::size_t count) {
        std::vector<float> values(count);
        for (float& value : values) {
            value = std::uniform_real_distribution<float>(-1, 1)(random);
        }
        return values;
    }
    template <class T>
    std::vector<T> numbers(std::size_t count, int range) {
        std::vector<T> values(count);
        for (T& value : values) {
            value = static_cast<T>(std::uniform_int_distribution<int>(-range, range)(random));
        }
        return values;
    }
    std::mt19937 random{7};
};

TEST_F(KernelsTest, MultiplyWholeNumbersExactly) {
    for (const std::size_t depth : {2U, 18U, 64U}) {
        for (const std::size_t blocks : {1U, 2U, 3U}) {
            for (std::size_t rows = 1; rows <= 14; ++rows) {
                const auto x = numbers<std::int16_t>(rows * depth, range_of(depth));
                const auto weights = numbers<std::int8_t>(depth * blocks * block_width, 127);
                std::vector<std::int32_t> expected(rows * blocks * block_width);
                for (std::size_t row = 0; row < rows; ++row) {
                    for (std::size_t out = 0; out < blocks * block_width; ++out) {
                        for (std::size_t k = 0; k < depth; ++k) {
                            const std::size_t pair = (out / block_width * depth + k - k % 2) * block_width;
                            expected[row * blocks * block_width + out] +=
                                x[row * depth + k] * weights[pair + 2 * (out % block_width) + k % 2];
                        }
                    }
                }
                for (const Kernels* kernels : all()) {
                    std::vector<std::int32_t> got(expected.size(), -1);
                    kernels->dense_int8(x.data(), rows, depth, weights.data(), blocks, got.data());
                    EXPECT_EQ(got, expected) << kernels->name << " rows " << rows << " depth " << depth;
                }
            }
        }
    }
}

TEST_F(KernelsTest, MultiplyFloats) {
    constexpr std::size_t depth = 19;
    for (const std::size_t blocks : {1U, 2U, 3U}) {
        for (std::size_t rows = 1; rows <= 14; ++rows) {
            const auto x = floats(rows * depth);
            const auto weights = floats(depth * blocks * block_width);
            for (const Kernels* kernels : all()) {
                std::vector<float> got(rows * blocks * block_width, -9);
                kernels->dense_float(x.data(), rows, depth, weights.data(), blocks, got.data());
                for (std::size_t i = 0; i < got.size(); ++i) {
                    const std::size_t row = i / (blocks * block_width);
                    const std::size_t out = i % (blocks * block_width);
                    double sum = 0;
                    for (std::size_t k = 0; k < depth; ++k) {
                        sum +=
                            double{x[row * depth + k]} *
                            double{
                                weights[(out / block_width * depth + k) * block_width + out % block_width]};
                    }
                    ASSERT_NEAR(got[i], sum, 1e-5) << kernels->name << " rows " << rows;
                }
            }
        }
    }
}

TEST_F(KernelsTest, AddScaleAndCompareAtEveryLength) {
    for (std::size_t size = 0; size <= 70; ++size) {
        const auto a = floats(size);
        const auto b = floats(size);
        const auto left = numbers<std::int16_t>(size, range_of(size));
        const auto right = numbers<std::int8_t>(size, 127);
        double product = 0;
        std::int32_t whole = 0;
        for (std::size_t i = 0; i < size; ++i) {
            product += double{a[i]} * double{b[i]};
            whole += left[i] * right[i];
        }
        for (const Kernels* kernels : all()) {
            EXPECT_NEAR(kernels->dot_float(a.data(), b.data(), size), product, 1e-5) << kernels->name;
            EXPECT_EQ(kernels->dot_int8(left.data(), right.data(), size), whole) << kernels->name << size;
            auto sum = a;
            kernels->add_scaled(sum.data(), b.data(), 0.5F, size);
            for (std::size_t i = 0; i < size; ++i) {
                EXPECT_NEAR(sum[i], a[i] + b[i] / 2, 1e-6) << kernels->name;
            }
        }
    }
}

TEST_F(KernelsTest, HoldTheLargestSumsThatTheirRangeAllows) {
    for (const std::size_t depth : {2U, 512U, 1536U, 8192U}) {
        const auto range = static_cast<std::int16_t>(range_of(depth));
        const std::vector<std::int16_t> x(depth, range);
        const std::vector<std::int8_t> weights(depth, -127);
        const auto expected = -std::int64_t{range} * 127 * static_cast<std::int64_t>(depth);
        for (const Kernels* kernels : all()) {
            EXPECT_EQ(kernels->dot_int8(x.data(), weights.data(), depth), expected) << kernels->name;
        }
    }
}

TEST_F(KernelsTest, CountTheBitsThatDiffer) {
    const std::vector<std::uint64_t> rows{0, 0, ~0ULL, 1, 0xF0, 0x8000000000000000ULL};
    const std::vector<std::uint64_t> wanted{0, 0x8000000000000000ULL};
    for (const Kernels* kernels : all()) {
        std::vector<std::uint16_t> got(3);
        kernels->hamming(rows.data(), 3, 2, wanted.data(), got.data());
        EXPECT_EQ(got, (std::vector<std::uint16_t>{1, 66, 4})) << kernels->name;
    }
}

TEST(Dense, IsNearlyTheSameInEightBits) {
    std::mt19937 random(3);
    constexpr std::size_t depth = 64;
    constexpr std::size_t outputs = 32;
    std::vector<std::int8_t> numbers(depth * outputs);
    std::vector<float> weights(numbers.size());
    std::vector<float> scales(outputs);
    for (std::size_t j = 0; j < outputs; ++j) {
        scales[j] = 0.001F * static_cast<float>(j + 1);
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        numbers[i] = static_cast<std::int8_t>(std::uniform_int_distribution<int>(-127, 127)(random));
        weights[i] = static_cast<float>(numbers[i]) * scales[i % outputs];
    }
    const std::vector<float> bias(outputs, 0.25F);
    std::vector<float> x(3 * depth);
    for (float& value : x) {
        value = std::normal_distribution<float>()(random);
    }
    const auto exact = Dense(weights, depth, bias).apply(plain_kernels(), x, 3);
    const auto rounded = Dense(numbers, scales, depth, bias).apply(best_kernels(), x, 3);
    for (std::size_t i = 0; i < exact.size(); ++i) {
        EXPECT_NEAR(rounded[i], exact[i], 2e-3 * (1 + std::fabs(exact[i]))) << i;
    }
}

TEST(Dense, SaysZeroOfRowsThatAreNoNumbers) {
    std::vector<std::int16_t> out(2, 5);
    EXPECT_EQ(quantise(std::vector<float>{0, 0}, 100, out.data()), 0.0F);
    EXPECT_EQ(out, (std::vector<std::int16_t>{0, 0}));
    EXPECT_EQ(quantise(std::vector<float>{1, INFINITY}, 100, out.data()), 0.0F);
    EXPECT_EQ(quantise(std::vector<float>{NAN, NAN}, 100, out.data()), 0.0F);
    EXPECT_EQ(out, (std::vector<std::int16_t>{0, 0}));
}

}  // namespace
}  // namespace gatehouse::vector
