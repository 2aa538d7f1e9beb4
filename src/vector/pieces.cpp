#include "pieces.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::vector {
namespace {

constexpr std::string_view space = "\xE2\x96\x81";  // U+2581

std::size_t character_at(std::string_view text, std::size_t at) noexcept {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(length, text.size() - at);
}

std::size_t character_before(std::string_view text, std::size_t at) noexcept {
    std::size_t length = 1;
    while (length < at && (static_cast<unsigned char>(text[at - length]) & 0xC0U) == 0x80U) {
        ++length;
    }
    return length;
}

std::string with_visible_spaces(std::string_view normal) {
    std::string text(space);
    for (const char c : normal) {
        if (c == ' ') {
            text += space;
        } else {
            text += c;
        }
    }
    return text;
}

/// The best way found to a place between two characters.
struct Way {
    double score{0};  // 0 is also that of a place that no piece ends at: one begins there as at the start
    PieceId last{0};
    std::size_t length{0};  // of the last piece, in bytes; 0: no piece ends here
};

}  // namespace

Vocabulary::Vocabulary(const std::vector<Piece>& pieces, std::size_t reserved) {
    std::vector<std::pair<std::string_view, PieceId>> sorted;
    sorted.reserve(pieces.size());
    scores_.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        scores_.push_back(pieces[id].score);
        if (id >= reserved) {
            sorted.emplace_back(pieces[id].text, static_cast<PieceId>(id));
        }
    }
    std::sort(sorted.begin(), sorted.end());
    nodes_.emplace_back();
    grow(0, 0, 0, sorted.size(), sorted);
}

void Vocabulary::grow(std::uint32_t node, std::size_t depth, std::size_t begin, std::size_t end,
                      const std::vector<std::pair<std::string_view, PieceId>>& sorted) {
    while (begin < end && sorted[begin].first.size() == depth) {
        nodes_[node].id = sorted[begin].second;  // of two alike, the later one
        ++begin;
    }
    std::vector<std::size_t> begins;
    for (std::size_t at = begin; at < end; ++at) {
        if (at == begin || sorted[at].first[depth] != sorted[at - 1].first[depth]) {
            begins.push_back(at);
        }
    }
    nodes_[node].first_edge = static_cast<std::uint32_t>(labels_.size());
    nodes_[node].edges = static_cast<std::uint32_t>(begins.size());
    const std::size_t first_edge = labels_.size();
    for (const std::size_t at : begins) {
        labels_.push_back(static_cast<unsigned char>(sorted[at].first[depth]));
        targets_.push_back(static_cast<std::uint32_t>(nodes_.size()));
        nodes_.emplace_back();
    }
    for (std::size_t edge = 0; edge < begins.size(); ++edge) {
        const std::size_t to = edge + 1 < begins.size() ? begins[edge + 1] : end;
        grow(targets_[first_edge + edge], depth + 1, begins[edge], to, sorted);
    }
}

std::uint32_t Vocabulary::step(std::uint32_t node, unsigned char byte) const noexcept {
    const Node& from = nodes_[node];
    const auto begin = labels_.begin() + from.first_edge;
    const auto end = begin + from.edges;
    const auto found = std::lower_bound(begin, end, byte);
    return found != end && *found == byte ? targets_[static_cast<std::size_t>(found - labels_.begin())]
                                          : none;
}

Vocabulary::Cut Vocabulary::cut(std::string_view normal) const {
    Cut cut;
    if (normal.empty()) {
        return cut;
    }
    const std::string text = with_visible_spaces(normal);
    std::vector<Way> ways(text.size() + 1);
    const auto reach = [&ways](std::size_t from, std::size_t length, PieceId id, double score) {
        Way& way = ways[from + length];
        const double sum = ways[from].score + score;
        if (way.length == 0 || sum >= way.score) {
            way = {sum, id, length};
        }
    };
    for (std::size_t at = 0; at < text.size(); at += character_at(text, at)) {
        bool matched = false;
        std::uint32_t node = 0;
        for (std::size_t to = at; to < text.size();) {
            node = step(node, static_cast<unsigned char>(text[to]));
            if (node == none) {
                break;
            }
            ++to;
            if (nodes_[node].id != none) {
                matched = true;
                reach(at, to - at, nodes_[node].id, scores_[nodes_[node].id]);
            }
        }
        if (!matched) {
            reach(at, character_at(text, at), 0, 0);
        }
        ++cut.characters;
    }
    --cut.characters;  // the space in front is not the text's
    for (std::size_t at = text.size(); at > 0;) {
        // A place that no piece ends at is inside a longer piece: what is before it is not covered either.
        std::size_t length = ways[at].length;
        const PieceId id = length != 0 ? ways[at].last : 0;
        if (length == 0) {
            length = character_before(text, at);
        }
        cut.unknown_characters += id == 0 ? 1 : 0;
        if (id != 0 || cut.ids.empty() || cut.ids.back() != 0) {
            cut.ids.push_back(id);
        }
        at -= length;
    }
    std::reverse(cut.ids.begin(), cut.ids.end());
    return cut;
}

std::size_t Vocabulary::bytes() const noexcept {
    return nodes_.size() * sizeof(Node) + targets_.size() * (sizeof(std::uint32_t) + 1) +
           scores_.size() * sizeof(double);
}

}  // namespace gatehouse::vector
