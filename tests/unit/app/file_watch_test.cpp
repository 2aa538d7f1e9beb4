#include "app/file_watch.hpp"

#include "support/eventually.hpp"
#include "temporary_file.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::app {
namespace {

using test::eventually;
using test::TemporaryFile;

/// A watch on a lane with a thread of its own.
class Watched {
public:
    explicit Watched(const std::string& path) : watch_(lane_, path, [this] { ++changes_; }) {
        thread_ = std::thread([this] { lane_.run(); });
    }
    ~Watched() {
        lane_.stop();
        thread_.join();
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

    bool sees(int changes) {
        return eventually([&] { return changes_ >= changes; });
    }
    int changes() const { return changes_; }

private:
    net::Lane lane_;
    std::atomic<int> changes_{0};
    FileWatch watch_;
    std::thread thread_;
};

TEST(FileWatch, SeesBytesWrittenIntoTheFile) {
    const TemporaryFile file("a");
    Watched watched(file.path());
    file.write_into("ab");
    EXPECT_TRUE(watched.sees(1));
    file.write_into("abc");
    EXPECT_TRUE(watched.sees(2));
}

TEST(FileWatch, SeesAFileThatTakesTheOthersName) {
    const TemporaryFile file("a");
    Watched watched(file.path());
    file.replace("b");
    EXPECT_TRUE(watched.sees(1));
    file.replace("c");
    EXPECT_TRUE(watched.sees(2));
    file.write_into("cd");
    EXPECT_TRUE(watched.sees(3)) << "the new file is followed";
}

TEST(FileWatch, SeesADirectoryOfLinksThatIsSwapped) {
    // As Kubernetes does: file.yaml -> current/file.yaml, current -> first, then second.
    const TemporaryFile first("a");
    const TemporaryFile second("b");
    const TemporaryFile house("");
    std::filesystem::remove(house.path());
    std::filesystem::create_directory_symlink(first.directory(), house.directory() / "current");
    std::filesystem::create_symlink("current/file.yaml", house.path());
    Watched watched(house.path());
    std::filesystem::create_directory_symlink(second.directory(), house.directory() / "next");
    std::filesystem::rename(house.directory() / "next", house.directory() / "current");
    EXPECT_TRUE(watched.sees(1));
}

TEST(FileWatch, SeesBytesWrittenWhereALinkLeads) {
    const TemporaryFile target("a");
    const TemporaryFile house("");
    std::filesystem::remove(house.path());
    std::filesystem::create_symlink(target.path(), house.path());
    Watched watched(house.path());
    target.write_into("ab");
    EXPECT_TRUE(watched.sees(1));
}

TEST(FileWatch, LooksAwayFromItsNeighbours) {
    const TemporaryFile file("a");
    Watched watched(file.path());
    std::ofstream(file.directory() / "neighbour") << "x";
    std::filesystem::rename(file.directory() / "neighbour", file.directory() / "other");
    // What comes after them is seen, so they have been looked at by then.
    file.write_into("ab");
    ASSERT_TRUE(watched.sees(1));
    std::ofstream(file.directory() / "other") << "y";
    file.replace("abc");
    ASSERT_TRUE(watched.sees(2));
    EXPECT_EQ(watched.changes(), 2);
}

TEST(FileWatch, WaitsForAFileThatIsAwayForAMoment) {
    const TemporaryFile file("a");
    Watched watched(file.path());
    std::filesystem::remove(file.path());
    file.write_into("ab");
    EXPECT_TRUE(watched.sees(1));
}

}  // namespace
}  // namespace gatehouse::app
