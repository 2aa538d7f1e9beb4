// A file in a directory of its own, gone at the end of the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gatehouse::test {

class TemporaryFile {
public:
    explicit TemporaryFile(std::string_view text) {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-file-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no directory for the test");
        }
        directory_ = pattern;
        write_into(text);
    }
    ~TemporaryFile() {
        std::error_code left_behind;
        std::filesystem::remove_all(directory_, left_behind);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::filesystem::path& directory() const noexcept { return directory_; }
    std::string path() const { return (directory_ / "file.yaml").string(); }
    /// The same file with other bytes.
    void write_into(std::string_view text) const { std::ofstream(path()) << text; }
    /// Another file of the same name.
    void replace(std::string_view text) const {
        const auto fresh = directory_ / "fresh";
        std::ofstream(fresh) << text;
        std::filesystem::rename(fresh, path());
    }

private:
    std::filesystem::path directory_;
};

}  // namespace gatehouse::test
