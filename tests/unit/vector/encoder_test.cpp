#include "gatehouse/vector/encoder.hpp"

#include "made_model.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <numeric>

namespace gatehouse::vector {
namespace {

using test::MadeModel;
using test::Precision;

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::shared_ptr<const Encoder> encoder_of(MadeModel model) {
    auto encoder = read_encoder(model.bytes());
    EXPECT_TRUE(encoder) << (encoder ? "" : encoder.problem().message());
    return encoder ? *encoder : nullptr;
}

std::string refusal(std::string_view bytes) {
    const auto encoder = read_encoder(bytes);
    return encoder ? "" : encoder.problem().message();
}

TEST(Encoder, MakesVectorsOfUnitLength) {
    const auto encoder = encoder_of({});
    ASSERT_TRUE(encoder);
    EXPECT_EQ(encoder->identity(), (ModelIdentity{"made", "1-float32", 16}));
    const auto embedding = encoder->embed("abc bad");
    ASSERT_TRUE(embedding);
    EXPECT_EQ(embedding->vector.size(), 16U);
    EXPECT_EQ(embedding->pieces, 3U);
    EXPECT_NEAR(cosine(embedding->vector, embedding->vector), 1, 1e-6);
}

TEST(Encoder, GivesTheSameVectorWhateverCameBefore) {
    const auto encoder = encoder_of({});
    const auto first = encoder->embed("abc");
    ASSERT_TRUE(encoder->embed("e e e e e e e e e e"));
    EXPECT_EQ(encoder->embed("abc")->vector, first->vector);
}

TEST(Encoder, SeesTheOrderOfPieces) {
    const auto encoder = encoder_of({});
    EXPECT_LT(cosine(encoder->embed("a b c d")->vector, encoder->embed("d c b a")->vector), 0.9999);
}

TEST(Encoder, IsNearlyTheSameInEightBits) {
    MadeModel rounded;
    rounded.precision = Precision::eight_bits;
    const auto exact = encoder_of({});
    const auto small = encoder_of(rounded);
    ASSERT_TRUE(exact && small);
    for (const char* text : {"a", "abc bad", "d e c b a ab", "unknown"}) {
        EXPECT_GT(cosine(exact->embed(text)->vector, small->embed(text)->vector), 0.999) << text;
    }
    EXPECT_LT(small->bytes(), exact->bytes());
}

TEST(Encoder, SeesTheTailOfATextLongerThanItsWindow) {
    const auto encoder = encoder_of({});
    const std::string head = "d d d d d d d d";  // more than the eight positions
    const auto one = encoder->embed(head + " abc abc abc abc");
    const auto other = encoder->embed(head + " e e e e");
    ASSERT_TRUE(one && other);
    EXPECT_LT(cosine(one->vector, other->vector), 0.999);
    EXPECT_NEAR(cosine(one->vector, one->vector), 1, 1e-6);
}

TEST(Encoder, RefusesWhatIsTooLongOrEmpty) {
    const auto encoder = encoder_of({});
    const std::string longest(Encoder::most_windows * 8 - 1, 'e');  // and the space in front
    EXPECT_TRUE(encoder->embed(longest));
    EXPECT_EQ(encoder->embed(longest + "e").problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(encoder->embed("").problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(encoder->embed(std::string(Encoder::most_text_bytes + 1, 'x')).problem().kind(),
              ProblemKind::invalid_value);
}

TEST(Encoder, CountsCharactersThatItDoesNotKnow) {
    const auto embedding = encoder_of({})->embed("ab\u4E2D\u4E2D");
    EXPECT_EQ(embedding->unknown_characters, 2U);
    EXPECT_EQ(embedding->characters, 4U);
}

TEST(ModelFile, IsRefusedWhenDamaged) {
    const std::string good = MadeModel().bytes();
    EXPECT_EQ(refusal(good), "");
    for (std::size_t at = 0; at < good.size(); at += 97) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        EXPECT_NE(refusal(bad), "") << at;
    }
    EXPECT_NE(refusal(""), "");
    EXPECT_NE(refusal("GHMODEL1"), "");
}

TEST(ModelFile, IsRefusedWhenItsBodyIsShortOrLong) {
    const std::string body = MadeModel().bytes().substr(40);
    EXPECT_EQ(refusal(MadeModel::sealed(body)), "");
    EXPECT_NE(refusal(MadeModel::sealed(body + "x")), "");
    for (std::size_t size = 0; size < body.size(); size += 61) {
        EXPECT_NE(refusal(MadeModel::sealed(body.substr(0, size))), "") << size;
    }
}

TEST(ModelFile, IsRefusedForAShapeThatCannotRun) {
    const auto with = [](auto change) {
        MadeModel model;
        change(model);
        return refusal(model.bytes());
    };
    EXPECT_NE(with([](MadeModel& m) { m.width = 40; }), "");  // no multiple of a block
    EXPECT_NE(with([](MadeModel& m) { m.heads = 3; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.heads = 0; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.reserved = 0; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.reserved = 99; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.positions = 0; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.pieces.back().first = ""; }), "");
    EXPECT_NE(with([](MadeModel& m) { m.pieces.back().second = NAN; }), "");
}

TEST(ModelFile, IsNamedWhenItCannotBeRead) {
    const auto none = load_encoder("/nowhere/a.model");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_EQ(none.problem().message(), "/nowhere/a.model: cannot be read");
}

}  // namespace
}  // namespace gatehouse::vector
