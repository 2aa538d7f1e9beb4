#include "file_watch.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace gatehouse::app {

namespace {

constexpr Milliseconds settle_time{100};

/// What tells one state of a file from another without reading it.
struct FileState {
    dev_t device;
    ino_t inode;
    off_t size;
    timespec changed;

    bool operator==(const FileState& other) const noexcept {
        return device == other.device && inode == other.inode && size == other.size &&
               changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
    }
};

std::optional<FileState> state_of(const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        return std::nullopt;
    }
    return FileState{info.st_dev, info.st_ino, info.st_size, info.st_mtim};
}

}  // namespace

// The directory is watched before all: a rename over the file, or a swap of a link beside it, is an event
// of the directory. Whether the file itself changed is then a question to stat.
struct FileWatch::State : std::enable_shared_from_this<FileWatch::State> {
    State(net::Lane& on, std::string file, std::function<void()> then)
        : lane(on),
          path(std::move(file)),
          changed(std::move(then)),
          descriptor(on.context()),
          seen(state_of(path)) {}

    bool open() {
        const int inotify = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (inotify < 0) {
            return false;
        }
        descriptor.assign(inotify);
        auto directory = std::filesystem::path(path).parent_path();
        if (directory.empty()) {
            directory = ".";
        }
        follow();
        return ::inotify_add_watch(inotify, directory.c_str(),
                                   IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB) >= 0;
    }

    // The file by itself too, whichever it is now: when it is mounted alone into a container, or when the
    // path is a link, writing into it is no event of the directory.
    void follow() {
        const int inotify = descriptor.native_handle();
        const int followed = ::inotify_add_watch(inotify, path.c_str(), IN_CLOSE_WRITE);
        if (file_watch >= 0 && followed != file_watch) {
            ::inotify_rm_watch(inotify, file_watch);
        }
        file_watch = followed;
    }

    void listen() {
        descriptor.async_read_some(
            boost::asio::buffer(buffer),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                if (!error) {
                    self->settle();
                    self->listen();
                }
            });
    }

    void settle() {
        if (settling) {
            return;
        }
        settling = true;
        lane.after(settle_time, [self = weak_from_this()] {
            if (const auto state = self.lock()) {
                state->look();
            }
        });
    }

    void look() {
        settling = false;
        follow();
        const auto now = state_of(path);
        if (now && now != seen) {
            seen = now;
            changed();
        }
    }

    net::Lane& lane;
    std::string path;
    std::function<void()> changed;
    boost::asio::posix::stream_descriptor descriptor;
    std::optional<FileState> seen;
    std::array<char, 4096> buffer{};
    int file_watch{-1};
    bool settling{false};
};

FileWatch::FileWatch(net::Lane& lane, std::string path, std::function<void()> changed)
    : state_(std::make_shared<State>(lane, std::move(path), std::move(changed))) {
    if (state_->open()) {
        state_->listen();
    } else {
        telemetry::log(telemetry::LogLevel::warning, "config_not_watched",
                       {{"file", state_->path}, {"reason", std::strerror(errno)}});
    }
}

FileWatch::~FileWatch() {
    boost::system::error_code
        ignored;  // Closing an inotify descriptor has no failure that anybody could act on.
    state_->descriptor.close(ignored);
}

}  // namespace gatehouse::app
