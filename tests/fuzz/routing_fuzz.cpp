// What routing reads of any body of any endpoint, and the words that are the gateway's own: never a crash; a
// body without its `fallbacks` is the same request; tags are what they claim to be.
#include "check.hpp"
#include "server/body_fallbacks.hpp"
#include "server/request_labels.hpp"

#include "gatehouse/dialect/conversation_key.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/request_traits.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace chat = gatehouse::chat;
namespace dialect = gatehouse::dialect;
namespace server = gatehouse::server;

namespace {

void check_tags(std::string_view list) {
    gatehouse::policy::Tags tags;
    if (!server::add_tags(list, tags)) {
        return;
    }
    for (const auto& [name, value] : tags) {
        check(!name.empty() && !value.empty());
        check(list.find(name) != std::string_view::npos && list.find(value) != std::string_view::npos);
    }
}

void check_body(chat::Endpoint endpoint, const std::string& body) {
    const auto& words = dialect::dialect_of(chat::vendor_of(endpoint));
    const gatehouse::wire::JsonLimits limits{64};
    const auto request = words.decode_request(endpoint, body, limits);
    if (!request) {
        return;
    }
    const auto traits = dialect::traits_of(*request);
    static_cast<void>(traits);
    const auto key = dialect::conversation_key(*request);
    check(key.size() <= body.size() * 3);
    const auto taken = server::take_fallbacks(body, limits);
    if (!taken) {
        check(request->original.names_fallbacks);
        check(taken.problem().param().starts_with("fallbacks"));
        return;
    }
    if (!request->original.names_fallbacks) {
        check(taken->body == body && taken->models.empty());
        return;
    }
    const auto rest = words.decode_request(endpoint, taken->body, limits);
    check(static_cast<bool>(rest));
    check(!rest->original.names_fallbacks);
    check(rest->model == request->model && rest->stream == request->stream);
    check(dialect::conversation_key(*rest) == key);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) {
        return 0;
    }
    constexpr unsigned endpoints = 16;
    const unsigned which = data[0] % (endpoints + 1);
    const std::string text(as_text(data + 1, size - 1));
    if (which == endpoints) {
        check_tags(text);
    } else {
        check_body(static_cast<chat::Endpoint>(which), text);
    }
    return 0;
}
