// A client's body on its way to a provider of the same vendor: the original bytes with some of them replaced.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Replacements in any order; they must not overlap.
class Splices {
public:
    /// `with` takes the place of a range of the original. An empty range inserts, an empty text cuts out.
    void add(wire::ByteRange range, std::string with) { splices_.push_back({range, std::move(with)}); }
    /// The pieces point into `original`.
    BodyPieces apply(std::string_view original) &&;

private:
    struct Splice {
        wire::ByteRange range;
        std::string with;
    };
    std::vector<Splice> splices_;
};

}  // namespace gatehouse::dialect
