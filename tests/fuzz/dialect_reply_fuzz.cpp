// Any body as a whole reply and as an error: never a crash, sane usage, and an edited reply reads the same.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto& dialect = gatehouse::dialect::openai();
    const auto endpoint = static_cast<gatehouse::chat::Endpoint>(data[0] % 9U);
    const std::string_view body(reinterpret_cast<const char*>(data + 2), size - 2);

    gatehouse::wire::ResponseHead head;
    head.status = 200 + data[1] * 2;
    head.fields.add("retry-after", body.substr(0, 40));
    const auto problem = gatehouse::dialect::decode_error(head, body, gatehouse::WallTime());
    check(!problem.message().empty());
    check(!problem.wait() || problem.wait()->count() >= 0);

    std::string unused;
    const auto plain = dialect.decode_reply(endpoint, body, {}, unused);
    std::string edited;
    const auto renamed = dialect.decode_reply(endpoint, body, {true, "asked"}, edited);
    check(static_cast<bool>(plain) == static_cast<bool>(renamed));
    if (!plain) {
        return 0;
    }
    check(plain->bytes == body);
    check(plain->usage.input.value() >= 0 && plain->usage.output.value() >= 0);
    check(plain->usage.cached_input.value() >= 0 && plain->usage.reasoning.value() >= 0);
    const auto again = dialect.decode_reply(endpoint, renamed->bytes, {}, unused);
    check(static_cast<bool>(again));
    check(again->usage.prompt() == plain->usage.prompt());
    check(again->finish_reason == plain->finish_reason);
    return 0;
}
