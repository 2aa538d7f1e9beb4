// Any bytes become tokens, and the tokens the same bytes again; counting agrees. The first byte picks the
// pattern. The other half reads the bytes as a rank file.
#include "check.hpp"

#include "gatehouse/tokens/tokenizer.hpp"

#include <string>
#include <utility>

using namespace gatehouse;
using namespace gatehouse::tokens;

namespace {

std::shared_ptr<const Encoding> synthetic(SplitPattern pattern) {
    std::vector<std::string> vocabulary;
    for (int byte = 0; byte < 256; ++byte) {
        vocabulary.emplace_back(1, static_cast<char>(byte));
    }
    for (const char* token :
         {"aa", "aaa", "aaaa", "th", "he", "the", " the", "  ", "    ", "ab", "ba", "\n\n", "\xC3\xA9", "'s",
          "aaaaaaaa", "aaaaaaaaaaaa", "://", "\xE4\xB8", "\xE4\xB8\xAD"}) {
        vocabulary.emplace_back(token);
    }
    auto made = make_encoding(pattern, std::move(vocabulary));
    check(static_cast<bool>(made));
    return *std::move(made);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto o200k = synthetic(SplitPattern::o200k);
    static const auto cl100k = synthetic(SplitPattern::cl100k);
    const std::string_view bytes = as_text(data, size);
    if (const auto read = read_encoding(bytes)) {
        check((*read)->size() >= 256);
    }
    if (bytes.empty()) {
        return 0;
    }
    const Encoding& encoding = data[0] % 2 == 0 ? *o200k : *cl100k;
    const std::string_view text = bytes.substr(1);
    const auto ids = encoding.encode(text);
    check(encoding.count(text) == ids.size());
    const auto back = encoding.decode(ids);
    check(back && *back == text);
    return 0;
}
