// What OpenAI's endpoints insist on in a request, beside `model`, `stream` and the messages of a chat: the
// type of one field or two. Anything else the provider must understand, not the gateway.
//
// Room: dialect, private. May include: wire, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <initializer_list>
#include <span>
#include <string_view>

namespace gatehouse::dialect {

/// A set of JSON types.
class JsonTypes {
public:
    constexpr JsonTypes(std::initializer_list<wire::JsonType> types) noexcept {
        for (const auto type : types) {
            set_ |= 1U << static_cast<unsigned>(type);
        }
    }
    constexpr bool contains(wire::JsonType type) const noexcept {
        return (set_ & (1U << static_cast<unsigned>(type))) != 0;
    }

private:
    unsigned set_{0};
};

/// A field of an endpoint.
struct OpenaiFieldRule {
    std::string_view name;
    JsonTypes types;
    JsonTypes elements;  // of an array
    bool required;
    std::string_view expected;
    std::string_view expected_element;
};

/// 31 at most.
std::span<const OpenaiFieldRule> openai_rules_of(chat::Endpoint endpoint) noexcept;

}  // namespace gatehouse::dialect
