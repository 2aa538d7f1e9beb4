#include "worker.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <sys/prctl.h>

namespace gatehouse::store {
namespace {

/// The last net: no memory for a job, or a bug of ours, ends neither the thread nor the process.
bool ran_to_the_end(boost::asio::io_context& context) {
    try {
        context.run();
        return true;
    } catch (const std::exception& error) {
        log_escaped(error);
        return false;
    }
}

}  // namespace

void log_escaped(const std::exception& error) noexcept {
    try {
        telemetry::log(telemetry::LogLevel::error, "escaped_exception", {{"what", error.what()}});
    } catch (const std::exception&) {
        // No memory for the line: there is nobody to tell.
    }
}

Worker::Worker(const char* name) : work_(boost::asio::make_work_guard(context_)) {
    thread_ = std::thread([this, name] {
        ::prctl(PR_SET_NAME, name);
        while (!ran_to_the_end(context_)) {
        }
    });
}

Worker::~Worker() {
    work_.reset();
    thread_.join();
}

}  // namespace gatehouse::store
