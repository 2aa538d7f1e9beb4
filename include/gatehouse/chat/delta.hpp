// A piece of a reply on its way to the client.
// Room: chat.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::chat {

enum class DeltaKind : std::uint8_t {
    opening,  // role, metadata: nothing a reader would see; may be held back
    content,  // text, refusal, reasoning or a tool-call fragment; from here on failover is over
    finish,   // a finish reason
    usage,    // usage only
    end,      // the dialect's terminator
    whole,    // a complete reply in one piece
    opaque,   // bytes of another media type (audio)
};

/// `bytes` are what a client of the reply's own dialect gets (the original event, edited only where it must
/// be); valid during `push`. Neighbours of one run are often contiguous, and then leave in one piece. Empty
/// bytes: known to the gateway, not shown to this client (usage it did not ask for).
struct Delta {
    DeltaKind kind{DeltaKind::opening};
    std::string_view bytes;
};

}  // namespace gatehouse::chat
