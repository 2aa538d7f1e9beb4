// The tokens of an encoding: bytes to rank and back.
#pragma once

#include "gatehouse/tokens/tokenizer.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::tokens {

/// Open addressing at a load of at most one half. Most tokens of a text have at most eight bytes; they lie in
/// the table itself, so that one cache line answers.
class RankTable {
public:
    static constexpr TokenId none = std::numeric_limits<TokenId>::max();

    /// REQUIRES: tokens distinct, none empty, none longer than 255 bytes.
    explicit RankTable(const std::vector<std::string>& tokens);

    /// The token's id, which is its rank, or `none`.
    TokenId find(std::string_view bytes) const noexcept {
        if (bytes.size() == 1) {
            return single_[static_cast<unsigned char>(bytes[0])];
        }
        return bytes.size() <= 8 ? find_short(bytes) : find_long(bytes);
    }
    /// REQUIRES: id < size().
    std::string_view bytes(TokenId id) const noexcept {
        return std::string_view(text_).substr(begins_[id], begins_[id + 1] - begins_[id]);
    }
    std::size_t size() const noexcept { return begins_.size() - 1; }

private:
    struct Short {
        std::uint64_t key{0};
        TokenId id{none};
        std::uint32_t length{0};
    };
    struct Long {
        std::uint64_t hash{0};
        TokenId id{none};
    };

    TokenId find_short(std::string_view bytes) const noexcept;
    TokenId find_long(std::string_view bytes) const noexcept;
    void add(TokenId id);

    std::string text_;                   // all tokens, one behind the other
    std::vector<std::uint32_t> begins_;  // of each token, and the end
    std::vector<TokenId> single_;        // by byte
    std::vector<Short> short_;           // sizes are powers of two
    std::vector<Long> long_;
    std::size_t longest_{0};
};

}  // namespace gatehouse::tokens
