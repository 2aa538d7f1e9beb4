#include "gatehouse/tokens/tokenizer.hpp"

#include "merge.hpp"
#include "rank_table.hpp"
#include "splitter.hpp"

#include <fstream>
#include <unordered_set>
#include <utility>

namespace gatehouse::tokens {
namespace {

constexpr std::string_view magic = "GHRANKS1";
constexpr std::size_t most_tokens = std::size_t{1} << 24;
constexpr std::streamoff most_bytes = 64 << 20;

Problem bad(std::string why) {
    return Problem(ProblemKind::invalid_configuration, std::move(why));
}

std::string objection(const std::vector<std::string>& tokens) {
    if (tokens.size() > most_tokens) {
        return "the rank file has too many tokens";
    }
    std::unordered_set<std::string_view> seen;
    std::size_t single_bytes = 0;
    for (const auto& token : tokens) {
        if (token.empty() || token.size() > 255) {
            return "the rank file has a token that is empty or too long";
        }
        if (!seen.insert(token).second) {
            return "the rank file has a token twice";
        }
        single_bytes += token.size() == 1 ? 1 : 0;
    }
    return single_bytes == 256 ? "" : "the rank file lacks single bytes";
}

}  // namespace

struct Encoding::Parts {
    SplitPattern pattern;
    RankTable table;
};

Encoding::Encoding(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Encoding::~Encoding() = default;

std::size_t Encoding::count(std::string_view text) const {
    std::size_t counted = 0;
    std::vector<TokenId> merged;
    Splitter splitter(parts_->pattern, text);
    for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
        if (parts_->table.find(piece) != RankTable::none) {
            ++counted;
        } else {
            merged.clear();
            merge_piece(parts_->table, piece, merged);
            counted += merged.size();
        }
    }
    return counted;
}

std::vector<TokenId> Encoding::encode(std::string_view text) const {
    std::vector<TokenId> ids;
    ids.reserve(text.size() / 4);
    Splitter splitter(parts_->pattern, text);
    for (auto piece = splitter.next(); !piece.empty(); piece = splitter.next()) {
        if (const TokenId whole = parts_->table.find(piece); whole != RankTable::none) {
            ids.push_back(whole);
        } else {
            merge_piece(parts_->table, piece, ids);
        }
    }
    return ids;
}

Result<std::string> Encoding::decode(std::span<const TokenId> ids) const {
    std::string text;
    for (const TokenId id : ids) {
        if (id >= parts_->table.size()) {
            return Problem(ProblemKind::invalid_value,
                           "there is no token " + std::to_string(id) + " in this encoding");
        }
        text += parts_->table.bytes(id);
    }
    return text;
}

SplitPattern Encoding::pattern() const noexcept {
    return parts_->pattern;
}

std::size_t Encoding::size() const noexcept {
    return parts_->table.size();
}

Result<std::shared_ptr<const Encoding>> make_encoding(SplitPattern pattern, std::vector<std::string> tokens) {
    if (auto why = objection(tokens); !why.empty()) {
        return bad(std::move(why));
    }
    return std::make_shared<const Encoding>(
        std::make_unique<const Encoding::Parts>(Encoding::Parts{pattern, RankTable(tokens)}));
}

Result<std::shared_ptr<const Encoding>> read_encoding(std::string_view bytes) {
    constexpr std::size_t head = magic.size() + 5;
    if (bytes.size() < head || !bytes.starts_with(magic)) {
        return bad("this is no rank file");
    }
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    const unsigned pattern = byte(magic.size());
    if (pattern != unsigned{1} && pattern != unsigned{2}) {
        return bad("the rank file's split pattern is unknown");
    }
    std::size_t count = 0;
    for (std::size_t place = head; place-- > head - 4;) {
        count = count << 8 | byte(place);
    }
    if (count > (bytes.size() - head) / 2) {
        return bad("the rank file is cut short");
    }
    std::vector<std::string> tokens;
    tokens.reserve(count);
    std::size_t at = head;
    while (tokens.size() < count) {
        if (at == bytes.size() || bytes.size() - at - 1 < byte(at)) {
            return bad("the rank file is cut short");
        }
        tokens.emplace_back(bytes.substr(at + 1, byte(at)));
        at += 1 + std::size_t{byte(at)};
    }
    if (at != bytes.size()) {
        return bad("the rank file goes on behind its last token");
    }
    return make_encoding(static_cast<SplitPattern>(pattern), std::move(tokens));
}

Result<std::shared_ptr<const Encoding>> load_encoding(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
    if (size < 0 || size > most_bytes) {
        return bad(path.string() + (size < 0 ? ": cannot be read" : ": too large for a rank file"));
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    file.seekg(0);
    if (!file.read(bytes.data(), size)) {
        return bad(path.string() + ": cannot be read");
    }
    auto encoding = read_encoding(bytes);
    if (!encoding) {
        return bad(path.string() + ": " + encoding.problem().message());
    }
    return encoding;
}

}  // namespace gatehouse::tokens
