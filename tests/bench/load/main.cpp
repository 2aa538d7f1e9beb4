// bench_load MODE -u URL ...: drives one server, checks every answer, prints one line of name=value.

#include "driver.hpp"
#include "process_tree.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <optional>

namespace gatehouse::bench {
namespace {

constexpr unsigned long finest_timers_ns = 1;

void print(const char* name, double value) {
    std::printf(" %s=%.3f", name, value);
}

void print(const char* name, std::uint64_t value) {
    std::printf(" %s=%llu", name, static_cast<unsigned long long>(value));
}

void print_verdicts(const Totals& totals) {
    print("done", totals.done);
    print("ok", totals.count(Verdict::right));
    print("errors", totals.errors());
    print("http_error", totals.count(Verdict::http_error));
    print("truncated", totals.count(Verdict::truncated));
    print("short", totals.count(Verdict::short_stream));
    print("unordered", totals.count(Verdict::unordered));
    print("unterminated", totals.count(Verdict::unterminated));
    print("wrong", totals.count(Verdict::wrong));
    print("left", totals.left_on_purpose);
    print("not_connected", totals.not_connected);
    print("unfinished", totals.unfinished);
    print("sent_again", totals.sent_again);
}

void print_times(const Driver& driver, bool stream) {
    const Times& times = driver.times();
    const double seconds = driver.seconds() > 0 ? driver.seconds() : 1;
    print("seconds", seconds);
    print("per_second", static_cast<double>(driver.totals().done) / seconds);
    print("p50", times.whole.microseconds(0.50));
    print("p99", times.whole.microseconds(0.99));
    if (stream) {
        print("ttft_p50", times.first_chunk.microseconds(0.50));
        print("ttft_p99", times.first_chunk.microseconds(0.99));
        print("chunk_p50", times.chunk_delay.microseconds(0.50));
        print("chunk_p99", times.chunk_delay.microseconds(0.99));
        print("chunks", driver.totals().chunks);
        print("chunks_per_second", static_cast<double>(driver.totals().chunks) / seconds);
    }
}

void print_use(const TreeUse& before, const TreeUse& after, double units) {
    const double user = after.user_seconds - before.user_seconds;
    const double system = after.system_seconds - before.system_seconds;
    print("cpu_us", units > 0 ? (user + system) * 1e6 / units : 0);  // per request, or per chunk of a stream
    print("cpu_user_us", units > 0 ? user * 1e6 / units : 0);
    print("resident_kib", static_cast<std::uint64_t>(after.resident_kib));
    print("peak_kib", static_cast<std::uint64_t>(after.peak_kib));
}

int run(const Options& options) {
    const bool idle = options.mode == Mode::idle;
    const bool stream = idle || options.mode == Mode::stream;
    Driver driver(options);
    std::optional<InstructionCounters> counters;
    std::optional<double> instructions;
    TreeUse before;
    const auto look = [&] {
        if (options.watch > 0) {
            before = use_of_tree(options.watch);
            counters.emplace(options.watch);
            instructions = counters->read();
        }
    };
    TreeUse held;
    if (idle) {
        look();
        driver.hold([&] { held = options.watch > 0 ? use_of_tree(options.watch) : TreeUse{}; });
    } else {
        driver.run(look);
    }
    print_verdicts(driver.totals());
    print_times(driver, stream);
    if (options.watch > 0) {
        const auto units = static_cast<double>(stream ? driver.totals().chunks : driver.totals().done);
        print_use(before, use_of_tree(options.watch), units);
        if (const auto end = counters->read(); end && instructions && *end > *instructions && units > 0) {
            print("kilo_instructions", (*end - *instructions) / units / 1e3);
        }
        if (idle) {
            print("kib_per_stream", static_cast<double>(held.proportional_kib - before.proportional_kib) /
                                        static_cast<double>(options.connections));
        }
    }
    std::printf("\n");
    return driver.totals().errors() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse::bench

int main(int argc, char** argv) {
    const auto options = gatehouse::bench::parse_options(argc, argv);
    prctl(PR_SET_TIMERSLACK, gatehouse::bench::finest_timers_ns);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return gatehouse::bench::run(options);
}
