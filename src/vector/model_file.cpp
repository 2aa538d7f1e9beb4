#include "model_file.hpp"

#include "byte_reader.hpp"

#include "gatehouse/core/secret.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::vector {
namespace {

constexpr std::string_view model_magic = "GHMODEL1";

Problem no_model(const std::string& why) {
    return Problem(ProblemKind::invalid_configuration, "not a model file: " + why);
}

bool runs(const ModelShape& shape) noexcept {
    constexpr std::size_t widest = 8192;
    for (const std::size_t width : {shape.embedding, shape.width, shape.outputs, shape.feed_forward}) {
        if (width == 0 || width > widest || width % block_width != 0) {
            return false;
        }
    }
    return shape.heads >= 1 && shape.embedding % shape.heads == 0 && shape.width % shape.heads == 0 &&
           shape.layers >= 1 && shape.layers <= 64 && shape.positions >= 1 && shape.positions <= 8192 &&
           shape.reserved >= 1 && shape.reserved <= shape.pieces && shape.pieces <= 1U << 20 &&
           std::isfinite(shape.epsilon) && shape.epsilon > 0 && std::isfinite(shape.embedding_factor);
}

ModelShape shape_from(ByteReader& bytes) {
    ModelShape shape;
    for (auto* const field :
         {&shape.embedding, &shape.width, &shape.outputs, &shape.heads, &shape.feed_forward, &shape.layers,
          &shape.positions, &shape.pieces, &shape.reserved}) {
        *field = bytes.number<std::uint32_t>();
    }
    shape.epsilon = bytes.number<float>();
    shape.embedding_factor = bytes.number<float>();
    return shape;
}

Norm norm_from(ByteReader& bytes, std::size_t width) {
    Norm norm;
    norm.scale = bytes.floats(width);
    norm.bias = bytes.floats(width);
    return norm;
}

class WeightsReader {
public:
    WeightsReader(ByteReader& bytes, bool eight_bits) : bytes_(bytes), eight_bits_(eight_bits) {}

    Embeddings embeddings(const ModelShape& shape) {
        Embeddings made;
        if (eight_bits_) {
            made.scales = bytes_.floats(shape.pieces);
            made.bytes = bytes_.numbers<std::int8_t>(shape.pieces * shape.embedding);
        } else {
            made.floats = bytes_.floats(shape.pieces * shape.embedding);
        }
        return made;
    }
    Dense dense(std::size_t depth, std::size_t outputs) {
        if (!eight_bits_) {
            const auto weights = bytes_.floats(depth * outputs);
            auto bias = bytes_.floats(outputs);
            return bytes_.broken() ? Dense() : Dense(weights, depth, std::move(bias));
        }
        auto scales = bytes_.floats(outputs);
        const auto weights = bytes_.numbers<std::int8_t>(depth * outputs);
        auto bias = bytes_.floats(outputs);
        return bytes_.broken() ? Dense() : Dense(weights, std::move(scales), depth, std::move(bias));
    }
    Layer layer(const ModelShape& shape, std::size_t from) {
        Layer layer;
        layer.attention_norm = norm_from(bytes_, from);
        layer.queries_keys_values = dense(from, 3 * from);
        layer.attention_output = dense(from, shape.width);
        if (from != shape.width) {
            layer.residual = dense(from, shape.width);
        }
        layer.feed_forward_norm = norm_from(bytes_, shape.width);
        layer.up = dense(shape.width, shape.feed_forward);
        layer.down = dense(shape.feed_forward, shape.width);
        return layer;
    }

private:
    ByteReader& bytes_;
    bool eight_bits_;
};

std::optional<std::vector<Piece>> pieces_from(ByteReader& bytes, const ModelShape& shape) {
    std::vector<Piece> pieces;
    for (std::size_t id = 0; id < shape.pieces && !bytes.broken(); ++id) {
        Piece piece;
        piece.text = bytes.text();
        piece.score = bytes.number<double>();
        if (!std::isfinite(piece.score) || (id >= shape.reserved && piece.text.empty())) {
            return std::nullopt;
        }
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

}  // namespace

Result<Model> read_model(std::string_view bytes) {
    ByteReader from(bytes);
    if (from.take(model_magic.size()) != model_magic) {
        return no_model("it does not begin as one");
    }
    const auto digest = from.number<Digest>();
    if (digest != sha256(from.rest())) {
        return no_model("its checksum is wrong");
    }
    const auto precision = from.number<std::uint8_t>();
    Model model;
    model.identity.id = from.text();
    model.identity.version = from.text();
    model.shape = shape_from(from);
    if (from.broken() || precision > 1 || !runs(model.shape)) {
        return no_model("its shape is not one that can be run");
    }
    model.identity.dimensions = static_cast<std::uint32_t>(model.shape.outputs);
    auto pieces = pieces_from(from, model.shape);
    if (!pieces) {
        return no_model("its vocabulary is broken");
    }
    model.pieces = *std::move(pieces);
    WeightsReader weights(from, precision == 1);
    model.embeddings = weights.embeddings(model.shape);
    model.time_scales = from.floats(model.shape.embedding / 2);
    for (std::size_t i = 0; i < model.shape.layers && !from.broken(); ++i) {
        model.layers.push_back(
            weights.layer(model.shape, i == 0 ? model.shape.embedding : model.shape.width));
    }
    model.output = weights.dense(model.shape.width, model.shape.outputs);
    if (from.broken() || !from.at_end()) {
        return no_model("its weights are incomplete or not numbers");
    }
    return model;
}

}  // namespace gatehouse::vector
