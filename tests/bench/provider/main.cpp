// bench_provider PORT: a provider for benchmarks, on 127.0.0.1 only. The model's name says what it does
// (plan.hpp).

#include "server.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const long port = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 0;
    if (port < 1 || port > 65'535) {
        std::fputs("usage: bench_provider PORT\n", stderr);
        return 2;
    }
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    gatehouse::bench::Server(static_cast<std::uint16_t>(port)).run();
}
