// How long a text takes to become a vector, and how long the nearest of many are looked for, in one thread:
// `bench_vector MODEL_FILE [ENTRIES...]` prints medians, and how often the index finds what an exact scan
// finds.
#include "gatehouse/vector/encoder.hpp"
#include "gatehouse/vector/index.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace gatehouse;
using Vector = std::vector<float>;

template <class Work>
double milliseconds_of(const Work& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

void time_texts(const vector::Encoder& encoder) {
    for (const char* text :
         {"How do I cancel my order?", "Where can I see the invoices of the last three months?",
          "Explain the difference between a mutex and a semaphore to a new programmer, with one short "
          "example in C++."}) {
        std::vector<double> times;
        std::size_t pieces = 0;
        for (int i = 0; i < 500; ++i) {
            times.push_back(milliseconds_of([&] { pieces = encoder.embed(text)->pieces; }));
        }
        std::printf("%4zu pieces: best %.3f ms, median %.3f ms\n", pieces,
                    *std::min_element(times.begin(), times.end()), median(times));
    }
}

/// Vectors in groups around common directions, as those of texts are.
class Texts {
public:
    explicit Texts(std::size_t dimensions) : dimensions_(dimensions), common_(noise()) {}

    Vector next() {
        if (random_() % 20 == 0 || group_.empty()) {
            group_ = near(common_, 1.0F);
        }
        return near(group_, 0.6F);
    }
    Vector near(const Vector& center, float spread) {
        Vector vector = noise();
        float square = 0;
        for (std::size_t i = 0; i < vector.size(); ++i) {
            vector[i] = center[i] + spread * vector[i];
            square += vector[i] * vector[i];
        }
        const float scale = 1 / std::sqrt(square / static_cast<float>(dimensions_));
        for (float& value : vector) {
            value *= scale;
        }
        return vector;
    }

private:
    Vector noise() {
        Vector vector(dimensions_);
        for (float& value : vector) {
            value = normal_(random_);
        }
        return vector;
    }
    std::size_t dimensions_;
    std::mt19937 random_{5};
    std::normal_distribution<float> normal_;
    Vector common_;
    Vector group_;
};

void time_index(std::size_t entries) {
    constexpr std::uint32_t dimensions = 512;
    vector::IndexOptions options;
    options.max_entries = entries;
    // As many candidates as entries: everything is compared in full.
    vector::IndexOptions exact_options = options;
    exact_options.rerank = entries;
    const vector::ModelIdentity model{"bench", "1", dimensions};
    vector::Index index(model, options);
    vector::Index exact(model, exact_options);
    const auto partition = sha256("bench");
    Texts texts(dimensions);
    std::vector<Vector> some;
    double inserting = 0;
    double longest = 0;
    for (std::size_t id = 0; id < entries; ++id) {
        const Vector vector = texts.next();
        const double took = milliseconds_of([&] { index.insert(partition, id, vector); });
        inserting += took;
        longest = std::max(longest, took);
        exact.insert(partition, id, vector);
        if (id % (entries / 200) == 0) {
            some.push_back(vector);
        }
    }
    std::vector<double> times;
    int found = 0;
    for (const Vector& seed : some) {
        const Vector wanted = texts.near(seed, 0.3F);
        std::vector<vector::Match> got;
        times.push_back(milliseconds_of([&] { got = index.nearest(partition, wanted, 4, 0); }));
        found += got.front().id == exact.nearest(partition, wanted, 1, 0).front().id ? 1 : 0;
    }
    std::printf(
        "%8zu entries: search %.3f ms, recall %.3f, insert %.4f ms (longest %.1f ms), %zu bytes an entry\n",
        entries, median(times), static_cast<double>(found) / static_cast<double>(some.size()),
        inserting / static_cast<double>(entries), longest, index.bytes() / entries);
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fputs("usage: bench_vector MODEL_FILE [ENTRIES...]\n", stderr);
        return 2;
    }
    std::shared_ptr<const vector::Encoder> encoder;
    const double loading = milliseconds_of([&] {
        auto loaded = vector::load_encoder(arguments[1]);
        encoder = loaded ? *loaded : nullptr;
    });
    if (!encoder) {
        std::fputs("bench_vector: the model cannot be read\n", stderr);
        return 1;
    }
    std::printf("%s %s, kernels %s: loaded in %.0f ms, %zu bytes\n", encoder->identity().id.c_str(),
                encoder->identity().version.c_str(), std::string(encoder->kernels()).c_str(), loading,
                encoder->bytes());
    time_texts(*encoder);
    for (int i = 2; i < count; ++i) {
        time_index(std::max<std::size_t>(200, std::strtoull(arguments[i], nullptr, 10)));
    }
    return 0;
}
