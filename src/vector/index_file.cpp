// The file of an index, little endian: `GHINDEX1`; SHA-256 of all that follows (32 bytes); id and version of
// the model (each: length in 1 byte, text) and its dimensions (4 bytes); the number of entries (8 bytes); of
// every entry its partition (32 bytes), id (8 bytes), worth (a float) and code (a byte for each dimension).
// Sketches are made anew.
#include "byte_reader.hpp"
#include "index_state.hpp"

#include "gatehouse/vector/index.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace gatehouse::vector {
namespace {

constexpr std::string_view index_magic = "GHINDEX1";

template <class T>
void append(std::string& bytes, const T& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_text(std::string& bytes, std::string_view text) {
    text = text.substr(0, 255);
    bytes += static_cast<char>(text.size());
    bytes += text;
}

Problem no_index(const std::string& why) {
    return Problem(ProblemKind::invalid_configuration, "not an index file: " + why);
}

Problem unwritable(const std::filesystem::path& path) {
    return Problem(ProblemKind::storage_unavailable, path.string() + ": cannot be written");
}

}  // namespace

std::string Index::written() const {
    std::string body;
    body.reserve(1024 + size() * (sizeof(Partition) + 12 + state_->model.dimensions));
    append_text(body, state_->model.id);
    append_text(body, state_->model.version);
    append(body, state_->model.dimensions);
    append(body, std::uint64_t{size()});
    for (const auto& [name, entries] : state_->partitions) {
        for (const Slot slot : entries->slots()) {
            const Entry& entry = state_->pool.entry(slot);
            const auto code = std::as_const(state_->pool).code(slot);
            append(body, name);
            append(body, entry.id);
            append(body, entry.worth);
            body.append(reinterpret_cast<const char*>(code.data()), code.size());
        }
    }
    std::string file(index_magic);
    append(file, sha256(body));
    file += body;
    return file;
}

Status Index::save(const std::filesystem::path& path) const {
    auto beside = path;
    beside += ".new";
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file << written();
    file.close();
    std::error_code error;
    if (file) {
        std::filesystem::rename(beside, path, error);
    }
    if (!file || error) {
        std::filesystem::remove(beside, error);
        return unwritable(path);
    }
    return done();
}

Result<Index> read_index(std::string_view bytes, const ModelIdentity& model, IndexOptions options) {
    ByteReader from(bytes);
    if (from.take(index_magic.size()) != index_magic) {
        return no_index("it does not begin as one");
    }
    const auto digest = from.number<Digest>();
    if (digest != sha256(from.rest())) {
        return no_index("its checksum is wrong");
    }
    ModelIdentity of;
    of.id = from.text();
    of.version = from.text();
    of.dimensions = from.number<std::uint32_t>();
    const auto count = from.number<std::uint64_t>();
    if (from.broken() || of != model) {
        return no_index("it is of another model: " + of.id + " " + of.version);
    }
    Index index(model, options);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto partition = from.number<Partition>();
        const auto id = from.number<EntryId>();
        const auto worth = from.number<float>();
        const auto code = from.numbers<std::int8_t>(model.dimensions);
        if (from.broken() || !std::isfinite(worth) || worth < 0 || index.contains(id) ||
            std::find(code.begin(), code.end(), std::int8_t{-128}) != code.end()) {
            return no_index("its entries are broken");
        }
        if (index.size() < options.max_entries) {
            index.state_->add(partition, id, code, worth);
        }
    }
    if (!from.at_end()) {
        return no_index("more follows behind its entries");
    }
    return index;
}

Result<Index> load_index(const std::filesystem::path& path, const ModelIdentity& model,
                         IndexOptions options) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Problem(ProblemKind::invalid_configuration, path.string() + ": cannot be read");
    }
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto index = read_index(bytes, model, options);
    if (!index) {
        return Problem(ProblemKind::invalid_configuration, path.string() + ": " + index.problem().message());
    }
    return index;
}

}  // namespace gatehouse::vector
