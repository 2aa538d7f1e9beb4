// What a client sends that compresses its bodies.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace gatehouse::test {

inline std::string gzip(std::string_view plain) {
    std::string out(plain.size() + 256, '\0');
    z_stream z{};
    deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string in(plain);
    z.next_in = reinterpret_cast<Bytef*>(in.data());
    z.avail_in = static_cast<uInt>(in.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    return out;
}

}  // namespace gatehouse::test
