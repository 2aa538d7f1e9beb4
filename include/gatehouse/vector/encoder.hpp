// A sentence encoder in process: text to a vector of unit length, without network or service.
//
// A small pre-norm transformer over pieces of words (docs/embedder.md has the model card). The weights are a
// file that docker/model.sh makes at set-up. Room: vector. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/vector/model_identity.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::vector {

struct Embedding {
    std::vector<float> vector;  // of unit length
    std::size_t pieces{0};      // of the text, as the model counts
    /// Characters that the model does not know; it cannot tell texts apart that differ in these only.
    std::size_t unknown_characters{0};
    std::size_t characters{0};
};

/// Immutable: any thread may use it. A call takes some 0.1 ms for a piece and core at most; run it on a
/// worker.
class Encoder {
public:
    struct Parts;
    explicit Encoder(std::unique_ptr<const Parts> parts);
    ~Encoder();
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    const ModelIdentity& identity() const noexcept;
    /// What the kernels are called that this processor got: `plain`, `avx2`, `avx512`.
    std::string_view kernels() const noexcept;
    /// Memory that the weights take.
    std::size_t bytes() const noexcept;

    /// The text's vector. A text longer than the model's window is seen window by window, and their vectors
    /// are averaged by length. The same text gives the same vector, whatever is embedded before or beside it.
    ///
    /// Problem invalid_value: the text is empty, longer than `most_windows` windows, or one that the weights
    /// make nothing of.
    Result<Embedding> embed(std::string_view text) const;
    static constexpr std::size_t most_windows = 16;
    static constexpr std::size_t most_text_bytes = 64 * 1024;

private:
    std::unique_ptr<const Parts> parts_;
};

/// An encoder from the bytes of a model file (src/vector/model_file.hpp says its form). Problem
/// invalid_configuration for anything else, a damaged file included.
Result<std::shared_ptr<const Encoder>> read_encoder(std::string_view bytes);

/// Reads a model file, at start; takes some 30 ms. Problem invalid_configuration, naming the path.
Result<std::shared_ptr<const Encoder>> load_encoder(const std::filesystem::path& path);

}  // namespace gatehouse::vector
