// Habits that a machine can see: names of files, header guards, locks, waiting, loose ends, links that lead
// nowhere.
#include "source_text.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

namespace gatehouse::architecture {
namespace {

const std::filesystem::path top = GATEHOUSE_SOURCE_DIR;

std::vector<SourceFile> tree(const std::vector<std::string>& roots) {
    auto files = read_sources(top, roots);
    EXPECT_FALSE(files.empty());
    return files;
}

/// The words of `words` that stand in `code`, with their lines.
std::vector<Finding> uses_of(std::string_view code, const std::vector<std::string>& words) {
    std::vector<Finding> found;
    for (const auto& word : words) {
        for (const auto position : find_word(code, word)) {
            found.push_back({line_at(code, position), word});
        }
    }
    return found;
}

std::vector<Finding> locks_in(std::string_view text) {
    return uses_of(code_only(text), {"mutex", "recursive_mutex", "shared_mutex", "timed_mutex", "lock_guard",
                                     "unique_lock", "scoped_lock", "condition_variable", "pthread_mutex_t"});
}

std::vector<Finding> sleeps_in(std::string_view text) {
    return uses_of(code_only(text),
                   {"sleep_for", "this_thread::sleep_until", "usleep", "nanosleep", "sleep"});
}

std::vector<Finding> loose_ends_in(std::string_view text) {
    // Put together here, so that this file does not name them.
    return uses_of(comments_only(text), {std::string("TO") + "DO", std::string("FIX") + "ME",
                                         std::string("XX") + "X", std::string("HA") + "CK"});
}

/// A header opens with a comment that says what it is, then the guard, then code.
bool is_well_opened(std::string_view text) {
    const auto guard = text.find("#pragma once\n");
    if (!text.starts_with("// ") || guard == std::string_view::npos) {
        return false;
    }
    return code_only(text.substr(0, guard)).find_first_not_of(" \n") == std::string::npos;
}

bool is_snake_case(std::string_view path) {
    static const std::regex shape(R"(([a-z0-9_]+/)*[a-z0-9_]+\.(cpp|hpp))");
    return std::regex_match(path.begin(), path.end(), shape);
}

TEST(Style, SeesLocksInCodeOnly) {
    EXPECT_EQ(locks_in("int a;\nstd::mutex guard_;\n").size(), 1U);
    EXPECT_EQ(locks_in("int a;\nstd::mutex guard_;\n").at(0).line, 2);
    EXPECT_EQ(locks_in("std::scoped_lock<std::mutex> hold(m);").size(), 2U);
    EXPECT_TRUE(locks_in("// a std::mutex would do\nauto t = \"std::mutex\"; int my_mutex_count;").empty());
}

TEST(Style, SeesSleepsButNotOurClock) {
    EXPECT_EQ(sleeps_in("std::this_thread::sleep_for(1s);").size(), 1U);
    EXPECT_EQ(sleeps_in("std::this_thread::sleep_until(then);").size(), 1U);
    EXPECT_EQ(sleeps_in("::usleep(1);").size(), 1U);
    EXPECT_TRUE(sleeps_in("co_await clock.sleep_until(then);  // never sleep_for").empty());
}

TEST(Style, SeesLooseEnds) {
    EXPECT_EQ(loose_ends_in("int a;  // TO"
                            "DO: b")
                  .size(),
              1U);
    EXPECT_EQ(loose_ends_in("/* FIX"
                            "ME */")
                  .size(),
              1U);
    EXPECT_TRUE(loose_ends_in("// todo lists are an example\n").empty());
}

TEST(Style, SeesHeadersWithoutOpening) {
    EXPECT_TRUE(is_well_opened("// What it is.\n#pragma once\n\nint a;\n"));
    EXPECT_FALSE(is_well_opened("#pragma once\n"));
    EXPECT_FALSE(is_well_opened("// What it is.\nint a;\n#pragma once\n"));
    EXPECT_FALSE(is_well_opened("// What it is.\nint a;\n"));
}

TEST(Style, SeesFileNamesThatAreNotSnakeCase) {
    EXPECT_TRUE(is_snake_case("src/wire/http1_reader.cpp"));
    EXPECT_FALSE(is_snake_case("src/wire/Http1Reader.cpp"));
    EXPECT_FALSE(is_snake_case("src/wire/http1-reader.cpp"));
}

TEST(Tree, NamesFilesInSnakeCase) {
    for (const auto& file : tree({"include", "src", "tests"})) {
        EXPECT_TRUE(is_snake_case(file.path)) << file.path;
    }
}

TEST(Tree, MirrorsRoomsInItsUnitTests) {
    for (const auto& file : tree({"tests/unit"})) {
        if (file.path.ends_with(".cpp")) {
            EXPECT_TRUE(file.path.ends_with("_test.cpp")) << file.path;
        }
        const auto room = file.path.substr(std::string_view("tests/unit/").size());
        EXPECT_TRUE(std::filesystem::is_directory(top / "src" / room.substr(0, room.find('/')))) << file.path;
    }
}

TEST(Tree, OpensHeadersWithACommentAndAGuard) {
    for (const auto& file : tree({"include", "src", "tests"})) {
        if (file.path.ends_with(".hpp")) {
            EXPECT_TRUE(is_well_opened(file.text)) << file.path;
        }
    }
}

/// Of the first line that includes anything.
std::string first_include_of(const std::string& text) {
    const auto begin = text.find("#include \"");
    const auto inside = begin + std::string_view("#include \"").size();
    return begin == std::string::npos ? std::string() : text.substr(inside, text.find('"', inside) - inside);
}

// So that each is complete by itself without being compiled alone; the build does that for the others.
TEST(Tree, PublicHeadersStandFirstInTheirOwnSource) {
    for (const auto& file : tree({"include"})) {
        const std::filesystem::path header(file.path);
        const auto room = header.parent_path().filename();
        const auto source = top / "src" / room / header.stem().concat(".cpp");
        if (!std::filesystem::exists(source)) {
            continue;
        }
        const auto text = read_text(source);
        const auto wanted = "gatehouse/" + room.string() + "/" + header.filename().string();
        const auto first = first_include_of(text);
        // A private header of the same name includes the public one.
        EXPECT_TRUE(first == wanted || first == header.filename().string())
            << source << " begins with " << first;
    }
}

TEST(Tree, SaysInEachPublicHeaderWhichRoomItBelongsTo) {
    for (const auto& file : tree({"include"})) {
        const auto room =
            std::filesystem::path(file.path).parent_path().lexically_relative("include/gatehouse");
        const auto name = room.begin()->string();
        const auto opening = file.text.substr(0, file.text.find("#pragma once"));
        const auto unwrapped = std::regex_replace(opening, std::regex("\n// ?"), " ");
        const auto says = unwrapped.find("Room: " + name) != std::string::npos ||
                          unwrapped.find("of the " + name + " room") != std::string::npos;
        EXPECT_TRUE(says) << file.path << ": the opening comment does not say 'Room: " << name << ".'";
    }
}

TEST(Tree, LocksOnlyThroughGuarded) {
    for (const auto& file : tree({"include", "src"})) {
        if (file.path == "include/gatehouse/core/guarded.hpp") {
            EXPECT_FALSE(locks_in(file.text).empty());
            continue;
        }
        for (const auto& finding : locks_in(file.text)) {
            ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.what;
        }
    }
}

TEST(Tree, NeverSleeps) {
    for (const auto& file : tree({"include", "src", "tests"})) {
        // The bench paces its load; the one poll with a deadline pauses between two looks.
        if (file.path.starts_with("tests/bench/") || file.path == "tests/support/eventually.hpp") {
            continue;
        }
        for (const auto& finding : sleeps_in(file.text)) {
            ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.what;
        }
    }
}

/// What `expression` captures in `text`, each once.
std::set<std::string> captured(const std::string& text, const std::string& expression) {
    const std::regex shape(expression);
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), shape), end; match != end; ++match) {
        found.insert((*match)[1].str());
    }
    return found;
}

/// The files that a page links to, relative to it.
std::set<std::string> links_in(const std::string& page) {
    auto links = captured(page, R"(\]\(([^)#\s]+))");
    std::erase_if(links, [](const auto& link) { return link.starts_with("http"); });
    return links;
}

TEST(Style, SeesLinksToFilesOfTheTree) {
    EXPECT_EQ(links_in("[a](docs/a.md), [b](https://b/), [c](c.md#part) [d](#here)"),
              (std::set<std::string>{"docs/a.md", "c.md"}));
}

TEST(Tree, LinksOnlyToPagesThatExist) {
    std::vector<std::filesystem::path> pages{top / "README.md"};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / "docs")) {
        if (entry.path().extension() == ".md") {
            pages.push_back(entry.path());
        }
    }
    ASSERT_GT(pages.size(), 5U);
    for (const auto& page : pages) {
        for (const auto& link : links_in(read_text(page))) {
            EXPECT_TRUE(std::filesystem::exists(page.parent_path() / link)) << page << ": " << link;
        }
    }
}

TEST(Tree, NamesOnlyPagesThatExist) {
    std::size_t named = 0;
    for (const auto& file : tree({"include", "src", "tests"})) {
        if (file.text.find("docs/") == std::string::npos) {
            continue;  // reading on is slow
        }
        for (const auto& page : captured(comments_only(file.text), R"(\b(docs/[a-z0-9_/-]+\.md))")) {
            ++named;
            EXPECT_TRUE(std::filesystem::exists(top / page)) << file.path << ": " << page;
        }
    }
    EXPECT_GT(named, 0U);
}

TEST(Tree, SaysItsVersionOnce) {
    const auto cmake = read_text(top / "CMakeLists.txt");
    const auto header = read_text(top / "include/gatehouse/app/version.hpp");
    std::smatch declared;
    ASSERT_TRUE(std::regex_search(cmake, declared, std::regex(R"(project\(gatehouse VERSION ([0-9.]+))")));
    EXPECT_NE(header.find("version = \"" + declared[1].str() + "\";"), std::string::npos) << declared[1];
}

TEST(Tree, HasNoLooseEnds) {
    for (const auto& file : tree({"include", "src", "tests"})) {
        for (const auto& finding : loose_ends_in(file.text)) {
            ADD_FAILURE() << file.path << ":" << finding.line << ": " << finding.what;
        }
    }
}

}  // namespace
}  // namespace gatehouse::architecture
