// Any bytes as a provider's reply with vectors: if it can be taken apart, each part is a reply of its own, no
// token is lost, and put together again they are what their provider sent.
#include "check.hpp"

#include "gatehouse/dialect/embedding_replies.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using gatehouse::chat::Endpoint;
using gatehouse::dialect::join_vectors;
using gatehouse::dialect::split_vectors;

namespace {

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    constexpr std::array endpoints{Endpoint::embeddings, Endpoint::batch_embed_contents};
    const auto endpoint = endpoints[data[0] % endpoints.size()];
    const std::vector<std::int64_t> weights(data[1] % 8U + 1U, 3);
    const auto reply = as_text(data + 2, size - 2);
    const auto parts = split_vectors(endpoint, reply, weights);
    if (!parts) {
        const std::string empty =
            endpoint == Endpoint::embeddings ? R"({"data":[]})" : R"({"embeddings":[]})";
        const std::vector<std::string_view> one{reply};
        const auto joined = join_vectors(endpoint, empty, one);
        check(!joined || is_json(*joined));
        return 0;
    }
    check(parts->size() == weights.size());
    const std::vector<std::int64_t> single{1};
    for (const auto& part : *parts) {
        check(is_json(part));
        const auto alone = split_vectors(endpoint, part, single);
        check(alone && alone->front() == part);
    }
    const auto whole = join_vectors(endpoint, reply, views_of(*parts));
    check(whole && is_json(*whole));
    const auto again = split_vectors(endpoint, *whole, weights);
    if (weights.size() > 1) {
        // What is left of the frame is the same from here on, tokens included.
        check(again && *again == *parts);
    } else {
        check(again && join_vectors(endpoint, *whole, views_of(*again)) == whole);
    }
    return 0;
}
