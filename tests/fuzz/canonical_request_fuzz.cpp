// Any body as a request of any endpoint: written in another way it is the same request, and whoever says that
// it can be compared has a text to compare.
#include "check.hpp"

#include "gatehouse/dialect/canonical_request.hpp"
#include "gatehouse/dialect/dialect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using gatehouse::chat::Endpoint;
using gatehouse::dialect::canonical_request;
using gatehouse::wire::JsonReader;
using gatehouse::wire::JsonType;

namespace {

/// Members backwards, blanks where there were none, and no escape that need not be.
std::string rewritten(JsonReader& json, std::string_view body) {
    const auto list = [&](auto next, char open, char close) {
        std::vector<std::string> parts;
        while (next(parts)) {
        }
        if (open == '{') {
            std::reverse(parts.begin(), parts.end());
        }
        std::string out(1, open);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            out += i == 0 ? " " : "\n,";
            out += parts[i];
        }
        return out + close;
    };
    switch (json.peek()) {
        case JsonType::object:
            json.begin_object();
            return list(
                [&](auto& parts) {
                    if (!json.next_member()) {
                        return false;
                    }
                    auto member = gatehouse::wire::json_string(json.key()) + " : ";
                    member += rewritten(json, body);
                    parts.push_back(std::move(member));
                    return true;
                },
                '{', '}');
        case JsonType::array:
            json.begin_array();
            return list(
                [&](auto& parts) {
                    if (!json.next_element()) {
                        return false;
                    }
                    parts.push_back(rewritten(json, body));
                    return true;
                },
                '[', ']');
        case JsonType::string:
            return gatehouse::wire::json_string(json.string());
        default: {
            const auto range = json.skip();
            return std::string(body.substr(range.begin, range.size()));
        }
    }
}

std::optional<gatehouse::chat::Request> admitted(Endpoint endpoint, std::string body) {
    const gatehouse::wire::JsonLimits limits{64};
    const auto& dialect = gatehouse::dialect::dialect_of(gatehouse::chat::vendor_of(endpoint));
    auto request = dialect.decode_request(endpoint, std::move(body), limits);
    return request ? std::optional(std::move(*request)) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) {
        return 0;
    }
    const auto endpoint = static_cast<Endpoint>(data[0] % 16U);
    const auto body = as_text(data + 1, size - 1);
    const auto request = admitted(endpoint, std::string(body));
    const auto found = request ? canonical_request(*request) : std::nullopt;
    if (!found) {
        return 0;
    }
    check(!found->comparable || !found->last_user_text.empty());
    // Surrogates that stand alone do not come through the rewriting.
    if (body.find("\\ud") != std::string_view::npos || body.find("\\uD") != std::string_view::npos) {
        return 0;
    }
    JsonReader json(body, {64});
    const auto again = admitted(endpoint, rewritten(json, body));
    check(again.has_value());
    const auto same = canonical_request(*again);
    check(same && same->exact == found->exact && same->partition == found->partition);
    check(same->last_user_text == found->last_user_text && same->comparable == found->comparable);
    check(same->self_contained == found->self_contained && again->temperature == request->temperature);
    return 0;
}
