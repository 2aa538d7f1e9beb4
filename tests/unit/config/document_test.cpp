#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

using test::errors_in;
using test::load;
using test::warnings_in;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Document, EmptyFileIsAllDefaultsAndWarnsThatItServesNothing) {
    for (const char* yaml : {"", "\n", "# nothing yet\n", "---\n", "~\n", "{}\n"}) {
        const Loaded loaded = load(yaml);
        ASSERT_TRUE(loaded.configuration) << yaml;
        EXPECT_EQ(loaded.configuration->server.listen, std::vector<std::string>{"127.0.0.1:8080"});
        EXPECT_TRUE(loaded.configuration->server.auth_required);
        EXPECT_THAT(
            test::lines_of(loaded.warnings),
            ElementsAre("0:0: no keys, but `auth.required` is true: every request is refused with 401",
                        "0:0: no models: every request is answered with model_not_found"));
    }
}

TEST(Document, MustBeAMapping) {
    EXPECT_THAT(errors_in("[1, 2]\n"), ElementsAre(HasSubstr("1:1: the file must be a mapping")));
    EXPECT_THAT(errors_in("hello\n"), ElementsAre(HasSubstr("1:1: the file must be a mapping")));
}

TEST(Document, SyntaxErrorHasItsPlace) {
    EXPECT_THAT(errors_in("server:\n  listen: [127.0.0.1:80\nauth: {}\n"),
                ElementsAre(HasSubstr("not valid YAML")));
    EXPECT_THAT(errors_in("server: {a: b}}\n"), ElementsAre(HasSubstr("1:15: not valid YAML")));
    EXPECT_FALSE(load("a: b: c\n").configuration);
}

TEST(Document, QuoteThatIsNeverClosedDoesNotSwallowTheRest) {
    EXPECT_THAT(errors_in("data_dir: 'open\nauth: {required: false}\n"),
                ElementsAre("1:11: not valid YAML: a quote that is never closed"));
    EXPECT_THAT(errors_in("auth: {required: false}\ndata_dir: \"open"),
                ElementsAre("2:11: not valid YAML: a quote that is never closed"));
}

TEST(Document, DuplicateKeyIsAnErrorAtTheSecondOne) {
    EXPECT_THAT(errors_in(test::sound + "auth: {required: true}\n"),
                ElementsAre("4:1: duplicate key `auth`, first at line 1"));
    EXPECT_THAT(errors_in(test::sound + "server: {drain: 1s, \"drain\": 2s}\n"),
                ElementsAre("4:21: duplicate key `drain`, first at line 4"));
}

TEST(Document, TabInTheIndentationIsNamed) {
    EXPECT_THAT(errors_in("server:\n\tdrain: 1s\n"),
                ElementsAre("2:1: a tab in the indentation; YAML takes spaces only"));
    EXPECT_THAT(errors_in("server:\n  \tdrain: 1s\n"),
                ElementsAre("2:3: a tab in the indentation; YAML takes spaces only"));
    EXPECT_THAT(errors_in(test::sound + "server:\t# comment\n\t\n\t# comment\n  drain: 1s\t# comment\n"),
                IsEmpty());
}

TEST(Document, InvalidUtf8AndControlCharactersAreNamed) {
    EXPECT_THAT(errors_in("a: b\nc: \xff\n"), ElementsAre("2:4: not valid UTF-8"));
    for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80",
                            "\xf0\x80\x80\x80", "\xe0\x80\x80"}) {
        EXPECT_THAT(errors_in(std::string("a: ") + bad), ElementsAre("1:4: not valid UTF-8")) << bad;
    }
    EXPECT_THAT(errors_in("a: \x04\nserver: 1\n"), ElementsAre("1:4: a control character"));
    EXPECT_THAT(errors_in(std::string("a: \0b", 5)), ElementsAre("1:4: a control character"));
    EXPECT_THAT(errors_in(test::sound + "# \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\n"), IsEmpty());
}

TEST(Document, ByteOrderMarkAndCrLfAreAccepted) {
    EXPECT_THAT(errors_in("\xef\xbb\xbf" + test::sound), IsEmpty());
    EXPECT_THAT(errors_in("auth: {required: false}\r\nserver:\r\n  drain: 5s\r\n"), IsEmpty());
}

TEST(Document, DepthIsBounded) {
    const std::string deep = std::string(100'000, '[');
    EXPECT_THAT(errors_in("a: " + deep), ElementsAre(HasSubstr("nested deeper than 64 levels")));
    EXPECT_THAT(errors_in(std::string(100'000, '{')), Contains(HasSubstr("nested deeper than 64 levels")));
}

TEST(Document, AliasBombIsBounded) {
    std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 20; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        const std::string name = "a" + std::to_string(i);
        yaml += name + ": &" + name + " [";
        for (int j = 0; j < 9; ++j) {
            yaml += before + ", ";
        }
        yaml += before + "]\n";
    }
    EXPECT_THAT(errors_in(yaml), ElementsAre(HasSubstr("more than 200000 values")));
}

TEST(Document, AliasInsideWhatItNamesIsRefused) {
    EXPECT_THAT(errors_in("a: &a [*a]\n"),
                ElementsAre(HasSubstr("an alias may not stand inside what it names")));
    EXPECT_THAT(errors_in("a: &a {b: *a}\n"),
                ElementsAre(HasSubstr("an alias may not stand inside what it names")));
}

TEST(Document, AliasStandsForItsAnchor) {
    const Loaded loaded = load(test::sound + "server: {limits: {header_timeout: &t 3s, body_timeout: *t}}\n");
    ASSERT_TRUE(loaded.configuration);
    EXPECT_EQ(loaded.configuration->server.limits.body_timeout, std::chrono::seconds(3));
}

TEST(Document, FaultBehindAnAliasIsReportedOnce) {
    EXPECT_THAT(errors_in("providers: {a: &p {kind: simulated, colour: red}, b: *p, c: *p}\n"),
                ElementsAre(HasSubstr("1:37: unknown key `colour` in `providers.a`"),
                            HasSubstr("1:37: unknown key `colour` in `providers.b`"),
                            HasSubstr("1:37: unknown key `colour` in `providers.c`")));
}

TEST(Document, SecondDocumentTagsAndStructuredKeysAreRefused) {
    EXPECT_THAT(errors_in("auth: {required: false}\n---\nauth: {}\n"),
                ElementsAre("3:1: a second document; the file holds one"));
    EXPECT_THAT(errors_in("auth: !!binary aGk=\n"), ElementsAre(HasSubstr("tags are not used here")));
    EXPECT_THAT(errors_in("? [a, b]\n: c\n"), Contains(HasSubstr("a key must be plain text")));
}

TEST(Document, LargerThanFourMebibytesIsRefused) {
    EXPECT_THAT(errors_in(std::string(4 * 1024 * 1024 + 1, '#')),
                ElementsAre("0:0: the file is larger than 4 MiB"));
}

TEST(Document, NumberOfFindingsIsBounded) {
    std::string yaml;
    for (int i = 0; i < 3'000; ++i) {
        yaml += "k" + std::to_string(i) + ": 1\n";
    }
    const auto errors = errors_in(yaml);
    ASSERT_EQ(errors.size(), 1001U);
    EXPECT_EQ(errors.back(), "0:0: and 2000 more");
}

}  // namespace
}  // namespace gatehouse::config
