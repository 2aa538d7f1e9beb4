// What an answer cites, as Gemini's clients read it (wire-formats 6.3): the pages of a search with the
// passages that lean on them, and the same as sources of the answer.
//
// Google counts bytes of UTF-8, the chat dialect characters. Room: dialect, private. May include: core, wire.
#pragma once

#include "character_ruler.hpp"
#include "json_out.hpp"
#include "url_citation.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Of one candidate, gathered until its end.
class GeminiCitations {
public:
    /// Text of a stream, whose places count from its begin.
    void add_text(std::string_view text) { ruler_.add(text); }
    /// A part of a whole answer, within which its places count.
    void add_part(std::size_t index, std::string_view text);
    /// An annotation of the chat dialect. One that cites no page is passed over.
    void add(std::string_view annotation);
    /// The members `citationMetadata` and `groundingMetadata`; nothing if nothing is cited.
    void write(JsonOut& json) const;

private:
    struct Page {
        std::string url;
        std::string title;
        bool operator==(const Page&) const = default;
    };
    struct TextPart {
        std::size_t index{0};
        std::size_t begin{0};  // in the answer's text, in bytes
    };
    struct Support {
        std::size_t begin{0};  // in the answer's text, in bytes
        std::size_t end{0};
        std::vector<std::size_t> pages;
    };

    std::vector<Support> supports(const std::vector<Page>& pages) const;
    void write_sources(JsonOut& json, const std::vector<Page>& pages,
                       const std::vector<Support>& supports) const;
    void write_segment(JsonOut& json, const Support& support) const;

    CharacterRuler ruler_;
    std::vector<TextPart> parts_;
    std::vector<UrlCitation> citations_;
};

}  // namespace gatehouse::dialect
