// The head of a message: start line and fields, as views into the one block of bytes it was read from.
//
// The head is decided on as it stood before the body: trailers never reach it.
// Room: wire. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::wire {

/// Fields of one message in the order they came. Names compare without case (RFC 9110, 5.1). Owns its bytes;
/// movable and reusable: `clear()` keeps the memory for the next message of the connection.
class Fields {
public:
    struct Field {
        std::string_view name;
        std::string_view value;  // surrounding blanks removed
    };

    std::size_t size() const noexcept { return spans_.size(); }
    Field operator[](std::size_t index) const noexcept {
        const Span& span = spans_[index];
        return {{bytes_.data() + span.name, span.name_size}, {bytes_.data() + span.value, span.value_size}};
    }
    /// The value of the first field of that name; nothing if there is none.
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;
    void add(std::string_view name, std::string_view value);
    void clear() noexcept;
    /// For the head readers: takes a whole block of bytes in one copy ...
    void assign_block(std::string_view block);
    /// ... and marks the fields in it by offset. REQUIRES: the ranges lie within the block.
    void mark(std::size_t name, std::size_t name_size, std::size_t value, std::size_t value_size) {
        spans_.push_back({static_cast<std::uint32_t>(name), static_cast<std::uint32_t>(name_size),
                          static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value_size)});
    }

private:
    struct Span {
        std::uint32_t name, name_size, value, value_size;
    };
    std::string bytes_;
    std::vector<Span> spans_;
};

/// How the body of a message is delimited (RFC 9112, 6.3).
enum class BodyKind : std::uint8_t { none, sized, chunked, until_close };

struct BodyFraming {
    BodyKind kind{BodyKind::none};
    std::uint64_t size{0};  // of `sized`
};

struct RequestHead {
    std::string method;
    std::string path;   // percent-decoded once, dot segments refused; what is authorised is what is routed
    std::string query;  // raw, without '?'
    Fields fields;
    BodyFraming body;
    bool keep_alive{true};
    bool http_1_0{false};
    bool expects_continue{false};
};

struct ResponseHead {
    int status{0};
    Fields fields;
    BodyFraming body;
    bool keep_alive{true};
};

}  // namespace gatehouse::wire
