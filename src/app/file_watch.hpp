// Watches one file for changes (inotify), also when editors replace it by renaming, and when it is a link
// into a directory that is swapped as a whole (Kubernetes config maps). Room: app.
#pragma once

#include "gatehouse/net/lane.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::app {

class FileWatch {
public:
    /// `changed` runs on the lane, at most once for a burst of changes within 100 ms. Without inotify (or
    /// without the directory) nothing is watched and the log says so.
    FileWatch(net::Lane& lane, std::string path, std::function<void()> changed);
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::app
