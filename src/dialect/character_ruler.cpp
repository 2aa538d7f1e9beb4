#include "character_ruler.hpp"

#include <algorithm>

namespace gatehouse::dialect {
namespace {

constexpr std::size_t block_size = 1024;  // bytes that are counted one by one

bool begins_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

void CharacterRuler::add(std::string_view text) {
    if (begins_.empty()) {
        const auto ascii = static_cast<std::size_t>(
            std::find_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }) -
            text.begin());
        ascii_ += ascii;
        text.remove_prefix(ascii);
    }
    for (const char c : text) {
        if (begins_.size() % block_size == 0) {
            blocks_.push_back(characters_);
        }
        const bool begins = begins_character(c);
        begins_.push_back(begins);
        characters_ += begins ? 1U : 0U;
    }
}

std::size_t CharacterRuler::characters_before(std::size_t offset) const noexcept {
    if (offset <= ascii_) {
        return offset;
    }
    const auto rest = offset - ascii_;
    if (rest >= begins_.size()) {
        return ascii_ + characters_;
    }
    const auto block = rest / block_size;
    const auto at = [&](std::size_t index) { return begins_.begin() + static_cast<std::ptrdiff_t>(index); };
    const auto inside = std::count(at(block * block_size), at(rest), true);
    return ascii_ + blocks_[block] + static_cast<std::size_t>(inside);
}

std::size_t CharacterRuler::bytes_before(std::size_t characters) const noexcept {
    if (characters <= ascii_) {
        return characters;
    }
    const auto rest = characters - ascii_;
    if (rest >= characters_) {
        return bytes();
    }
    // The last block that begins no later than the character; the text's first byte there begins one.
    const auto block =
        static_cast<std::size_t>(std::upper_bound(blocks_.begin(), blocks_.end(), rest) - blocks_.begin()) -
        1;
    auto begun = blocks_[block];
    auto at = block * block_size;
    for (;; ++at) {
        begun += begins_[at] ? 1U : 0U;
        if (begun > rest) {
            return ascii_ + at;
        }
    }
}

}  // namespace gatehouse::dialect
