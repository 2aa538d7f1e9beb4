// A dense layer: a matrix and its bias, in 32-bit floats or in eight bits with a scale for each output.
// Room: vector, private.
#pragma once

#include "kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::vector {

class Dense {
public:
    Dense() = default;
    /// Weights in the order of the file: for each of `depth` inputs one for each output.
    /// REQUIRES: as many as `depth` times the number of biases, which is a multiple of block_width.
    Dense(std::span<const float> weights, std::size_t depth, std::vector<float> bias);
    /// A weight is its number times the scale of its output. REQUIRES: also that `depth` is even.
    Dense(std::span<const std::int8_t> weights, std::vector<float> scales, std::size_t depth,
          std::vector<float> bias);

    std::size_t depth() const noexcept { return depth_; }
    std::size_t outputs() const noexcept { return bias_.size(); }
    std::size_t bytes() const noexcept;

    /// The outputs for `rows` rows of `depth()` values each.
    std::vector<float> apply(const Kernels& kernels, std::span<const float> x, std::size_t rows) const;

private:
    std::vector<float> apply_int8(const Kernels& kernels, std::span<const float> x, std::size_t rows) const;

    std::size_t depth_{0};
    std::vector<float> floats_;       // packed as the kernels want them; empty: in eight bits
    std::vector<std::int8_t> bytes_;  // likewise
    std::vector<float> scales_;       // of the outputs, with bytes_
    std::vector<float> bias_;
};

/// Whole numbers of up to `range` that stand for `values`, and what one of them is worth.
float quantise(std::span<const float> values, std::int32_t range, std::int16_t* out) noexcept;

}  // namespace gatehouse::vector
