// The bytes of a file, read in order. Room: vector, private.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace gatehouse::vector {

static_assert(std::endian::native == std::endian::little, "files are read as they lie");

/// Past the end everything is zero or empty, and `broken` says so.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}

    bool broken() const noexcept { return broken_; }
    bool at_end() const noexcept { return left_.empty(); }
    std::string_view rest() const noexcept { return left_; }

    std::string_view take(std::size_t size) noexcept {
        if (size > left_.size()) {
            broken_ = true;
            left_ = {};
            return {};
        }
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }
    template <class T>
    T number() noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        T value{};
        const auto taken = take(sizeof value);
        if (!taken.empty()) {
            std::memcpy(&value, taken.data(), sizeof value);
        }
        return value;
    }
    /// Its length in one byte before it.
    std::string text() { return std::string(take(number<std::uint8_t>())); }
    template <class T>
    std::vector<T> numbers(std::size_t count) {
        if (count > left_.size() / sizeof(T)) {
            broken_ = true;
            left_ = {};
            return {};
        }
        const auto taken = take(count * sizeof(T));
        std::vector<T> values(count);
        if (count != 0) {
            std::memcpy(values.data(), taken.data(), taken.size());
        }
        return values;
    }
    /// Floats that must be finite.
    std::vector<float> floats(std::size_t count) {
        auto values = numbers<float>(count);
        const bool finite =
            std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
        broken_ = broken_ || !finite;
        return values;
    }

private:
    std::string_view left_;
    bool broken_{false};
};

}  // namespace gatehouse::vector
