#include "anthropic_citations.hpp"

#include "blanks.hpp"
#include "character_ruler.hpp"
#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace gatehouse::dialect {
namespace {

/// In characters of the text at hand.
struct Cited {
    std::size_t begin{0};
    std::size_t end{0};
    const UrlCitation* citation{nullptr};
};

/// Those that this text has a part in, in the order of the text.
std::vector<Cited> cited_here(std::size_t begin, std::size_t size, std::span<const UrlCitation> citations) {
    std::vector<Cited> out;
    for (const auto& citation : citations) {
        const bool placed = citation.begin < citation.end;
        const auto from = placed && citation.begin > begin ? citation.begin - begin : 0;
        const auto to = !placed ? size : citation.end > begin ? std::min(citation.end - begin, size) : 0;
        if (from < to) {
            out.push_back({from, to, &citation});
        }
    }
    std::sort(out.begin(), out.end(), [](const Cited& left, const Cited& right) {
        return std::tie(left.begin, left.citation) < std::tie(right.begin, right.citation);
    });
    return out;
}

}  // namespace

bool AnthropicCitation::has_address() const noexcept {
    return (type == "web_search_result_location" || type == "search_result_location") && !url.empty();
}

bool AnthropicCitation::of_document() const noexcept {
    return type == "char_location" || type == "page_location" || type == "content_block_location";
}

AnthropicCitation read_anthropic_citation(std::string_view json) {
    AnthropicCitation citation;
    wire::JsonReader reader(json, reply_limits);
    if (!begin_object(reader)) {
        return citation;
    }
    while (reader.next_member()) {
        const auto key = reader.key();
        auto* const member = key == "type"                     ? &citation.type
                             : key == "url" || key == "source" ? &citation.url
                             : key == "title"                  ? &citation.title
                                                               : nullptr;
        if (member != nullptr && reader.peek() == wire::JsonType::string) {
            *member = reader.string();
        } else {
            reader.skip();
        }
    }
    return citation;
}

void write_anthropic_citation(JsonOut& json, const UrlCitation& citation, std::string_view mark) {
    json.begin_object().key("type").string("web_search_result_location").key("cited_text").string("");
    json.key("encrypted_index").string(mark).key("title");
    if (citation.title.empty()) {
        json.null();
    } else {
        json.string(citation.title);
    }
    json.key("url").string(citation.url).end_object();
}

std::vector<Passage> passages_of(std::string_view text, std::size_t begin,
                                 std::span<const UrlCitation> citations) {
    CharacterRuler ruler;
    ruler.add(text);
    std::vector<Passage> out;
    std::size_t done = 0;  // bytes that are in `out`
    const auto up_to = [&](std::size_t end) {
        const auto from = std::exchange(done, end);
        return text.substr(from, end - from);
    };
    const auto lengthen = [&](std::string_view blanks) {
        out.back().text = {out.back().text.data(), out.back().text.size() + blanks.size()};
    };
    const auto here = cited_here(begin, ruler.characters_before(text.size()), citations);
    for (auto next = here.begin(); next != here.end();) {
        auto end = next->end;
        Passage passage;
        const auto gap_end = ruler.bytes_before(next->begin);
        for (; next != here.end() && next->begin < end; ++next) {
            end = std::max(end, next->end);
            passage.cited.push_back(next->citation);
        }
        const auto passage_end = ruler.bytes_before(end);
        const auto gap = text.substr(done, gap_end - done);
        if (!is_blank(gap)) {
            out.push_back({up_to(gap_end), {}});
        } else if (!out.empty()) {
            lengthen(up_to(gap_end));
        }
        passage.text = up_to(passage_end);
        out.push_back(std::move(passage));
    }
    const auto rest = up_to(text.size());
    if (is_blank(rest) && !out.empty()) {
        lengthen(rest);
    } else if (!rest.empty()) {
        out.push_back({rest, {}});
    }
    return out;
}

}  // namespace gatehouse::dialect
