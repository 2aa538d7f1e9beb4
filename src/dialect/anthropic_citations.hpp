// Citations in Anthropic's words, both ways: on its blocks of text, and the neutral form.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "json_out.hpp"
#include "url_citation.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A citation that a provider put on a block. Only two kinds say where a reader can look it up himself.
struct AnthropicCitation {
    std::string type;
    std::string url;
    std::string title;

    /// A page, or what the client gave as a search result under an address.
    bool has_address() const noexcept;
    /// A passage of a document in the request. No other vendor has such a form.
    bool of_document() const noexcept;
};

/// All empty for what is no citation.
AnthropicCitation read_anthropic_citation(std::string_view json);

/// One of a page, for a client. `mark` stands in the place of Anthropic's own index, which nobody else can
/// make: by it the gateway knows the citation when it comes back. What the page says is not known.
void write_anthropic_citation(JsonOut& json, const UrlCitation& citation, std::string_view mark);

/// A piece of a text, with what it cites.
struct Passage {
    std::string_view text;
    std::vector<const UrlCitation*> cited;
};

/// Cuts a text of an answer, which begins at character `begin` there, into pieces that cite and pieces that
/// do not, as Anthropic's blocks are. Passages that overlap become one; blanks between two stay with the
/// first, since Anthropic refuses a block of blanks. What is said to have no place in the answer is on the
/// whole.
std::vector<Passage> passages_of(std::string_view text, std::size_t begin,
                                 std::span<const UrlCitation> citations);

}  // namespace gatehouse::dialect
