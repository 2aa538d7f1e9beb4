// Token ids of many texts: `tokens_ids RANK_FILE` reads texts from standard input, each as its length (4
// bytes, little endian) and its bytes, and writes of each the number of its tokens and their ids, 4 bytes
// each. Exits 1 if counting and decoding do not agree with them.
#include "gatehouse/tokens/tokenizer.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace gatehouse;

bool read_number(std::uint32_t& number) {
    unsigned char bytes[4];
    if (std::fread(bytes, 1, 4, stdin) != 4) {
        return false;
    }
    number = bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
             std::uint32_t{bytes[3]} << 24;
    return true;
}

void write_number(std::uint32_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
        std::putchar(static_cast<int>(number >> shift & 255U));
    }
}

bool answer(const tokens::Encoding& encoding, const std::string& text) {
    const auto ids = encoding.encode(text);
    const auto back = encoding.decode(ids);
    if (encoding.count(text) != ids.size() || !back || *back != text) {
        std::fputs("tokens_ids: counting or decoding disagrees with encoding\n", stderr);
        return false;
    }
    write_number(static_cast<std::uint32_t>(ids.size()));
    for (const auto id : ids) {
        write_number(id);
    }
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: tokens_ids RANK_FILE\n", stderr);
        return 2;
    }
    const auto encoding = tokens::load_encoding(arguments[1]);
    if (!encoding) {
        std::fprintf(stderr, "tokens_ids: %s\n", encoding.problem().message().c_str());
        return 1;
    }
    std::string text;
    for (std::uint32_t size = 0; read_number(size);) {
        text.resize(size);
        if (std::fread(text.data(), 1, size, stdin) != size || !answer(**encoding, text)) {
            return 1;
        }
    }
    return 0;
}
