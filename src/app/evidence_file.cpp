#include "evidence_file.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace gatehouse::app {
namespace {

using telemetry::LogLevel;

bool write_whole(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    return file.good();
}

}  // namespace

void EvidenceFile::open(const std::string& directory, pipeline::EvidenceBook& evidence) {
    path_ = (std::filesystem::path(directory) / "cache-evidence.json").string();
    std::error_code error;
    if (std::filesystem::exists(path_, error)) {
        std::ifstream file(path_, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        if (!evidence.read(text)) {
            // Weeks of labels: whoever knows what has happened to them finds them there.
            std::filesystem::rename(path_, path_ + ".unreadable", error);
            telemetry::log(LogLevel::warning, "cache_evidence_unreadable",
                           {{"path", path_}, {"kept_as", path_ + ".unreadable"}});
        }
    }
    saved_ = evidence.written();
}

void EvidenceFile::save(const pipeline::EvidenceBook& evidence) {
    auto text = evidence.written();
    if (path_.empty() || text == saved_) {
        return;
    }
    // Beside it and then in its place: a crash leaves the old one.
    const auto beside = path_ + ".new";
    std::error_code error;
    if (write_whole(beside, text)) {
        std::filesystem::rename(beside, path_, error);
    } else {
        error = std::make_error_code(std::errc::io_error);
    }
    if (error) {
        telemetry::log(LogLevel::warning, "cache_evidence_not_written",
                       {{"path", path_}, {"reason", error.message()}});
        return;
    }
    saved_ = std::move(text);
}

}  // namespace gatehouse::app
