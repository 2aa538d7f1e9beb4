// Who may include whom: first that the checker can say no, then that the tree gives it nothing to say.
#include "layers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace gatehouse::architecture {
namespace {

const std::filesystem::path top = GATEHOUSE_SOURCE_DIR;

const Layers& layers() {
    static const Layers read = read_layers(read_text(top / "docs/architecture.md"));
    return read;
}

bool allowed(std::string_view path, std::string_view line) {
    const auto includes = includes_of(line);
    EXPECT_EQ(includes.size(), 1U) << line;
    return !objection(layers(), path, includes.at(0));
}

TEST(LayerTable, IsReadFromThePage) {
    EXPECT_EQ(layers().sees.size(), 17U);
    EXPECT_TRUE(layers().sees.at("core").empty());
    EXPECT_EQ(layers().sees.at("net"), (std::set<std::string>{"core", "wire", "telemetry"}));
    EXPECT_EQ(layers().sees.at("app").size(), 16U);
    EXPECT_GT(layers().owners.size(), 20U);
}

TEST(LayerTable, HasNoCycle) {
    std::set<std::string> placed;
    for (bool moved = true; moved;) {
        moved = false;
        for (const auto& [room, seen] : layers().sees) {
            if (!placed.contains(room) && std::ranges::includes(placed, seen)) {
                placed.insert(room);
                moved = true;
            }
        }
    }
    EXPECT_EQ(placed.size(), layers().sees.size());
}

TEST(LayerCheck, LetsARoomIncludeWhatItsRowMarks) {
    EXPECT_TRUE(allowed("src/net/dialer.cpp", "#include \"gatehouse/core/result.hpp\""));
    EXPECT_TRUE(allowed("include/gatehouse/net/lane.hpp", "#include \"gatehouse/net/options.hpp\""));
    EXPECT_TRUE(allowed("src/config/load.cpp", "#include \"gatehouse/server/options.hpp\""));
}

TEST(LayerCheck, RefusesARoomThatTheRowDoesNotMark) {
    EXPECT_FALSE(allowed("src/net/dialer.cpp", "#include \"gatehouse/server/session.hpp\""));
    EXPECT_FALSE(allowed("include/gatehouse/core/ids.hpp", "#  include \"gatehouse/wire/sse.hpp\""));
    EXPECT_FALSE(allowed("src/policy/key_check.cpp", "#include \"gatehouse/telemetry/log.hpp\""));
    EXPECT_FALSE(allowed("src/boost_impl.cpp", "#include \"gatehouse/core/result.hpp\""));
    EXPECT_FALSE(allowed("src/cellar/barrel.cpp", "#include \"gatehouse/core/result.hpp\""));
}

TEST(LayerCheck, RefusesConfigMoreThanOptionsAndWords) {
    EXPECT_TRUE(allowed("src/config/load.cpp", "#include \"gatehouse/policy/model_match.hpp\""));
    EXPECT_FALSE(allowed("src/config/load.cpp", "#include \"gatehouse/server/my_options.hpp\""));
    EXPECT_FALSE(allowed("src/config/load.cpp", "#include \"gatehouse/server/session.hpp\""));
}

TEST(LayerCheck, KeepsPrivateHeadersAtHome) {
    EXPECT_TRUE(allowed("src/net/dialer.cpp", "#include \"dialer.hpp\""));
    EXPECT_FALSE(allowed("src/net/dialer.cpp", "#include \"../wire/scanner.hpp\""));
    EXPECT_FALSE(allowed("src/net/dialer.cpp", "#include \"wire/scanner.hpp\""));
    EXPECT_FALSE(allowed("include/gatehouse/net/lane.hpp", "#include \"dialer.hpp\""));
}

TEST(LayerCheck, RefusesOurHeadersInAngleBrackets) {
    EXPECT_FALSE(allowed("src/net/dialer.cpp", "#include <gatehouse/core/result.hpp>"));
}

TEST(LayerCheck, GivesThirdPartiesToTheirOwnersOnly) {
    EXPECT_TRUE(allowed("src/net/tls_stream.cpp", "#include <boost/asio/ssl/stream.hpp>"));
    EXPECT_FALSE(allowed("src/app/gatehouse.cpp", "#include <boost/asio/ssl/stream.hpp>"));
    EXPECT_TRUE(allowed("include/gatehouse/core/task.hpp", "#include <boost/asio/awaitable.hpp>"));
    EXPECT_FALSE(allowed("include/gatehouse/core/clock.hpp", "#include <boost/asio/awaitable.hpp>"));
    EXPECT_FALSE(allowed("src/server/session.cpp", "#include <boost/asio/steady_timer.hpp>"));
    EXPECT_FALSE(allowed("src/wire/http1_reader.cpp", "#include <boost/beast/http/parser.hpp>"));
    EXPECT_TRUE(allowed("src/core/secret.cpp", "#include <openssl/sha.h>"));
    EXPECT_FALSE(allowed("src/core/secret.cpp", "#include <openssl/ssl.h>"));
    EXPECT_FALSE(allowed("include/gatehouse/config/load.hpp", "#include <nlohmann/json.hpp>"));
    EXPECT_TRUE(allowed("src/config/load.cpp", "#include <nlohmann/json.hpp>"));
    EXPECT_FALSE(allowed("src/server/session.cpp", "#include <yaml-cpp/yaml.h>"));
    EXPECT_FALSE(allowed("src/server/session.cpp", "#include <gtest/gtest.h>"));
}

TEST(LayerCheck, KeepsSystemCallsOutOfThePureRooms) {
    EXPECT_TRUE(allowed("src/net/listener.cpp", "#include <sys/socket.h>"));
    EXPECT_FALSE(allowed("src/policy/key_check.cpp", "#include <unistd.h>"));
    EXPECT_FALSE(allowed("src/policy/key_check.cpp", "#include <thread>"));
    EXPECT_TRUE(allowed("src/policy/key_check.cpp", "#include <vector>"));
}

TEST(LayerCheck, DoesNotSeeIncludesInComments) {
    EXPECT_TRUE(includes_of("// #include <mutex>\n/*\n#include <thread>\n*/").empty());
    const auto includes = includes_of("\n\n#include <boost/asio/ip/tcp.hpp>  // as <mutex>");
    ASSERT_EQ(includes.size(), 1U);
    EXPECT_EQ(includes[0].name, "boost/asio/ip/tcp.hpp");
    EXPECT_EQ(includes[0].line, 3);
}

TEST(Tree, IncludesOnlyWhatTheTablesAllow) {
    const auto files = read_sources(top, {"include", "src"});
    ASSERT_GT(files.size(), 20U);
    for (const auto& file : files) {
        for (const auto& include : includes_of(file.text)) {
            const auto why = objection(layers(), file.path, include);
            EXPECT_FALSE(why) << file.path << ":" << include.line << ": " << include.name << ": " << *why;
        }
    }
}

TEST(Tree, LinksWhatTheTableSays) {
    const auto rooms = rooms_in_cmake(read_text(top / "CMakeLists.txt"));
    ASSERT_GE(rooms.size(), 12U);
    for (const auto& [room, seen] : rooms) {
        ASSERT_TRUE(layers().sees.contains(room)) << room;
        auto expected = layers().sees.at(room);
        std::erase_if(expected, [&](const auto& other) { return !rooms.contains(other); });
        EXPECT_EQ(seen, expected) << "gatehouse_room(" << room << ") in CMakeLists.txt";
    }
}

TEST(Tree, HasARowForEveryRoom) {
    for (const auto* root : {"include/gatehouse", "src"}) {
        for (const auto& entry : std::filesystem::directory_iterator(top / root)) {
            if (entry.is_directory()) {
                EXPECT_TRUE(layers().sees.contains(entry.path().filename().string())) << entry.path();
            }
        }
    }
}

}  // namespace
}  // namespace gatehouse::architecture
