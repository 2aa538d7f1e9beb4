// Where the sentences of a grounded answer come from: Gemini's `groundingMetadata` as annotations of the chat
// dialect.
//
// Google counts bytes of UTF-8, the chat dialect characters; the answer itself is not kept, only where its
// characters begin. Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// Turns byte offsets of a text that has gone by into character offsets.
class CharacterRuler {
public:
    void add(std::string_view text);
    /// Characters that begin before byte `offset`; an offset behind the text counts as its end.
    std::size_t characters_before(std::size_t offset) const noexcept;
    std::size_t bytes() const noexcept { return ascii_ + begins_.size(); }

private:
    std::size_t ascii_{0};             // the text's first bytes, as long as all of them are ASCII
    std::vector<bool> begins_;         // of each byte behind them: a character begins here
    std::vector<std::size_t> blocks_;  // of each block of those: characters before it
    std::size_t characters_{0};        // all of them
};

/// `groundingMetadata` of one candidate. It may come in pieces, or again with every chunk: the newest value
/// of a member counts.
class Grounding {
public:
    void add(std::string_view metadata);
    bool empty() const noexcept { return supports_.empty() || chunks_.empty(); }
    /// One `{"type":"url_citation",…}` for each source of each passage. `part_begins`: where the parts of the
    /// answer begin in its text, in bytes, if they are known.
    std::vector<std::string> annotations(const CharacterRuler& ruler,
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

    std::vector<Source> chunks_;
    std::vector<Support> supports_;
};

}  // namespace gatehouse::dialect
