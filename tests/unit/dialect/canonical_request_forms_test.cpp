// The ways to write one body are one request; two bodies that are not the same are two.
#include "gatehouse/dialect/canonical_request.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

Digest exact(std::string_view body) {
    chat::Request request;
    request.original.bytes = body;
    const auto found = canonical_request(request);
    EXPECT_TRUE(found) << body;
    return found ? found->exact : Digest{};
}

Digest with_value(std::string_view value) {
    return exact("{\"x\":" + std::string(value) + "}");
}

TEST(CanonicalForms, OrderOfMembersAndBlanksDoNotCount) {
    EXPECT_EQ(exact(R"({"a":{"b":[1,{"c":2,"d":3}],"e":null},"f":"g"})"),
              exact("{ \"f\" : \"g\",\n\t\"a\":\r\n{\"e\":null , \"b\":[ 1,{\"d\":3,\"c\":2} ]} }"));
    EXPECT_NE(with_value("[1,2]"), with_value("[2,1]"));
}

TEST(CanonicalForms, EscapesDoNotCount) {
    EXPECT_EQ(with_value(R"("A/\u00e9\n\ud83d\ude00")"), with_value("\"\\u0041\\/é\\u000a😀\""));
    EXPECT_EQ(exact(R"({"ab":1})"), exact(R"({"\u0061b":1})"));
    EXPECT_NE(with_value(R"("\\n")"), with_value(R"("\n")"));
}

TEST(CanonicalForms, EscapesDoNotCountInAStringOfAnyLength) {
    for (std::size_t size = 0; size < 300; ++size) {
        std::string plain;
        std::string escaped;
        for (std::size_t i = 0; i < size; ++i) {
            plain += static_cast<char>('a' + i % 26);
            escaped += (i * 7 + size) % 5 == 0 ? "\\u00" + std::string(i % 26 < 15 ? "6" : "7") +
                                                     "0123456789abcdef"[(i % 26 + 1) % 16]
                                               : std::string(1, plain.back());
        }
        EXPECT_EQ(with_value('"' + plain + '"'), with_value('"' + escaped + '"')) << size;
    }
}

TEST(CanonicalForms, OneEscapeBetweenLongRunsDoesNotCount) {
    std::vector<std::size_t> sizes;
    for (const auto& [from, to] : {std::pair<std::size_t, std::size_t>{0, 40}, {250, 262}, {4'085, 4'110}}) {
        for (auto size = from; size < to; ++size) {
            sizes.push_back(size);
        }
    }
    for (const auto before : sizes) {
        for (const std::size_t behind : std::vector<std::size_t>{0, 1, 15, 16, 17, 300, 5'000}) {
            const std::string left(before, 'l');
            const std::string right(behind, 'r');
            EXPECT_EQ(with_value('"' + left + "é" + right + '"'),
                      with_value('"' + left + "\\u00e9" + right + '"'))
                << before << ' ' << behind;
            EXPECT_NE(with_value('"' + left + "\\n" + right + '"'),
                      with_value('"' + left + "\\t" + right + '"'));
        }
    }
}

TEST(CanonicalForms, SurrogatesThatStandAloneAreThemselves) {
    EXPECT_NE(with_value(R"("\ud800")"), with_value(R"("\ud801")"));
    EXPECT_NE(with_value(R"("\ud800")"), with_value(R"("\ufffd")"));
    EXPECT_EQ(with_value(R"("\ud800")"), with_value(R"("\uD800")"));
}

TEST(CanonicalForms, NumbersCountByTheirValues) {
    for (const auto& [a, b] : std::vector<std::pair<const char*, const char*>>{
             {"1", "1.0"},
             {"1", "1e0"},
             {"1", "0.1e1"},
             {"1", "10E-1"},
             {"100", "1e2"},
             {"100", "1.00e+2"},
             {"0", "0.0"},
             {"0", "0e7"},
             {"0.05", "5e-2"},
             {"0.05", "0.0500"},
             {"-10.50", "-105e-1"},
             {"12345678901234567890123", "1.2345678901234567890123e22"},
             {"1e-7", "0.0000001"}}) {
        EXPECT_EQ(with_value(a), with_value(b)) << a << ' ' << b;
    }
}

TEST(CanonicalForms, DifferentNumbersAreNeverOne) {
    const std::vector<const char*> numbers{"0",
                                           "-0",
                                           "1",
                                           "-1",
                                           "10",
                                           "0.1",
                                           "1.1",
                                           "11",
                                           "0.01",
                                           "101",
                                           "9007199254740992",
                                           "9007199254740993",
                                           "12345678901234567890123",
                                           "12345678901234567890124",
                                           "0.1000000000000000055511151231257827",
                                           "1e400",
                                           "1e401",
                                           "1e999999999999999999999",
                                           "1e999999999999999999998",
                                           "1e-400"};
    for (const auto* a : numbers) {
        for (const auto* b : numbers) {
            EXPECT_EQ(with_value(a) == with_value(b), a == b) << a << ' ' << b;
        }
    }
}

TEST(CanonicalForms, ValuesOfDifferentKindsAreNeverOne) {
    const std::vector<std::string> values{"1",
                                          "\"1\"",
                                          "[1]",
                                          "[[1]]",
                                          "{\"1\":1}",
                                          "{}",
                                          "[]",
                                          "\"\"",
                                          "true",
                                          "false",
                                          "\"true\"",
                                          "[null]",
                                          "[\"\"]",
                                          "\"null\"",
                                          "[1,1]",
                                          "[[1],1]",
                                          "[1,[1]]",
                                          "[[1,1]]",
                                          "{\"a\":{}}",
                                          "{\"a\":[]}",
                                          "{\"a\":\"\"}",
                                          "{\"a\":\"b\"}",
                                          "[\"a\",\"b\"]",
                                          "[\"ab\"]",
                                          "{\"a\":\"b\",\"c\":\"d\"}",
                                          "{\"a\":\"b\\\"c\\\"d\"}",
                                          "\"}\"",
                                          "{\"}\":1}"};
    std::map<Digest, std::string> seen;
    for (const auto& value : values) {
        EXPECT_TRUE(seen.emplace(with_value(value), value).second) << value;
    }
}

TEST(CanonicalForms, LargeObjectsAndLongListsCountWhole) {
    const auto list = [](std::size_t size, std::size_t odd) {
        std::string body = "{\"x\":{\"y\":[";
        for (std::size_t i = 0; i < size; ++i) {
            body += (i == 0 ? "" : ",") + std::string("{\"a\":\"some text of it\",\"b\":") +
                    (i == odd ? "1" : "0") + "}";
        }
        return exact(body + "]}}");
    };
    EXPECT_EQ(list(2000, 1999), list(2000, 1999));
    std::map<Digest, std::size_t> seen;
    for (const std::size_t odd : {0U, 1U, 1000U, 1001U, 1998U, 1999U, 2000U}) {
        EXPECT_TRUE(seen.emplace(list(2000, odd), odd).second) << odd;
    }
}

/// Bodies at random, each in several ways of writing.
class Writer {
public:
    explicit Writer(std::uint64_t seed) : random_(seed) {}

    struct Value {
        enum class Kind : std::uint8_t { word, number, string, array, object } kind{Kind::word};
        std::string text{};
        std::int64_t number{0};
        std::vector<std::pair<std::string, Value>> members{};
    };

    Value value(int depth) {
        Value made;
        made.kind = static_cast<Value::Kind>(below(depth > 0 ? 5 : 3));
        switch (made.kind) {
            case Value::Kind::word:
                made.text = std::vector<std::string>{"true", "false", "null"}[below(3)];
                break;
            case Value::Kind::number:
                made.number = static_cast<std::int64_t>(below(2000)) - 1000;
                break;
            case Value::Kind::string:
                made.text = text(below(8) == 0 ? 300 : 12);
                break;
            case Value::Kind::array:
                for (auto count = below(5); count > 0; --count) {
                    made.members.emplace_back("", value(depth - 1));
                }
                break;
            case Value::Kind::object:
                made = object(below(8) == 0 ? 60 : 5, depth);
                break;
        }
        return made;
    }

    Value object(std::size_t most, int depth) {
        Value made;
        made.kind = Value::Kind::object;
        std::map<std::string, Value> members;
        for (auto count = below(most); count > 0; --count) {
            members.emplace("k" + text(6), value(depth - 1));
        }
        made.members.assign(members.begin(), members.end());
        return made;
    }

    /// Another each time, but for what it says.
    std::string write(const Value& value) {
        switch (value.kind) {
            case Value::Kind::word:
                return blank() + value.text + blank();
            case Value::Kind::number:
                return blank() + number(value.number) + blank();
            case Value::Kind::string:
                return blank() + quoted(value.text) + blank();
            case Value::Kind::array: {
                std::string out = blank() + "[" + blank();
                for (std::size_t i = 0; i < value.members.size(); ++i) {
                    out += (i == 0 ? "" : ",") + write(value.members[i].second);
                }
                return out + "]" + blank();
            }
            case Value::Kind::object:
                break;
        }
        auto members = value.members;
        std::shuffle(members.begin(), members.end(), random_);
        std::string out = blank() + "{" + blank();
        for (std::size_t i = 0; i < members.size(); ++i) {
            out += (i == 0 ? "" : ",") + blank() + quoted(members[i].first) + blank() + ":" +
                   write(members[i].second);
        }
        return out + "}" + blank();
    }

    /// Changes one thing in it.
    void change(Value& value) {
        if (!value.members.empty() && below(4) != 0) {
            return change(value.members[below(value.members.size())].second);
        }
        switch (value.kind) {
            case Value::Kind::word:
                value.text = value.text == "true" ? "false" : "true";
                break;
            case Value::Kind::number:
                value.number += 1;
                break;
            case Value::Kind::string:
                value.text += 'x';
                break;
            case Value::Kind::array:
                value.members.emplace_back("", Value{});
                value.members.back().second.text = "true";
                break;
            case Value::Kind::object:
                value.members.emplace_back("another", Value{});
                value.members.back().second.text = "true";
                break;
        }
    }

private:
    std::size_t below(std::size_t bound) { return random_() % bound; }
    std::string blank() { return std::vector<std::string>{"", "", "", " ", "\n\t"}[below(5)]; }

    std::string text(std::size_t longest) {
        static const std::vector<std::string> letters{"a", "b", "z", "\"", "\\", "\n", "é", "😀", "/", "}"};
        std::string out;
        for (auto count = below(longest); count > 0; --count) {
            out += letters[below(letters.size())];
        }
        return out;
    }

    std::string quoted(std::string_view plain) {
        std::string out = "\"";
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const char c = plain[i];
            if (c == '\n') {
                out += below(2) == 0 ? "\\n" : "\\u000A";
            } else if (c == '"' || c == '\\') {
                out += std::string("\\") + c;
            } else if (plain.substr(i).starts_with("é") && below(2) == 0) {
                out += "\\u00e9";
                ++i;
            } else if (plain.substr(i).starts_with("😀") && below(2) == 0) {
                out += "\\uD83d\\ude00";
                i += 3;
            } else if (c == 'a' && below(3) == 0) {
                out += "\\u0061";
            } else {
                out += c;
            }
        }
        return out + "\"";
    }

    std::string number(std::int64_t value) {
        const auto plain = std::to_string(value);
        switch (below(4)) {
            case 0:
                return plain + ".0";
            case 1:
                return plain + "e0";
            case 2:
                return value == 0 ? "0" : plain + "00E-2";
            default:
                return plain;
        }
    }

    std::mt19937_64 random_;
};

TEST(CanonicalForms, OfRandomBodiesAgreeHoweverTheyAreWritten) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Writer writer(seed);
        auto body = writer.object(8, 5);
        const auto first = exact(writer.write(body));
        for (int i = 0; i < 4; ++i) {
            const auto again = writer.write(body);
            EXPECT_EQ(first, exact(again)) << "seed " << seed << '\n' << again;
        }
        writer.change(body);
        const auto other = writer.write(body);
        EXPECT_NE(first, exact(other)) << "seed " << seed << '\n' << other;
    }
}

}  // namespace
}  // namespace gatehouse::dialect
