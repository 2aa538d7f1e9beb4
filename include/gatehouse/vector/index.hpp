// Nearest vectors by cosine, in memory, in partitions that never see each other.
//
// Flat: large partitions are scanned by one bit a dimension, and the best few hundred compared in eight bits;
// small ones are compared at once. Nothing is trained, so that an entry is found as soon as it is in, and
// gone as soon as it is out. No lock: whoever shares an index guards it. Room: vector. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/vector/model_identity.hpp"
#include "gatehouse/vector/options.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::vector {

/// The caller's name for an entry; unique in an index.
using EntryId = std::uint64_t;
/// What must be alike for two entries to be compared at all.
using Partition = Digest;

struct Match {
    EntryId id{0};
    float similarity{0};  // cosine, within 0.003
};

enum class Insertion : std::uint8_t {
    added,
    full,      // max_entries are in: the caller removes one first
    known_id,  // such an id is in
    unusable,  // not as many numbers as the model's vectors have, none but zeros, or not finite
};

class Index {
public:
    explicit Index(ModelIdentity model, IndexOptions options = {});
    ~Index();
    Index(Index&&) noexcept;
    Index& operator=(Index&&) noexcept;

    const ModelIdentity& model() const noexcept;
    std::size_t size() const noexcept;
    /// Of the index with all that it holds.
    std::size_t bytes() const noexcept;
    bool contains(EntryId id) const noexcept;

    /// `vector` need not be of unit length.
    Insertion insert(const Partition& partition, EntryId id, std::span<const float> vector);
    /// False: there is none.
    bool erase(EntryId id);
    void clear();

    /// The entries of one partition that are most similar to `wanted`: at most `most`, none below `least`,
    /// the best first. None for a vector that is not usable.
    std::vector<Match> nearest(const Partition& partition, std::span<const float> wanted, std::size_t most,
                               float least) const;
    /// The ids of all entries, in no order.
    std::vector<EntryId> ids() const;

    /// Writes the index to a file, which is replaced only when all is written. Blocks. Problem
    /// storage_unavailable, naming the path.
    Status save(const std::filesystem::path& path) const;
    /// What `save` writes.
    std::string written() const;

private:
    friend Result<Index> read_index(std::string_view bytes, const ModelIdentity& model, IndexOptions options);
    struct State;
    std::unique_ptr<State> state_;
};

/// An index from the bytes of its file. Entries above `options.max_entries` are left out. Problem
/// invalid_configuration: damaged, or of another model; the caller then begins with an empty one.
Result<Index> read_index(std::string_view bytes, const ModelIdentity& model, IndexOptions options);
Result<Index> load_index(const std::filesystem::path& path, const ModelIdentity& model, IndexOptions options);

}  // namespace gatehouse::vector
