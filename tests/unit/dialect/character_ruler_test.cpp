#include "dialect/character_ruler.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

TEST(CharacterRuler, MeasuresBothWaysWhereverACharacterBegins) {
    for (const std::string begin : {"", "plain ", "\u00e9"}) {
        CharacterRuler ruler;
        std::string text = begin;
        for (int i = 0; i < 2000; ++i) {
            text += "\u00e9b\u20ac\U0001f600";
        }
        ruler.add(std::string_view(text).substr(0, begin.size()));
        ruler.add(std::string_view(text).substr(begin.size()));
        ASSERT_EQ(ruler.bytes(), text.size());
        std::size_t characters = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) {
                ASSERT_EQ(ruler.characters_before(at), characters) << at;
                ASSERT_EQ(ruler.bytes_before(characters), at) << characters;
                ++characters;
            }
        }
        EXPECT_EQ(ruler.bytes_before(characters), text.size());
        EXPECT_EQ(ruler.bytes_before(characters + 5), text.size());
        EXPECT_EQ(ruler.characters_before(text.size() + 5), characters);
    }
}

TEST(CharacterRuler, EndsWithAPlainText) {
    CharacterRuler ruler;
    ruler.add("plain");
    EXPECT_EQ(ruler.bytes_before(5), 5U);
    EXPECT_EQ(ruler.bytes_before(99), 5U);
    EXPECT_EQ(CharacterRuler().bytes_before(1), 0U);
}

}  // namespace
}  // namespace gatehouse::dialect
