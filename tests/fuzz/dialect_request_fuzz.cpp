// Any body as a request of any endpoint: never a crash, and what is accepted stays JSON when it is sent on.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

using gatehouse::chat::Endpoint;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto& dialect = gatehouse::dialect::openai();
    const auto endpoint = static_cast<Endpoint>(data[0] % 9U);
    const bool stream_usage = (data[1] & 1U) != 0;
    const std::string body(reinterpret_cast<const char*>(data + 2), size - 2);
    const gatehouse::wire::JsonLimits limits{64};
    const auto request = dialect.decode_request(endpoint, body, limits);
    if (!request) {
        check(!request.problem().message().empty());
        return 0;
    }
    check(request->original.bytes == body);
    const auto encoded = dialect.encode_request(*request, {"up\"stream", stream_usage});
    check(encoded.pieces.size() <= 5);
    std::string sent;
    for (const auto piece : encoded.pieces) {
        sent += piece;
    }
    check(sent.size() == encoded.size());

    const auto again = dialect.decode_request(endpoint, sent, limits);
    check(static_cast<bool>(again));
    check(again->model == "up\"stream");
    check(again->stream == request->stream);
    const bool chat = endpoint == Endpoint::chat_completions || endpoint == Endpoint::completions;
    check(again->wants_usage == (request->wants_usage || (chat && stream_usage && request->stream)));
    return 0;
}
