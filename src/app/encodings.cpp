#include "encodings.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <system_error>

namespace gatehouse::app {
namespace {

std::filesystem::path rank_directory() {
    std::error_code error;
    const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto beside = executable.parent_path();
    const std::array places{beside / "ranks", beside.parent_path() / "ranks",
                            std::filesystem::path("/usr/local/share/gatehouse/ranks")};
    for (const auto& place : places) {
        if (std::filesystem::is_directory(place, error)) {
            return place;
        }
    }
    return places.back();
}

std::shared_ptr<const tokens::Encoding> load(const std::filesystem::path& file) {
    auto encoding = tokens::load_encoding(file);
    if (!encoding) {
        telemetry::log(telemetry::LogLevel::info, "token_counts_are_estimates",
                       {{"reason", encoding.problem().message()}});
        return nullptr;
    }
    return std::move(*encoding);
}

}  // namespace

tokens::Encodings load_encodings() {
    const auto directory = rank_directory();
    tokens::Encodings encodings;
    encodings.o200k = load(directory / "o200k_base.ranks");
    encodings.cl100k = load(directory / "cl100k_base.ranks");
    return encodings;
}

}  // namespace gatehouse::app
