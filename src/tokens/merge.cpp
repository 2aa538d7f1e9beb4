#include "merge.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace gatehouse::tokens {
namespace {

/// Up to here a scan for the lowest rank is faster than a heap, and its square is small.
constexpr std::size_t most_scanned = 64;

/// Finds the lowest rank by looking at all.
class ScanMerge {
public:
    ScanMerge(const RankTable& table, std::string_view piece)
        : table_(table), piece_(piece), size_(piece.size()) {
        for (std::size_t at = 0; at <= size_; ++at) {
            begins_[at] = static_cast<std::uint8_t>(at);
        }
        for (std::size_t at = 0; at < size_; ++at) {
            ranks_[at] = rank_of_pair(at);
        }
    }

    std::uint64_t run(std::vector<TokenId>& out) {
        for (;;) {
            const auto end = ranks_.begin() + static_cast<std::ptrdiff_t>(size_);
            const auto lowest = std::min_element(ranks_.begin(), end);
            steps_ += size_;
            if (*lowest == RankTable::none) {
                break;
            }
            join(static_cast<std::size_t>(lowest - ranks_.begin()));
        }
        for (std::size_t at = 0; at < size_; ++at) {
            out.push_back(
                table_.find(piece_.substr(begins_[at], begins_[at + 1] - std::size_t{begins_[at]})));
        }
        return steps_;
    }

private:
    TokenId rank_of_pair(std::size_t at) {
        ++steps_;
        if (at + 2 > size_) {
            return RankTable::none;
        }
        return table_.find(piece_.substr(begins_[at], begins_[at + 2] - std::size_t{begins_[at]}));
    }

    void join(std::size_t at) {
        const auto place = static_cast<std::ptrdiff_t>(at) + 1;
        const auto end = static_cast<std::ptrdiff_t>(size_);
        std::copy(begins_.begin() + place + 1, begins_.begin() + end + 1, begins_.begin() + place);
        std::copy(ranks_.begin() + place + 1, ranks_.begin() + end, ranks_.begin() + place);
        --size_;
        ranks_[at] = rank_of_pair(at);
        if (at > 0) {
            ranks_[at - 1] = rank_of_pair(at - 1);
        }
    }

    const RankTable& table_;
    std::string_view piece_;
    std::size_t size_;
    std::array<std::uint8_t, most_scanned + 1> begins_;
    std::array<TokenId, most_scanned> ranks_;
    std::uint64_t steps_{0};
};

/// Finds the lowest rank with a heap. An entry whose pair has changed since is skipped when it comes up.
class HeapMerge {
public:
    HeapMerge(const RankTable& table, std::string_view piece)
        : table_(table), piece_(piece), parts_(piece.size()) {
        const auto size = static_cast<std::uint32_t>(piece.size());
        heap_.reserve(piece.size());
        for (std::uint32_t at = 0; at < size; ++at) {
            parts_[at] = {at == 0 ? 0 : at - 1, at + 1, RankTable::none};
        }
        for (std::uint32_t at = 0; at + 1 < size; ++at) {
            if (look_up(at)) {
                heap_.push_back(entry(at));
            }
        }
        std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
    }

    std::uint64_t run(std::vector<TokenId>& out) {
        while (!heap_.empty()) {
            std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
            const std::uint64_t top = heap_.back();
            heap_.pop_back();
            ++steps_;
            const auto at = static_cast<std::uint32_t>(top);
            if (parts_[at].rank == top >> 32) {
                join(at);
            }
        }
        for (std::size_t at = 0; at < piece_.size(); at = parts_[at].next) {
            out.push_back(table_.find(piece_.substr(at, parts_[at].next - at)));
        }
        return steps_;
    }

private:
    struct Part {
        std::uint32_t previous;
        std::uint32_t next;  // the piece's size behind the last
        TokenId rank;        // of this part and the next together
    };

    std::uint64_t entry(std::uint32_t at) const { return std::uint64_t{parts_[at].rank} << 32 | at; }

    bool look_up(std::uint32_t at) {
        ++steps_;
        Part& part = parts_[at];
        part.rank = part.next == piece_.size() ? RankTable::none
                                               : table_.find(piece_.substr(at, parts_[part.next].next - at));
        return part.rank != RankTable::none;
    }

    void push_if_pair(std::uint32_t at) {
        if (look_up(at)) {
            heap_.push_back(entry(at));
            std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
        }
    }

    void join(std::uint32_t at) {
        Part& gone = parts_[parts_[at].next];
        gone.rank = RankTable::none;
        parts_[at].next = gone.next;
        if (gone.next != piece_.size()) {
            parts_[gone.next].previous = at;
        }
        push_if_pair(at);
        if (at != 0) {
            push_if_pair(parts_[at].previous);
        }
    }

    const RankTable& table_;
    std::string_view piece_;
    std::vector<Part> parts_;  // by first byte; only the first of each part is in use
    std::vector<std::uint64_t> heap_;
    std::uint64_t steps_{0};
};

}  // namespace

std::uint64_t merge_piece(const RankTable& table, std::string_view piece, std::vector<TokenId>& out) {
    if (piece.size() <= most_scanned) {
        return piece.empty() ? 0 : ScanMerge(table, piece).run(out);
    }
    return HeapMerge(table, piece).run(out);
}

}  // namespace gatehouse::tokens
