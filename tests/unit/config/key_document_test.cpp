#include "gatehouse/config/key_document.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

const KeyNames names{{"gpt-5", "gpt-5-mini", "claude-*"}, {"auto"}, {"search", "ads"}};

KeyDocument good(std::string_view text) {
    auto read = KeyDocument::read(text, names);
    if (!read) {
        throw std::runtime_error(read.problem().message());
    }
    return std::move(*read);
}

struct Fault {
    std::string_view text;
    ProblemKind kind;
    std::string_view param;
    std::string_view says;
};

void expect(const Fault& fault, const Result<KeyDocument>& read) {
    ASSERT_FALSE(read) << fault.text;
    EXPECT_EQ(name_of(read.problem().kind()), name_of(fault.kind)) << fault.text;
    EXPECT_EQ(read.problem().param(), fault.param) << fault.text;
    EXPECT_NE(read.problem().message().find(fault.says), std::string::npos) << read.problem().message();
}

TEST(KeyDocument, SaysWhatTheFileWouldSay) {
    const auto key = good(R"({"name":"team-search","models":["gpt-5","claude-*","auto"],"team":"search",
        "expires":"2027-01-01T00:00:00Z","debug":true,"admin":false,"tags":{"cost":"r-and-d"}})");
    const auto& o = key.options();
    EXPECT_EQ(key.name(), "team-search");
    EXPECT_EQ(o.models, (std::vector<std::string>{"gpt-5", "claude-*", "auto"}));
    EXPECT_EQ(o.team, "search");
    EXPECT_EQ(o.expires, WallTime(std::chrono::seconds(1'798'761'600)));
    EXPECT_EQ(o.tags.at("cost"), "r-and-d");
    EXPECT_TRUE(o.debug);
    EXPECT_FALSE(o.admin);
}

TEST(KeyDocument, IsShownInOneForm) {
    const auto key = good(
        R"({"requests_per_minute":"6k","name":"k","budget":{"usd":50,"warn_at":"80%"},"concurrency":5,"team":null})");
    EXPECT_EQ(
        key.text(),
        R"({"budget":{"usd":"50","warn_at":"80%"},"concurrency":5,"name":"k","requests_per_minute":6000})");
    const auto again = KeyDocument::restored(key.text());
    ASSERT_TRUE(again) << again.problem().message();
    EXPECT_EQ(again->text(), key.text());
}

TEST(KeyDocument, WithoutModelsMayUseAllAndWithNoneNothing) {
    EXPECT_FALSE(good(R"({"name":"k"})").options().models);
    EXPECT_EQ(good(R"({"name":"k","models":[]})").options().models, std::vector<std::string>());
}

TEST(KeyDocument, NamesTheMemberAtFault) {
    constexpr auto value = ProblemKind::invalid_value;
    constexpr auto type = ProblemKind::invalid_type;
    const Fault faults[] = {
        {"nothing", ProblemKind::invalid_json, "", "not valid JSON"},
        {"[]", type, "", "JSON object"},
        {"{}", ProblemKind::missing_parameter, "name", "missing"},
        {R"({"name":null})", ProblemKind::missing_parameter, "name", "missing"},
        {R"({"name":""})", value, "name", ""},
        {R"({"name":"a\nb"})", value, "name", ""},
        {R"({"name":5})", type, "name", "a number"},
        {R"({"name":"k","modles":[]})", value, "modles", "did you mean `models`"},
        {R"({"name":"k","value":"gh-secret"})", value, "value", "unknown key"},
        {R"({"name":"k","hash":"sha256:00"})", value, "hash", "unknown key"},
        {R"({"name":"k","models":"gpt-5"})", type, "models", "a list"},
        {R"({"name":"k","models":["gpt-5","gpt-6"]})", value, "models[1]", "unknown model `gpt-6`"},
        {R"({"name":"k","models":["a*b*"]})", value, "models[0]", "one `*`"},
        {R"({"name":"k","models":[null]})", type, "models[0]", "null"},
        {R"({"name":"k","team":"serch"})", value, "team", "did you mean `search`"},
        {R"({"name":"k","admin":"true"})", type, "admin", "a string"},
        {R"({"name":"k","concurrency":-1})", value, "concurrency", "-1"},
        {R"({"name":"k","concurrency":1.5})", value, "concurrency", "1.5"},
        {R"({"name":"k","budget":{"period":"day"}})", value, "budget", "`usd` is missing"},
        {R"({"name":"k","budget":{"usd":"-1"}})", value, "budget.usd", "-1"},
        {R"({"name":"k","budget":{"usd":"1","period":"year"}})", value, "budget.period", "year"},
        {R"({"name":"k","budget":{"usd":"1","perod":"day"}})", value, "budget.perod", "period"},
        {R"({"name":"k","expires":"tomorrow"})", value, "expires", "tomorrow"},
        {R"({"name":"k","tags":{"a":1}})", type, "tags.a", "a number"},
        {R"({"name":"k","admin":false,"admin":true})", value, "admin", "twice"},
    };
    for (const auto& fault : faults) {
        expect(fault, KeyDocument::read(fault.text, names));
    }
}

TEST(KeyDocument, IsBoundedInSizeAndDepth) {
    const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
    expect({"deep", ProblemKind::invalid_json, "", "deep"},
           KeyDocument::read(R"({"a":)" + deep.substr(45'000, 10'000) + "}", names));
    expect({"large", ProblemKind::request_too_large, "", "65536"}, KeyDocument::read(deep, names));
    expect({"long name", ProblemKind::invalid_value, "name", "128"},
           KeyDocument::read(R"({"name":")" + std::string(129, 'n') + "\"}", names));
}

TEST(KeyDocument, DoesNotGrowBeyondWhatIsReadAgain) {
    const auto tags = [](char name) {
        std::string text = R"({"tags":{)";
        for (int i = 0; i < 120; ++i) {
            text += fmt::format(R"({}"{}{}":"{}")", i == 0 ? "" : ",", name, i, std::string(300, 'v'));
        }
        return text + "}}";
    };
    const auto half = good(R"({"name":"k"})").patched(tags('a'), names);
    ASSERT_TRUE(half) << half.problem().message();
    const auto whole = half->patched(tags('b'), names);
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.problem().kind(), ProblemKind::request_too_large);
    // What an earlier version may have taken comes back all the same.
    std::string long_one = R"({"name":"k","models":[)";
    for (int i = 0; i < 10'000; ++i) {
        long_one += fmt::format(R"({}"model-{}")", i == 0 ? "" : ",", i);
    }
    EXPECT_TRUE(KeyDocument::restored(long_one + "]}"));
}

TEST(KeyDocument, IsNotCalledLikeACallerWithoutAKey) {
    expect({"anonymous", ProblemKind::invalid_value, "name", "no key"},
           KeyDocument::read(R"({"name":"anonymous"})", names));
    EXPECT_TRUE(KeyDocument::restored(R"({"name":"anonymous"})"));
}

TEST(KeyDocument, TakesAPatchMemberByMember) {
    const auto key = good(
        R"({"name":"k","models":["gpt-5"],"budget":{"usd":"5","period":"day"},"tags":{"a":"1","b":"2"}})");
    const auto patched = key.patched(
        R"({"models":null,"budget":{"usd":"7"},"tags":{"a":null,"c":"3"},"debug":true,"name":"k"})", names);
    ASSERT_TRUE(patched) << patched.problem().message();
    EXPECT_EQ(patched->text(),
              R"({"budget":{"period":"day","usd":"7"},"debug":true,"name":"k","tags":{"b":"2","c":"3"}})");
    EXPECT_FALSE(patched->options().models);
    EXPECT_EQ(key.changes_to(*patched),
              R"({"budget":{"from":{"period":"day","usd":"5"},"to":{"period":"day","usd":"7"}},)"
              R"("debug":{"from":null,"to":true},"models":{"from":["gpt-5"],"to":null},)"
              R"("tags":{"from":{"a":"1","b":"2"},"to":{"b":"2","c":"3"}}})");
    expect({"name", ProblemKind::invalid_value, "name", "keeps its name"},
           key.patched(R"({"name":"other"})", names));
    expect({"name", ProblemKind::invalid_value, "name", "keeps its name"},
           key.patched(R"({"name":null})", names));
    expect({"unknown", ProblemKind::invalid_value, "x", "unknown key"}, key.patched(R"({"x":1})", names));
}

TEST(KeyDocument, LivesOnWhenAModelIsGone) {
    const auto key = KeyDocument::restored(R"({"name":"k","models":["gone"],"team":"gone"})");
    ASSERT_TRUE(key) << key.problem().message();
    const auto patched = key->patched(R"({"debug":true})", names);
    ASSERT_TRUE(patched) << patched.problem().message();
    EXPECT_EQ(patched->options().models, std::vector<std::string>{"gone"});
    expect({"named anew", ProblemKind::invalid_value, "models[0]", "unknown model"},
           key->patched(R"({"models":["gone"]})", names));
}

}  // namespace
}  // namespace gatehouse::config
