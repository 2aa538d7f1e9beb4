#include "splices.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace gatehouse::dialect {

BodyPieces Splices::apply(std::string_view original) && {
    // What is inserted before a range that goes comes first.
    std::sort(splices_.begin(), splices_.end(), [](const Splice& a, const Splice& b) {
        return std::pair(a.range.begin, a.range.end) < std::pair(b.range.begin, b.range.end);
    });
    BodyPieces body;
    std::size_t from = 0;
    for (auto& splice : splices_) {
        body.pieces.push_back(original.substr(from, splice.range.begin - from));
        from = splice.range.end;
        if (!splice.with.empty()) {
            body.owned.push_back(std::make_unique<std::string>(std::move(splice.with)));
            body.pieces.push_back(*body.owned.back());
        }
    }
    body.pieces.push_back(original.substr(from));
    return body;
}

}  // namespace gatehouse::dialect
