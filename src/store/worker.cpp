#include "worker.hpp"

#include <sys/prctl.h>

namespace gatehouse::store {

Worker::Worker(const char* name) : work_(boost::asio::make_work_guard(context_)) {
    thread_ = std::thread([this, name] {
        ::prctl(PR_SET_NAME, name);
        context_.run();
    });
}

Worker::~Worker() {
    work_.reset();
    thread_.join();
}

}  // namespace gatehouse::store
