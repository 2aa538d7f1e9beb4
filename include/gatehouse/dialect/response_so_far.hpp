// What a client of the Responses API has heard of a response: enough to end it properly when it breaks off.
//
// Pure: events in, the last one out; who made the events does not matter. Room: dialect. May include: core,
// wire.
#pragma once

#include "gatehouse/dialect/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

class ResponseSoFar {
public:
    /// `limit`: bytes of items that are remembered; what goes beyond is missing from the last words.
    explicit ResponseSoFar(std::size_t limit = 8 * 1024 * 1024) : limit_(limit) {}

    /// The data of the next event that the client gets.
    void see(std::string_view data);
    /// The event that ends the stream: `response.failed` with the response as far as it came, or, if it has
    /// not begun, `error`.
    std::string last_words(const ErrorView& error) const;

private:
    struct Said;  // by one event

    struct Part {
        std::string json;  // as it began, or, once it has ended, as it is
        std::string text;  // of its deltas; empty once it has ended
    };
    struct Item {
        std::string json;  // as a part's
        bool ended{false};
        std::string text;                      // of deltas that belong to no part: arguments, input
        std::map<std::int64_t, Part> content;  // by index
        std::map<std::int64_t, Part> summary;
    };

    void see_item(const Said& said);
    void see_inside(const Said& said, Item& item);
    bool fits(std::size_t size) noexcept;
    static std::string json_of(const Part& part);
    static std::string json_of(const Item& item);
    std::string failed(const ErrorView& error) const;

    std::size_t limit_;
    std::size_t size_{0};
    std::int64_t next_number_{0};
    std::string response_;                // as the last event had it that had one; empty: it has not begun
    std::map<std::int64_t, Item> items_;  // by output index
};

}  // namespace gatehouse::dialect
