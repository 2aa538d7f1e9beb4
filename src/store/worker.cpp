#include "worker.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <sys/prctl.h>

#include <exception>

namespace gatehouse::store {
namespace {

/// The last net: no memory for a job, or a bug of ours, ends neither the thread nor the process.
bool ran_to_the_end(boost::asio::io_context& context) {
    try {
        context.run();
        return true;
    } catch (const std::exception& error) {
        telemetry::note_escaped(error.what());
        return false;
    }
}

}  // namespace

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
