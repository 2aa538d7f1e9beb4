// Any body as a request for embeddings: asked for input by input it is the same inputs, and nothing else of
// it changes.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/embedding_inputs.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using gatehouse::chat::Endpoint;
using gatehouse::dialect::asking_for;
using gatehouse::dialect::canonical_embeddings;
using gatehouse::dialect::embedding_inputs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    constexpr std::array endpoints{Endpoint::embeddings, Endpoint::batch_embed_contents};
    const auto endpoint = endpoints[data[0] % endpoints.size()];
    const auto body = as_text(data + 2, size - 2);
    const auto& dialect = gatehouse::dialect::dialect_of(gatehouse::chat::vendor_of(endpoint));
    auto request = dialect.decode_request(endpoint, std::string(body), {64});
    const auto inputs = request ? embedding_inputs(endpoint, body) : std::nullopt;
    const auto all = inputs ? canonical_embeddings(*request) : std::nullopt;
    if (!all) {
        return 0;
    }
    check(!inputs->inputs.empty() && all->inputs.size() == inputs->inputs.size());
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < inputs->inputs.size(); ++i) {
        if (i % 8 == data[1] % 8U || i + 1 == inputs->inputs.size()) {
            wanted.push_back(i);
        }
    }
    auto less = asking_for(endpoint, body, *inputs, wanted);
    check(bool(less));
    gatehouse::chat::Request asked = std::move(*request);
    asked.original = std::move(*less);
    const auto some = canonical_embeddings(asked);
    check(some && some->rest == all->rest && some->inputs.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        check(some->inputs[i] == all->inputs[wanted[i]]);
    }
    return 0;
}
