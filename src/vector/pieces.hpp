// A text cut into the pieces of a vocabulary so that the sum of their scores is the highest (a unigram model,
// as SentencePiece has them). Room: vector, private.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::vector {

using PieceId = std::uint32_t;

struct Piece {
    std::string text;
    double score{0};
};

class Vocabulary {
public:
    /// A piece's place is its id. The first `reserved` never match; id 0 stands for what no piece covers.
    /// REQUIRES: 1 <= reserved <= pieces.size(), no other piece is empty.
    Vocabulary(const std::vector<Piece>& pieces, std::size_t reserved);

    struct Cut {
        std::vector<PieceId> ids;
        std::size_t unknown_characters{0};
        std::size_t characters{0};
    };
    /// The pieces of a text in normal form. Spaces are U+2581, and one is put in front. Neighbours without a
    /// piece become one id 0. Takes time in proportion to the length. Empty text: no pieces.
    Cut cut(std::string_view normal) const;
    std::size_t bytes() const noexcept;

private:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    struct Node {
        std::uint32_t first_edge{0};
        std::uint32_t edges{0};
        PieceId id{none};
    };
    void grow(std::uint32_t node, std::size_t depth, std::size_t begin, std::size_t end,
              const std::vector<std::pair<std::string_view, PieceId>>& sorted);
    /// The node behind an edge, or none.
    std::uint32_t step(std::uint32_t node, unsigned char byte) const noexcept;

    std::vector<Node> nodes_;  // of a tree over the pieces' bytes; the first is the root
    std::vector<unsigned char> labels_;
    std::vector<std::uint32_t> targets_;
    std::vector<double> scores_;
};

}  // namespace gatehouse::vector
