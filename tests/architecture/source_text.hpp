// Source files as the architecture tests see them: the tree, the text without comments and literals, the
// includes.
//
// A lexer of the few C++ things that matter here, not a parser.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::architecture {

struct SourceFile {
    std::string path;  // relative to the top of the tree, with forward slashes
    std::string text;
};

/// All .cpp and .hpp files below `roots` (relative to `top`), sorted by path. Throws when a file cannot be
/// read.
std::vector<SourceFile> read_sources(const std::filesystem::path& top, const std::vector<std::string>& roots);

/// One file's whole text. Throws when it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// The text with comments, contents of literals and preprocessor lines turned to spaces. Line breaks stay, so
/// that positions still tell the line.
std::string code_only(std::string_view text);

/// The same, but comments only are kept: everything else is turned to spaces.
std::string comments_only(std::string_view text);

/// 1-based line of a position.
int line_at(std::string_view text, std::size_t position);

struct Include {
    std::string name;
    bool quoted{false};
    int line{0};
};

/// Every `#include` outside comments, in order.
std::vector<Include> includes_of(std::string_view text);

/// Something that breaks a rule.
struct Finding {
    int line{0};
    std::string what;
};

/// Does `text` fit `pattern`, in which `*` stands for any text?
bool fits(std::string_view pattern, std::string_view text);

/// Positions of `word` in `code` where it stands alone as an identifier.
std::vector<std::size_t> find_word(std::string_view code, std::string_view word);

}  // namespace gatehouse::architecture
