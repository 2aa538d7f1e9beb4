// What a run of bench_load does, from its command line.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::bench {

enum class Mode : std::uint8_t { closed, rate, stream, idle };

struct Options {
    Mode mode{Mode::closed};
    std::uint16_t port{0};
    std::string path;
    std::string model{"mock"};
    std::string key;
    int connections{16};
    std::uint64_t requests{1'000};
    std::uint64_t warm_up{0};  // requests before anything is measured
    double seconds{30};        // no new request after that; idle: how long the streams are held
    double rate{200};          // per second
    int prompt{1'024};         // bytes
    std::uint64_t distinct{
        0};  // prompts that differ, one after the other, then the first again; 0: each differs
    long expected_chunks{0};  // per stream; 0: not checked
    long leave_after{0};      // chunks; 0: never
    int watch{0};             // pid of the server, 0: none
};

/// Prints the usage and ends the process when the command line says nothing sensible.
Options parse_options(int argc, char** argv);

}  // namespace gatehouse::bench
