// How fast a text becomes tokens, in one thread: `bench_tokens RANK_FILE TEXT_FILE [MEGABYTES]` counts the
// tokens of the text, repeated up to that size (32), five times and prints the median of the processor's
// time, then one run of a single letter.
#include "gatehouse/tokens/tokenizer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace gatehouse;

double seconds_of(const tokens::Encoding& encoding, const std::string& text, std::size_t& counted) {
    const std::clock_t began = std::clock();
    counted = encoding.count(text);
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) {
        std::fputs("usage: bench_tokens RANK_FILE TEXT_FILE [MEGABYTES]\n", stderr);
        return 2;
    }
    const auto encoding = tokens::load_encoding(arguments[1]);
    std::ifstream file(arguments[2], std::ios::binary);
    const std::string once((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!encoding || once.empty()) {
        std::fputs("bench_tokens: a file cannot be read\n", stderr);
        return 1;
    }
    const std::size_t size = (count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 32) * 1'000'000;
    std::string text;
    while (text.size() < size) {
        text += once;
    }

    std::vector<double> seconds(5);
    std::size_t counted = 0;
    for (double& one : seconds) {
        one = seconds_of(**encoding, text, counted);
    }
    std::sort(seconds.begin(), seconds.end());
    const auto bytes = static_cast<double>(text.size());
    std::printf("text    %6.1f MB/s, %.2f bytes a token\n", bytes / 1e6 / seconds[2],
                bytes / static_cast<double>(counted));
    const double run = seconds_of(**encoding, std::string(1'000'000, 'a'), counted);
    std::printf("a * 1e6 %6.3f s, %zu tokens\n", run, counted);
    return 0;
}
