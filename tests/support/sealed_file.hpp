// A made-up file of the room `vector`: its mark, the right checksum, and a body that may say anything.
#pragma once

#include "gatehouse/core/secret.hpp"

#include <string>
#include <string_view>

namespace gatehouse::test {

inline std::string sealed_file(std::string_view mark, std::string_view body) {
    const Digest digest = sha256(body);
    std::string file(mark);
    file.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    file += body;
    return file;
}

}  // namespace gatehouse::test
