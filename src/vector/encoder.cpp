#include "gatehouse/vector/encoder.hpp"

#include "kernels.hpp"
#include "model_file.hpp"
#include "normal_form.hpp"
#include "pieces.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <span>
#include <string>
#include <utility>

namespace gatehouse::vector {

struct Encoder::Parts {
    explicit Parts(Model loaded)
        : model(std::move(loaded)), vocabulary(model.pieces, model.shape.reserved), kernels(best_kernels()) {
        model.pieces = {};
    }

    Model model;
    Vocabulary vocabulary;
    const Kernels& kernels;
};

namespace {

constexpr std::streamoff most_file_bytes = 1LL << 30;

/// The pass of one window. Rows are positions; all rows of a matrix lie one after the other.
class Pass {
public:
    Pass(const Model& model, const Kernels& kernels, std::span<const PieceId> ids)
        : model_(model), kernels_(kernels), rows_(ids.size()), x_(embedded(ids)) {
        std::size_t width = model.shape.embedding;
        for (const Layer& layer : model.layers) {
            run(layer, width);
            width = model.shape.width;
        }
    }

    /// The window's vector, not yet of unit length.
    std::vector<float> output() const {
        const std::size_t width = model_.shape.width;
        std::vector<float> mean(width, 0.0F);
        for (std::size_t row = 0; row < rows_; ++row) {
            kernels_.add_scaled(mean.data(), x_.data() + row * width, 1.0F / static_cast<float>(rows_),
                                width);
        }
        auto out = model_.output.apply(kernels_, mean, 1);
        for (float& value : out) {
            value = std::tanh(value);
        }
        return out;
    }

private:
    std::vector<float> embedded(std::span<const PieceId> ids) const {
        const std::size_t width = model_.shape.embedding;
        const auto& embeddings = model_.embeddings;
        std::vector<float> x(ids.size() * width);
        for (std::size_t row = 0; row < ids.size(); ++row) {
            float* const to = x.data() + row * width;
            const std::size_t from = ids[row] * width;
            for (std::size_t j = 0; j < width; ++j) {
                const float value =
                    embeddings.floats.empty()
                        ? static_cast<float>(embeddings.bytes[from + j]) * embeddings.scales[ids[row]]
                        : embeddings.floats[from + j];
                to[j] = model_.shape.embedding_factor * value;
            }
            for (std::size_t j = 0; j < width / 2; ++j) {
                const float angle = static_cast<float>(row) * model_.time_scales[j];
                to[j] += std::sin(angle);
                to[width / 2 + j] += std::cos(angle);
            }
        }
        return x;
    }

    std::vector<float> normalised(const Norm& norm, std::size_t width) const {
        std::vector<float> out(x_.size());
        for (std::size_t row = 0; row < rows_; ++row) {
            const float* const from = x_.data() + row * width;
            float* const to = out.data() + row * width;
            const float mean = std::accumulate(from, from + width, 0.0F) / static_cast<float>(width);
            float spread = 0;
            for (std::size_t j = 0; j < width; ++j) {
                spread += (from[j] - mean) * (from[j] - mean);
            }
            const float scale = 1.0F / std::sqrt(spread / static_cast<float>(width) + model_.shape.epsilon);
            for (std::size_t j = 0; j < width; ++j) {
                to[j] = (from[j] - mean) * scale * norm.scale[j] + norm.bias[j];
            }
        }
        return out;
    }

    /// What each position takes from all others. `mixed`: queries, keys and values of every row.
    std::vector<float> attention(const std::vector<float>& mixed, std::size_t width) const {
        const std::size_t head_width = width / model_.shape.heads;
        const float scale = 1.0F / std::sqrt(static_cast<float>(head_width));
        std::vector<float> out(rows_ * width, 0.0F);
        std::vector<float> shares(rows_);
        for (std::size_t head = 0; head < model_.shape.heads; ++head) {
            const float* const queries = mixed.data() + head * head_width;
            const float* const keys = queries + width;
            const float* const values = keys + width;
            for (std::size_t row = 0; row < rows_; ++row) {
                for (std::size_t other = 0; other < rows_; ++other) {
                    shares[other] = scale * kernels_.dot_float(queries + row * 3 * width,
                                                               keys + other * 3 * width, head_width);
                }
                to_shares(shares);
                for (std::size_t other = 0; other < rows_; ++other) {
                    kernels_.add_scaled(out.data() + row * width + head * head_width,
                                        values + other * 3 * width, shares[other], head_width);
                }
            }
        }
        return out;
    }

    static void to_shares(std::vector<float>& weights) {
        const float largest = *std::max_element(weights.begin(), weights.end());
        float sum = 0;
        for (float& weight : weights) {
            weight = std::exp(weight - largest);
            sum += weight;
        }
        for (float& weight : weights) {
            weight /= sum;
        }
    }

    void add(const std::vector<float>& more) { kernels_.add_scaled(x_.data(), more.data(), 1.0F, x_.size()); }

    void run(const Layer& layer, std::size_t width) {
        const auto mixed =
            layer.queries_keys_values.apply(kernels_, normalised(layer.attention_norm, width), rows_);
        const auto seen = layer.attention_output.apply(kernels_, attention(mixed, width), rows_);
        if (layer.residual.outputs() != 0) {
            x_ = layer.residual.apply(kernels_, x_, rows_);
        }
        add(seen);
        auto hidden =
            layer.up.apply(kernels_, normalised(layer.feed_forward_norm, model_.shape.width), rows_);
        for (float& value : hidden) {
            value = std::max(value, 0.0F);
        }
        add(layer.down.apply(kernels_, hidden, rows_));
    }

    const Model& model_;
    const Kernels& kernels_;
    std::size_t rows_;
    std::vector<float> x_;
};

/// False: it has no length, or is not of numbers.
bool to_unit_length(std::vector<float>& vector) {
    const double square = std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0);
    const auto scale = static_cast<float>(1.0 / std::sqrt(square));
    for (float& value : vector) {
        value *= scale;
    }
    return square > 0 && std::isfinite(scale);
}

}  // namespace

Encoder::Encoder(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Encoder::~Encoder() = default;

const ModelIdentity& Encoder::identity() const noexcept {
    return parts_->model.identity;
}

std::string_view Encoder::kernels() const noexcept {
    return parts_->kernels.name;
}

std::size_t Encoder::bytes() const noexcept {
    const Model& model = parts_->model;
    std::size_t bytes = parts_->vocabulary.bytes() + model.embeddings.bytes.size() + model.output.bytes() +
                        (model.embeddings.floats.size() + model.embeddings.scales.size()) * sizeof(float);
    for (const Layer& layer : model.layers) {
        for (const Dense* dense :
             {&layer.queries_keys_values, &layer.attention_output, &layer.residual, &layer.up, &layer.down}) {
            bytes += dense->bytes();
        }
    }
    return bytes;
}

Result<Embedding> Encoder::embed(std::string_view text) const {
    const Model& model = parts_->model;
    const std::size_t window = model.shape.positions;
    if (text.size() > most_text_bytes) {
        return Problem(ProblemKind::invalid_value, "The text is longer than the " +
                                                       std::to_string(most_text_bytes) +
                                                       " bytes that this model takes.");
    }
    const auto cut = parts_->vocabulary.cut(normal_form(text));
    if (cut.ids.empty()) {
        return Problem(ProblemKind::invalid_value, "The text is empty.");
    }
    if (cut.ids.size() > most_windows * window) {
        return Problem(ProblemKind::invalid_value, "The text has " + std::to_string(cut.ids.size()) +
                                                       " pieces; this model takes up to " +
                                                       std::to_string(most_windows * window) + ".");
    }
    Embedding embedding;
    embedding.pieces = cut.ids.size();
    embedding.unknown_characters = cut.unknown_characters;
    embedding.characters = cut.characters;
    embedding.vector.assign(model.shape.outputs, 0.0F);
    const std::span<const PieceId> ids(cut.ids);
    bool made = true;
    for (std::size_t at = 0; at < ids.size(); at += window) {
        const auto part = ids.subspan(at, std::min(window, ids.size() - at));
        auto vector = Pass(model, parts_->kernels, part).output();
        made = to_unit_length(vector) && made;
        parts_->kernels.add_scaled(embedding.vector.data(), vector.data(), static_cast<float>(part.size()),
                                   vector.size());
    }
    if (!to_unit_length(embedding.vector) || !made) {
        return Problem(ProblemKind::invalid_value, "The model has no vector for the text.");
    }
    return embedding;
}

Result<std::shared_ptr<const Encoder>> read_encoder(std::string_view bytes) {
    auto model = read_model(bytes);
    if (!model) {
        return std::move(model.problem());
    }
    return std::make_shared<const Encoder>(std::make_unique<const Encoder::Parts>(*std::move(model)));
}

Result<std::shared_ptr<const Encoder>> load_encoder(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    if (size < 0 || size > most_file_bytes) {
        return Problem(ProblemKind::invalid_configuration,
                       path.string() + (size < 0 ? ": cannot be read" : ": too large for a model file"));
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) {
        return Problem(ProblemKind::invalid_configuration, path.string() + ": cannot be read");
    }
    auto encoder = read_encoder(bytes);
    if (!encoder) {
        return Problem(ProblemKind::invalid_configuration,
                       path.string() + ": " + encoder.problem().message());
    }
    return encoder;
}

}  // namespace gatehouse::vector
