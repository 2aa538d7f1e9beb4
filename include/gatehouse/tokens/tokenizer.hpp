// Byte-pair encodings of OpenAI's models, exact: the same ids as the `tiktoken` package.
//
// The encoding's vocabulary is a rank file that docker/ranks.sh makes at set-up; without it the gateway works
// with estimates (estimate.hpp). Special tokens such as `<|endoftext|>` are ordinary text here: a prompt is
// counted, not obeyed. Room: tokens. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::tokens {

using TokenId = std::uint32_t;

/// How a text is cut into pieces before its bytes are merged; tokens never reach over a cut. The numbers
/// stand in rank files.
enum class SplitPattern : std::uint8_t {
    cl100k = 1,  // GPT-4, GPT-3.5, embeddings
    o200k = 2,   // GPT-4o and later, the o series
};

/// One encoding. Immutable, so that any thread may use it; what a call needs besides is its own. The time is
/// O(n log n) for every text of n bytes. Texts are below 4 GiB.
class Encoding {
public:
    struct Parts;
    explicit Encoding(std::unique_ptr<const Parts> parts);
    ~Encoding();
    Encoding(const Encoding&) = delete;
    Encoding& operator=(const Encoding&) = delete;

    /// How many tokens `text` is, without making their ids. Bytes that are no UTF-8 count as symbols.
    std::size_t count(std::string_view text) const;
    std::vector<TokenId> encode(std::string_view text) const;
    /// The bytes behind `ids`; those of a cut list may end inside a character. Problem invalid_value for an
    /// id that the encoding does not have.
    Result<std::string> decode(std::span<const TokenId> ids) const;

    SplitPattern pattern() const noexcept;
    /// Number of ordinary tokens.
    std::size_t size() const noexcept;

private:
    std::unique_ptr<const Parts> parts_;
};

/// An encoding of the given tokens; a token's place is its id and its rank, the lower merged first.
///
/// Problem invalid_configuration unless every single byte is a token, no token is empty, longer than 255
/// bytes or there twice, and there are at most 2^24.
Result<std::shared_ptr<const Encoding>> make_encoding(SplitPattern pattern, std::vector<std::string> tokens);

/// An encoding from the bytes of a rank file: `GHRANKS1`, the pattern (1 byte), the number of tokens (4
/// bytes, little endian), then of every token its length (1 byte) and its bytes. Problem
/// invalid_configuration for anything else.
Result<std::shared_ptr<const Encoding>> read_encoding(std::string_view bytes);

/// Reads a rank file, at start; takes some 20 ms. Problem invalid_configuration, naming the path, if there is
/// none or it is none.
Result<std::shared_ptr<const Encoding>> load_encoding(const std::filesystem::path& path);

}  // namespace gatehouse::tokens
