#include "dense.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatehouse::vector {

float quantise(std::span<const float> values, std::int32_t range, std::int16_t* out) noexcept {
    float largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::fabs(value));
    }
    if (!(largest > 0) || !std::isfinite(largest)) {
        std::fill_n(out, values.size(), std::int16_t{0});
        return 0;
    }
    const float up = static_cast<float>(range) / largest;
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = static_cast<std::int16_t>(std::lrintf(values[i] * up));
    }
    return largest / static_cast<float>(range);
}

Dense::Dense(std::span<const float> weights, std::size_t depth, std::vector<float> bias)
    : depth_(depth), floats_(weights.size()), bias_(std::move(bias)) {
    const std::size_t width = bias_.size();
    for (std::size_t k = 0; k < depth; ++k) {
        for (std::size_t j = 0; j < width; ++j) {
            const std::size_t block = j / block_width;
            floats_[(block * depth + k) * block_width + j % block_width] = weights[k * width + j];
        }
    }
}

Dense::Dense(std::span<const std::int8_t> weights, std::vector<float> scales, std::size_t depth,
             std::vector<float> bias)
    : depth_(depth), bytes_(weights.size()), scales_(std::move(scales)), bias_(std::move(bias)) {
    const std::size_t width = bias_.size();
    for (std::size_t k = 0; k < depth; ++k) {
        for (std::size_t j = 0; j < width; ++j) {
            const std::size_t block = j / block_width;
            const std::size_t pair = (block * depth + k - k % 2) * block_width;
            // No sum of the kernels may exceed 32 bits.
            bytes_[pair + 2 * (j % block_width) + k % 2] =
                std::max<std::int8_t>(weights[k * width + j], -127);
        }
    }
}

std::size_t Dense::bytes() const noexcept {
    return (floats_.size() + scales_.size() + bias_.size()) * sizeof(float) + bytes_.size();
}

std::vector<float> Dense::apply(const Kernels& kernels, std::span<const float> x, std::size_t rows) const {
    if (!bytes_.empty()) {
        return apply_int8(kernels, x, rows);
    }
    std::vector<float> out(rows * outputs());
    kernels.dense_float(x.data(), rows, depth_, floats_.data(), outputs() / block_width, out.data());
    for (std::size_t row = 0; row < rows; ++row) {
        float* const values = out.data() + row * outputs();
        for (std::size_t j = 0; j < outputs(); ++j) {
            values[j] += bias_[j];
        }
    }
    return out;
}

std::vector<float> Dense::apply_int8(const Kernels& kernels, std::span<const float> x,
                                     std::size_t rows) const {
    std::vector<std::int16_t> numbers(rows * depth_);
    std::vector<float> worth(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        worth[row] =
            quantise(x.subspan(row * depth_, depth_), range_of(depth_), numbers.data() + row * depth_);
    }
    std::vector<std::int32_t> sums(rows * outputs());
    kernels.dense_int8(numbers.data(), rows, depth_, bytes_.data(), outputs() / block_width, sums.data());
    std::vector<float> out(rows * outputs());
    for (std::size_t row = 0; row < rows; ++row) {
        const std::int32_t* const from = sums.data() + row * outputs();
        float* const to = out.data() + row * outputs();
        for (std::size_t j = 0; j < outputs(); ++j) {
            to[j] = static_cast<float>(from[j]) * (worth[row] * scales_[j]) + bias_[j];
        }
    }
    return out;
}

}  // namespace gatehouse::vector
