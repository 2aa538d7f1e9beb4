// The effects of the room: the process environment and files.
#include "document.hpp"

#include "gatehouse/config/load.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace gatehouse::config {
namespace {

constexpr std::size_t longest_secret_file = 64UL * 1024;

/// A regular file's bytes; nothing when it cannot be read or is longer. A pipe would block, a device never
/// ends.
std::optional<std::string> read_file(const std::string& path, std::size_t most) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure)) {
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    std::string bytes(most + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    if (file.bad() || !(file.eof() || count > most) || count > most) {
        return std::nullopt;
    }
    bytes.resize(count);
    return bytes;
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Sources process_sources() {
    Sources sources;
    sources.environment = environment;
    sources.file = [](const std::string& path) { return read_file(path, longest_secret_file); };
    sources.document = [](const std::string& path) { return read_file(path, DocumentLimits::bytes); };
    return sources;
}

Result<Loaded> load_file(const std::string& path, const Sources& sources) {
    const auto yaml = read_file(path, DocumentLimits::bytes);
    if (!yaml) {
        return Problem(
            ProblemKind::invalid_configuration,
            fmt::format("{}: cannot be read, is not a regular file or is larger than 4 MiB", path));
    }
    return load_text(*yaml, sources);
}

}  // namespace gatehouse::config
