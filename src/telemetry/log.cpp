#include "gatehouse/telemetry/log.hpp"

#include "access_line.hpp"
#include "line.hpp"
#include "line_writer.hpp"

#include <atomic>
#include <exception>
#include <string>

namespace gatehouse::telemetry {
namespace {

std::atomic<Log*> the_process_log{nullptr};

/// Reused from line to line, so that a line allocates nothing.
LineBuffer& line_buffer() {
    thread_local LineBuffer buffer;
    buffer.clear();
    return buffer;
}

}  // namespace

struct Log::State {
    State(LogOptions options, int descriptor)
        : level(options.level),
          format(std::make_shared<std::atomic<LogFormat>>(options.format)),
          queue(options.queue),
          writer(descriptor, [format = format](std::string& out, std::uint64_t lines) {
              LineBuffer buffer;
              Line line(buffer, format->load(std::memory_order_relaxed), LogLevel::warning,
                        std::chrono::system_clock::now(), "log_lines_lost");
              line.number("lines", static_cast<std::int64_t>(lines));
              line.end();
              out.append(buffer.view());
          }) {}

    bool wants(LogLevel wanted) const noexcept { return wanted >= level.load(std::memory_order_relaxed); }

    std::atomic<LogLevel> level;
    std::shared_ptr<std::atomic<LogFormat>> format;  // shared with a writer thread that may outlive us
    std::atomic<std::size_t> queue;
    std::atomic<std::uint64_t> escaped{0};
    LineWriter writer;
};

Log::Log(LogOptions options, int descriptor) : state_(std::make_unique<State>(options, descriptor)) {}

Log::~Log() {
    Log* self = this;
    the_process_log.compare_exchange_strong(self, nullptr);
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!state_->wants(level)) {
        return;
    }
    LineBuffer& buffer = line_buffer();
    Line line(buffer, state_->format->load(std::memory_order_relaxed), level,
              std::chrono::system_clock::now(), event);
    for (const LogField& field : fields) {
        if (field.is_number) {
            line.number(Line::Name(field.name), field.number_value);
        } else {
            line.text(Line::Name(field.name), field.text_value);
        }
    }
    line.end();
    state_->writer.push(buffer.view(), state_->queue.load(std::memory_order_relaxed));
}

void Log::access(const Trail& trail, WallTime finished, std::string_view ledger) {
    if (!state_->wants(LogLevel::info)) {
        return;
    }
    LineBuffer& buffer = line_buffer();
    append_access_line(buffer, state_->format->load(std::memory_order_relaxed), finished, trail, ledger);
    state_->writer.push(buffer.view(), state_->queue.load(std::memory_order_relaxed));
}

void Log::options(LogOptions options) {
    state_->level.store(options.level, std::memory_order_relaxed);
    state_->format->store(options.format, std::memory_order_relaxed);
    state_->queue.store(options.queue, std::memory_order_relaxed);
}

void Log::note_escaped(std::string_view what) noexcept {
    state_->escaped.fetch_add(1, std::memory_order_relaxed);
    try {
        write(LogLevel::error, "escaped_exception", {{"what", what}});
    } catch (const std::exception&) {
        return;  // no memory for the line: the number tells of it
    }
}

std::uint64_t Log::escaped() const noexcept {
    return state_->escaped.load(std::memory_order_relaxed);
}

void Log::flush() {
    state_->writer.flush();
}

std::uint64_t Log::lost() const noexcept {
    return state_->writer.lost();
}

Log* process_log() noexcept {
    return the_process_log.load(std::memory_order_acquire);
}

void set_process_log(Log* log) noexcept {
    the_process_log.store(log, std::memory_order_release);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (Log* const current = process_log()) {
        current->write(level, event, fields);
    }
}

void note_escaped(std::string_view what) noexcept {
    if (Log* const current = process_log()) {
        current->note_escaped(what);
    }
}

}  // namespace gatehouse::telemetry
