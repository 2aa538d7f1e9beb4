// What providers add around the texts of a prompt, about, in tokens; of media the size is not known here.
// Room: upstream, private.
#pragma once

#include <cstdint>

namespace gatehouse::upstream {

inline constexpr std::int64_t tokens_of_message = 4;
inline constexpr std::int64_t tokens_of_tool = 8;
inline constexpr std::int64_t tokens_of_media = 800;

}  // namespace gatehouse::upstream
