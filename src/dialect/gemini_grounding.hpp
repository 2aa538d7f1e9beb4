// Where the sentences of an answer come from: Gemini's `groundingMetadata` and `citationMetadata` as
// annotations of the chat dialect.
//
// Google counts bytes of UTF-8, the chat dialect characters. Room: dialect, private. May include: core, wire.
#pragma once

#include "character_ruler.hpp"
#include "url_citation.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Of one candidate.
class Grounding {
public:
    /// `groundingMetadata`. It may come in pieces, or again with every chunk: the newest value of a member
    /// counts.
    void add(std::string_view metadata);
    /// `citationMetadata`: what was found word by word in somebody's pages. What comes again counts once.
    void add_quotes(std::string_view metadata);
    bool empty() const noexcept { return quotes_.empty() && (supports_.empty() || chunks_.empty()); }
    /// One for each source of each passage. `part_begins`: where the parts of the answer begin in its text,
    /// in bytes, if they are known.
    std::vector<UrlCitation> citations(const CharacterRuler& ruler,
                                       const std::vector<std::size_t>& part_begins) const;

private:
    struct Source {
        std::string url;
        std::string title;
    };
    struct Support {
        std::size_t begin{0};
        std::size_t end{0};
        std::size_t part{0};
        std::vector<std::size_t> sources;
    };

    static void read_chunks(wire::JsonReader& json, std::vector<Source>& chunks);
    static void read_source(wire::JsonReader& json, Source& source);
    static void read_supports(wire::JsonReader& json, std::vector<Support>& supports);
    static void read_segment(wire::JsonReader& json, Support& support);
    void read_quote(wire::JsonReader& json);

    std::vector<Source> chunks_;
    std::vector<Support> supports_;
    std::vector<UrlCitation> quotes_;  // in bytes
};

}  // namespace gatehouse::dialect
