// A page that a passage of an answer cites. The neutral form is the annotation of the chat dialect, as JSON.
//
// Room: dialect, private. May include: core, wire.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

// Of one answer; far above it, somebody fills our memory.
inline constexpr std::size_t most_citations = 4096;

struct UrlCitation {
    std::string url;
    std::string title;
    std::size_t begin{0};  // of the passage, in characters of the answer
    std::size_t end{0};
};

/// `{"type":"url_citation","url_citation":{…}}`.
std::string annotation_of(const UrlCitation& citation);
/// Nothing for an annotation that cites no page. Places that are no whole numbers are 0.
std::optional<UrlCitation> read_url_citation(std::string_view annotation);

}  // namespace gatehouse::dialect
