#include "source_text.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gatehouse::architecture {
namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

enum class Part { code, comment, literal, directive };

/// Walks a text once and says of every character what it is part of.
class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text), parts_(text.size(), Part::code) {}

    std::vector<Part> run() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(parts_);
    }

private:
    void step() {
        const char c = text_[at_];
        if (c == '\n') {
            line_is_blank_ = true;
            take(1, Part::code);
        } else if (starts("//")) {
            take_until_line_end(Part::comment);
        } else if (starts("/*")) {
            const auto end = text_.find("*/", at_ + 2);
            take(end == std::string_view::npos ? text_.size() - at_ : end + 2 - at_, Part::comment);
        } else if (c == '#' && line_is_blank_) {
            take_until_line_end(Part::directive);
        } else if (c == '"' || c == '\'') {
            take_quoted(c);
        } else if (is_word(c)) {
            take_word();
        } else {
            line_is_blank_ = line_is_blank_ && std::isspace(static_cast<unsigned char>(c)) != 0;
            take(1, Part::code);
        }
    }

    bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    void take(std::size_t count, Part part) {
        std::fill_n(parts_.begin() + static_cast<std::ptrdiff_t>(at_), count, part);
        at_ += count;
    }

    void take_until_line_end(Part part) {
        while (at_ < text_.size() && text_[at_] != '\n') {
            if (part == Part::directive && (starts("//") || starts("/*"))) {
                return;
            }
            take(starts("\\\n") ? 2 : 1, part);
        }
    }

    void take_quoted(char quote) {
        line_is_blank_ = false;
        take(1, Part::code);
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            take(text_[at_] == '\\' && at_ + 1 < text_.size() ? 2 : 1, Part::literal);
        }
        if (at_ < text_.size() && text_[at_] == quote) {
            take(1, Part::code);
        }
    }

    void take_word() {
        line_is_blank_ = false;
        const auto begin = at_;
        const bool number = is_digit(text_[at_]);
        while (at_ < text_.size() && (is_word(text_[at_]) || (number && separates_digits()))) {
            take(1, Part::code);
        }
        if (at_ < text_.size() && text_[at_] == '"' && text_.substr(begin, at_ - begin).ends_with('R')) {
            take_raw_string();
        }
    }

    bool separates_digits() const {
        return text_[at_] == '.' || (text_[at_] == '\'' && at_ + 1 < text_.size() && is_word(text_[at_ + 1]));
    }

    void take_raw_string() {
        const auto open = text_.find('(', at_);
        if (open == std::string_view::npos) {
            take(text_.size() - at_, Part::literal);
            return;
        }
        const auto closing = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
        const auto end = text_.find(closing, open);
        take(1, Part::code);
        take(end == std::string_view::npos ? text_.size() - at_ : end + closing.size() - 1 - at_,
             Part::literal);
        if (at_ < text_.size()) {
            take(1, Part::code);
        }
    }

    std::string_view text_;
    std::vector<Part> parts_;
    std::size_t at_{0};
    bool line_is_blank_{true};
};

std::string keep(std::string_view text, Part wanted) {
    const auto parts = Lexer(text).run();
    std::string kept(text);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (parts[i] != wanted && kept[i] != '\n') {
            kept[i] = ' ';
        }
    }
    return kept;
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + file.string());
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<SourceFile> read_sources(const std::filesystem::path& top,
                                     const std::vector<std::string>& roots) {
    std::vector<SourceFile> files;
    for (const auto& root : roots) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(top / root)) {
            const auto extension = entry.path().extension();
            if (!entry.is_regular_file() || (extension != ".cpp" && extension != ".hpp") ||
                entry.path().string().find("/node_modules/") != std::string::npos) {
                continue;
            }
            files.push_back({entry.path().lexically_relative(top).generic_string(), read_text(entry.path())});
        }
    }
    std::ranges::sort(files, {}, &SourceFile::path);
    return files;
}

std::string code_only(std::string_view text) {
    return keep(text, Part::code);
}

std::string comments_only(std::string_view text) {
    return keep(text, Part::comment);
}

int line_at(std::string_view text, std::size_t position) {
    return 1 + static_cast<int>(std::ranges::count(text.substr(0, position), '\n'));
}

std::vector<Include> includes_of(std::string_view text) {
    const auto directives = keep(text, Part::directive);
    std::vector<Include> includes;
    for (std::size_t at = directives.find('#'); at != std::string::npos; at = directives.find('#', at + 1)) {
        auto name = at + 1;
        while (name < directives.size() && directives[name] == ' ') {
            ++name;
        }
        if (!std::string_view(directives).substr(name).starts_with("include")) {
            continue;
        }
        const auto open = directives.find_first_of("<\"\n", name);
        if (open == std::string::npos || directives[open] == '\n') {
            continue;
        }
        const auto close = directives.find_first_of(">\"\n", open + 1);
        includes.push_back(
            {directives.substr(open + 1, close - open - 1), directives[open] == '"', line_at(text, at)});
    }
    return includes;
}

bool fits(std::string_view pattern, std::string_view text) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == text;
    }
    if (!text.starts_with(pattern.substr(0, star))) {
        return false;
    }
    for (auto rest = star; rest <= text.size(); ++rest) {
        if (fits(pattern.substr(star + 1), text.substr(rest))) {
            return true;
        }
    }
    return false;
}

std::vector<std::size_t> find_word(std::string_view code, std::string_view word) {
    std::vector<std::size_t> found;
    for (auto at = code.find(word); at != std::string_view::npos; at = code.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_word(code[at - 1])) && (end == code.size() || !is_word(code[end]))) {
            found.push_back(at);
        }
    }
    return found;
}

}  // namespace gatehouse::architecture
