// Secrets and digests. A Secret never prints itself: whoever needs the bytes says `reveal()`, and a reader of
// the code can find every such place.
// Room: core.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::inline core {

/// A credential. Wiped on destruction; prints as `***`.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret& other);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    bool empty() const noexcept { return value_.empty(); }
    /// The bytes themselves: for a header that is being written, and for nothing else.
    std::string_view reveal() const noexcept { return value_; }
    /// What logs, errors and /admin/config may show.
    static constexpr std::string_view masked() noexcept { return "***"; }

private:
    std::string value_;
};

/// A SHA-256 digest (FIPS 180-4).
using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::string to_hex(const Digest& digest);
/// 64 hex digits of either case; nothing for anything else.
std::optional<Digest> digest_from_hex(std::string_view hex);
/// Compares without telling by its time where the first difference lies.
bool equal_in_constant_time(const Digest& a, const Digest& b) noexcept;

/// `count` bytes from the operating system's generator. Throws only when that generator fails.
std::string random_bytes(std::size_t count);

}  // namespace gatehouse::inline core
