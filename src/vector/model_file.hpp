// The file that holds an encoder: shape, vocabulary and weights.
//
// All numbers are little endian. `GHMODEL1`, SHA-256 of all that follows (32 bytes), precision (1 byte: 0
// floats, 1 eight bits), id and version (each: length in 1 byte, text), then as 4 bytes each: width of an
// embedding, width of the layers, outputs, heads, feed-forward width, layers, positions, pieces, reserved
// pieces; as floats epsilon of the norms and the factor of the embeddings; of every piece its length (1
// byte), its text and its score (8 bytes). Then the weights: embeddings (a row for each piece), time scales
// (half an embedding), of every layer norm, queries with keys and values, attention's output, residual (only
// where the width grows), norm, feed-forward up, feed-forward down; last the output. A norm is its scales and
// its biases; a dense layer its matrix, input after input, and its biases. A matrix in eight bits has its
// scales before it: one for each output, or of the embeddings one for each piece. Room: vector, private.
#pragma once

#include "dense.hpp"
#include "pieces.hpp"

#include "gatehouse/core/result.hpp"
#include "gatehouse/vector/model_identity.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::vector {

struct ModelShape {
    std::size_t embedding{0};
    std::size_t width{0};
    std::size_t outputs{0};
    std::size_t heads{0};
    std::size_t feed_forward{0};
    std::size_t layers{0};
    std::size_t positions{0};
    std::size_t pieces{0};
    std::size_t reserved{0};
    float epsilon{0};
    float embedding_factor{0};
};

struct Norm {
    std::vector<float> scale;
    std::vector<float> bias;
};

struct Layer {
    Norm attention_norm;
    Dense queries_keys_values;
    Dense attention_output;
    Dense residual;  // without outputs: the input is as wide as the layer
    Norm feed_forward_norm;
    Dense up;
    Dense down;
};

/// A row for each piece.
struct Embeddings {
    std::vector<float> floats;  // empty: in eight bits
    std::vector<std::int8_t> bytes;
    std::vector<float> scales;
};

struct Model {
    ModelIdentity identity;
    ModelShape shape;
    std::vector<Piece> pieces;
    Embeddings embeddings;
    std::vector<float> time_scales;
    std::vector<Layer> layers;
    Dense output;
};

/// Problem invalid_configuration: no such file, damaged, or of a shape that the encoder cannot run.
Result<Model> read_model(std::string_view bytes);

}  // namespace gatehouse::vector
