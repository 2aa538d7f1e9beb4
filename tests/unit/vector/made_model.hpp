// Model files made for a test: small, with weights from a seed.
#pragma once

#include "support/sealed_file.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::vector::test {

enum class Precision : std::uint8_t { floats, eight_bits };

/// The shape of src/vector/model_file.hpp, with a vocabulary of the letters a to e, the space and a few
/// words.
class MadeModel {
public:
    std::uint32_t embedding{16};
    std::uint32_t width{32};
    std::uint32_t outputs{16};
    std::uint32_t heads{2};
    std::uint32_t feed_forward{48};
    std::uint32_t layers{2};
    std::uint32_t positions{8};
    std::uint32_t reserved{2};
    Precision precision{Precision::floats};
    std::vector<std::pair<std::string, double>> pieces{{"?", 0},
                                                       {"<s>", 0},
                                                       {"\xE2\x96\x81", -2},
                                                       {"a", -3},
                                                       {"b", -3},
                                                       {"c", -3},
                                                       {"d", -3},
                                                       {"e", -3},
                                                       {"ab", -4},
                                                       {"abc", -5},
                                                       {"\xE2\x96\x81"
                                                        "a",
                                                        -4},
                                                       {"\xE2\x96\x81"
                                                        "bad",
                                                        -5}};

    std::string bytes() {
        body_.clear();
        state_ = 1;
        put(static_cast<std::uint8_t>(precision));
        text("made");
        text(precision == Precision::floats ? "1-float32" : "1-int8");
        for (const std::uint32_t number : {embedding, width, outputs, heads, feed_forward, layers, positions,
                                           static_cast<std::uint32_t>(pieces.size()), reserved}) {
            put(number);
        }
        put(1e-6F);
        put(2.0F);
        for (const auto& [piece, score] : pieces) {
            text(piece);
            put(score);
        }
        matrix(pieces.size(), embedding, true);
        for (std::uint32_t i = 0; i < embedding / 2; ++i) {
            put(std::pow(10.0F, -static_cast<float>(i) / 4));
        }
        for (std::uint32_t layer = 0; layer < layers; ++layer) {
            const std::uint32_t from = layer == 0 ? embedding : width;
            norm(from);
            dense(from, 3 * from);
            dense(from, width);
            if (from != width) {
                dense(from, width);
            }
            norm(width);
            dense(width, feed_forward);
            dense(feed_forward, width);
        }
        dense(width, outputs);
        return sealed(body_);
    }

    /// With the right checksum, whatever the body says.
    static std::string sealed(std::string_view body) {
        return gatehouse::test::sealed_file("GHMODEL1", body);
    }

private:
    template <class T>
    void put(T value) {
        body_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value) {
        put(static_cast<std::uint8_t>(value.size()));
        body_ += value;
    }
    float draw() {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<float>(static_cast<std::int64_t>(state_ >> 33) - (1LL << 30)) /
               static_cast<float>(1LL << 31);
    }
    void matrix(std::size_t rows, std::size_t columns, bool scale_of_row) {
        std::vector<float> values(rows * columns);
        for (float& value : values) {
            value = draw();
        }
        if (precision == Precision::floats) {
            for (const float value : values) {
                put(value);
            }
            return;
        }
        // One scale does: no value is above a half.
        constexpr float scale = 0.5F / 127;
        for (std::size_t i = 0; i < (scale_of_row ? rows : columns); ++i) {
            put(scale);
        }
        for (const float value : values) {
            put(static_cast<std::int8_t>(std::lrint(value / scale)));
        }
    }
    void dense(std::size_t depth, std::size_t outputs_of) {
        matrix(depth, outputs_of, false);
        for (std::size_t i = 0; i < outputs_of; ++i) {
            put(draw() / 8);
        }
    }
    void norm(std::size_t width_of) {
        for (std::size_t i = 0; i < width_of; ++i) {
            put(1 + draw() / 4);
        }
        for (std::size_t i = 0; i < width_of; ++i) {
            put(draw() / 4);
        }
    }

    std::string body_;
    std::uint64_t state_{1};
};

}  // namespace gatehouse::vector::test
