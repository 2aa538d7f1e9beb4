// The one-await rule: what the checker lets pass, what it refuses, and that the tree keeps it.
#include "await_rule.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace gatehouse::architecture {
namespace {

std::string in_body(std::string_view statement) {
    return "Task<void> walk(Exchange& x) {\n    " + std::string(statement) + "\n}\n";
}

class AllowedAwait : public testing::TestWithParam<const char*> {};

TEST_P(AllowedAwait, IsNotReported) {
    const auto findings = await_findings(in_body(GetParam()));
    EXPECT_TRUE(findings.empty()) << GetParam() << ": " << findings.front().what;
}

INSTANTIATE_TEST_SUITE_P(
    Statements, AllowedAwait,
    testing::Values("co_await f();", "auto reply = co_await attempt.run(call);", "reply = co_await next(x);",
                    "auto&& reply = co_await next(x);", "co_return co_await f(std::move(x));",
                    "(void)co_await f(\"{a && b ? c}\");", "static_cast<void>(co_await f());",
                    "while (auto m = co_await f()) {\n g(m);\n}", "if (auto m = co_await f(); m) {\n g();\n}",
                    "if (auto m = co_await f(); m && n) {\n g();\n}", "if (!co_await f()) {\n co_return;\n}",
                    "for (auto& m : co_await f()) {\n g(m);\n}",
                    "switch (co_await f()) {\n case 1: break;\n}",
                    "if (a && b) {\n co_await f();\n} else {\n co_await g();\n}",
                    "if (a) {\n g();\n} else if (auto m = co_await f(); m) {\n h();\n}",
                    "do {\n g();\n} while (co_await f());",
                    "switch (a) {\n case one: co_await f(); break;\n}",
                    "const Call call{.path = p, .body = b};\n auto r = co_await run(call);",
                    "co_await f();  // a && b ? {c} : d", "const auto n = 1'000 && b; co_await f();",
                    "auto r = co_await f(Request(path, body), text + \"&&\");", "co_return Agg{1, 2};",
                    "lane.spawn(serve(std::move(stream)));\n *x = co_await f();",
                    "auto work = []() -> Task<void> {\n co_await f();\n};\n co_await work();",
                    "EXPECT_EQ(co_await f(), 1);", "EXPECT_TRUE(co_await f() && co_await g());"));

class RefusedAwait : public testing::TestWithParam<const char*> {};

TEST_P(RefusedAwait, IsReportedWithItsLine) {
    const auto findings = await_findings(in_body(GetParam()));
    ASSERT_FALSE(findings.empty()) << GetParam();
    EXPECT_EQ(findings.front().line, 2) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Statements, RefusedAwait,
    testing::Values("auto r = co_await f({.path = p});", "auto r = co_await f(Agg{a, b});",
                    "Agg a{co_await f(), 1};", "Agg a{.x = co_await f()};",
                    "auto r = co_await f({\"a\", \"b\"});", "co_await g([x]() { return x; });",
                    "co_await spawn(ex, [x]() -> Task<void> { co_return; }, use);",
                    "if (co_await a() && co_await b()) {\n g();\n}", "if (co_await a() || b) {\n g();\n}",
                    "if (flag && co_await f()) {\n g();\n}", "auto r = co_await f(a ? b : c);",
                    "co_return ok ? co_await f() : g();", "co_return Agg{co_await f()};",
                    "auto n = co_await f() + co_await g();", "auto n = 1 + co_await f();", "g(co_await f());",
                    "auto n = (co_await f()).size();", "h(Agg{1}, co_await f());",
                    "g([x]() { return x; }, co_await f());", "while (co_await a() && b) {\n g();\n}",
                    "co_await (a() || b());", "if (n == co_await f()) {\n g();\n}",
                    "for (;co_await f() && n;) {\n g();\n}"));

TEST(AwaitRule, NamesTheLineOfALaterStatement) {
    const auto findings =
        await_findings("// co_await f({1});\nauto a = b;\n/* co_await\n*/\nauto r =\n    co_await f({1});\n");
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].line, 6);
}

TEST(AwaitRule, DoesNotReadRawStrings) {
    EXPECT_TRUE(await_findings("const auto t = R\"x(co_await f({1}) \" )x\"; int a;").empty());
}

TEST(Tree, KeepsTheOneAwaitRule) {
    const auto files = read_sources(GATEHOUSE_SOURCE_DIR, {"include", "src", "tests"});
    ASSERT_GT(files.size(), 20U);
    for (const auto& file : files) {
        for (const auto& finding : await_findings(file.text)) {
            ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.what;
        }
    }
}

}  // namespace
}  // namespace gatehouse::architecture
