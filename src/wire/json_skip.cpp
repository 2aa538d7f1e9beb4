#include "json_scan.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::wire {
namespace {

/// The containers that are open, one bit for each: set if it is an object. No recursion, so depth costs no
/// stack.
class Levels {
public:
    void open(bool object) noexcept {
        ++depth_;
        const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
        std::uint64_t& word = objects_[depth_ / 64];
        word = object ? (word | bit) : (word & ~bit);
        in_object_ = object;
    }
    void close() noexcept {
        --depth_;
        in_object_ = ((objects_[depth_ / 64] >> (depth_ % 64)) & 1U) != 0;
    }
    std::size_t depth() const noexcept { return depth_; }
    bool in_object() const noexcept { return in_object_; }

private:
    std::array<std::uint64_t, deepest_json / 64 + 1> objects_{};
    std::size_t depth_{0};
    bool in_object_{false};
};

/// Goes from behind a value, or from behind the bracket that was just opened, to the first byte of the next
/// value, over all that ends in between.
Token to_next_value(const char* at, const char* end, bool opened, Levels& levels) noexcept {
    for (;; opened = false) {
        at = skip_blanks(at, end);
        if (at == end) {
            return {at, "unexpected end"};
        }
        if (*at != (levels.in_object() ? '}' : ']')) {
            break;
        }
        ++at;
        levels.close();
        if (levels.depth() == 0) {
            return {at};
        }
    }
    if (!opened) {
        if (*at != ',') {
            return {at, "expected a comma or a closing bracket"};
        }
        at = skip_blanks(at + 1, end);
    }
    if (levels.in_object()) {
        const Key key = scan_key(at, end);
        if (key.problem != nullptr) {
            return {key.end, key.problem};
        }
        at = skip_blanks(key.end, end);
    }
    return at == end ? Token{at, "unexpected end"} : Token{at};
}

}  // namespace

void JsonReader::skip_container() noexcept {
    Levels levels;
    const std::size_t most = deepest_ - depth_;
    Token next{at_};
    do {
        const char first = *next.end;
        const bool opens = first == '{' || first == '[';
        if (opens) {
            if (levels.depth() == most) {
                fail(next.end, "nested too deep");
                return;
            }
            levels.open(first == '{');
            ++next.end;
        } else {
            next = scan_scalar(next.end, end_);
        }
        if (next.problem == nullptr) {
            next = to_next_value(next.end, end_, opens, levels);
        }
        if (next.problem != nullptr) {
            fail(next.end, next.problem);
            return;
        }
    } while (levels.depth() != 0);
    at_ = next.end;
}

}  // namespace gatehouse::wire
