// YAML text as a tree of our own: positions kept, repeated keys refused, aliases expanded within a bound.
//
// Built from the parser's events, so that nothing of its lenient node type (first key wins, cycles through
// aliases) reaches the checks. Depth, nodes and text are bounded; no exception leaves.
// Room: config. The one place that includes yaml-cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

class Findings;
struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Entry {
    NodePtr key;  // a scalar
    NodePtr value;
};

struct Node {
    enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

    Kind kind{Kind::null};
    bool in_quotes{false};  // scalar: never a number, a boolean or null
    int line{0};            // 1-based
    int column{0};
    std::size_t weight{1};  // nodes below and including this one, aliases counted each time
    std::string text;       // scalar
    std::vector<NodePtr> items;
    std::vector<Entry> entries;  // keys are distinct

    /// The value under `key` of a mapping; null when there is none.
    const Node* find(std::string_view key) const noexcept;
    const Entry* entry(std::string_view key) const noexcept;
};

struct DocumentLimits {
    static constexpr std::size_t bytes = 4UL * 1024 * 1024;
    static constexpr std::size_t nodes = 200'000;
    static constexpr std::size_t depth = 64;
};

/// The document's root; a null node for an empty file; nothing when the text cannot be read, with the reason
/// in `findings`. Repeated keys are findings too, but the tree (with the first of them) is still given.
NodePtr parse_document(const std::string& yaml, Findings& findings);

}  // namespace gatehouse::config
