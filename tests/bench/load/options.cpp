#include "options.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace gatehouse::bench {
namespace {

constexpr const char* usage =
    "usage: bench_load closed|rate|stream|idle -u http://127.0.0.1:PORT/PATH [options]\n"
    "  closed  each connection sends its next request when the last answer is in\n"
    "  rate    requests start at -r per second; latency counts from when they were due\n"
    "  stream  closed, with streamed answers\n"
    "  idle    opens -c streams, holds them -s seconds, tells the server's memory per stream\n"
    "  -m MODEL  -k KEY  -c CONNECTIONS  -n REQUESTS  -w WARM-UP REQUESTS  -s SECONDS  -r RATE  -b PROMPT "
    "BYTES\n"
    "  -d DISTINCT prompts, in turn\n"
    "  -e CHUNKS expected in each stream   -a CHUNKS after which each client leaves   -W PID of the server\n"
    "Prints one line of name=value; times in microseconds. Exit 1 when any answer was wrong.\n";

[[noreturn]] void refuse() {
    std::fputs(usage, stderr);
    std::exit(2);
}

Mode mode_named(std::string_view name) {
    if (name == "closed") {
        return Mode::closed;
    }
    if (name == "rate") {
        return Mode::rate;
    }
    if (name == "stream") {
        return Mode::stream;
    }
    if (name == "idle") {
        return Mode::idle;
    }
    refuse();
}

void set_url(Options& options, std::string_view url) {
    constexpr std::string_view only = "http://127.0.0.1:";
    const std::size_t slash = url.find('/', only.size());
    if (!url.starts_with(only) || slash == std::string_view::npos) {
        refuse();
    }
    options.port = static_cast<std::uint16_t>(std::strtoul(url.data() + only.size(), nullptr, 10));
    options.path = url.substr(slash);
}

void set(Options& options, int letter, const char* value) {
    switch (letter) {
        case 'u':
            return set_url(options, value);
        case 'm':
            options.model = value;
            return;
        case 'k':
            options.key = value;
            return;
        case 'c':
            options.connections = std::clamp(std::atoi(value), 1, 20'000);
            return;
        case 'n':
            options.requests = std::min(std::strtoull(value, nullptr, 10), 20'000'000ULL);
            return;
        case 'w':
            options.warm_up = std::strtoull(value, nullptr, 10);
            return;
        case 's':
            options.seconds = std::clamp(std::atof(value), 0.0, 600.0);
            return;
        case 'r':
            options.rate = std::max(std::atof(value), 0.1);
            return;
        case 'b':
            options.prompt = std::max(std::atoi(value), 1);
            return;
        case 'd':
            options.distinct = std::strtoull(value, nullptr, 10);
            return;
        case 'e':
            options.expected_chunks = std::atol(value);
            return;
        case 'a':
            options.leave_after = std::atol(value);
            return;
        case 'W':
            options.watch = std::atoi(value);
            return;
        default:
            refuse();
    }
}

}  // namespace

Options parse_options(int argc, char** argv) {
    if (argc < 2) {
        refuse();
    }
    Options options;
    options.mode = mode_named(argv[1]);
    optind = 2;
    for (int letter = getopt(argc, argv, "u:m:k:c:n:w:s:r:b:d:e:a:W:"); letter != -1;
         letter = getopt(argc, argv, "u:m:k:c:n:w:s:r:b:d:e:a:W:")) {
        set(options, letter, optarg);
    }
    if (options.port == 0) {
        refuse();
    }
    if (options.mode == Mode::idle) {
        options.requests = static_cast<std::uint64_t>(options.connections);
        options.warm_up = 0;
    }
    return options;
}

}  // namespace gatehouse::bench
