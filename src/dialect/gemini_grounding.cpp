#include "gemini_grounding.hpp"

#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

std::string read_text(JsonReader& json) {
    if (json.peek() != JsonType::string) {
        json.skip();
        return {};
    }
    return json.string();
}

std::size_t read_index(JsonReader& json) {
    if (json.peek() != JsonType::number) {
        json.skip();
        return 0;
    }
    const auto number = json.integer().value_or(0);
    return number > 0 ? static_cast<std::size_t>(number) : 0;
}

}  // namespace

void Grounding::add(std::string_view metadata) {
    JsonReader json(metadata, reply_limits);
    std::vector<Source> chunks;
    std::vector<Support> supports;
    json.begin_object();
    while (json.next_member()) {
        if (json.key() == "groundingChunks") {
            read_chunks(json, chunks);
        } else if (json.key() == "groundingSupports") {
            read_supports(json, supports);
        } else {
            json.skip();
        }
    }
    if (!chunks.empty()) {
        chunks_ = std::move(chunks);
    }
    if (!supports.empty()) {
        supports_ = std::move(supports);
    }
}

void Grounding::read_chunks(JsonReader& json, std::vector<Source>& chunks) {
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        auto& chunk = chunks.emplace_back();
        if (!begin_object(json)) {
            continue;
        }
        while (json.next_member()) {
            if (json.key() == "web") {
                read_source(json, chunk);
            } else {
                json.skip();
            }
        }
    }
}

void Grounding::read_source(JsonReader& json, Source& source) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "uri") {
            source.url = read_text(json);
        } else if (json.key() == "title") {
            source.title = read_text(json);
        } else {
            json.skip();
        }
    }
}

void Grounding::read_supports(JsonReader& json, std::vector<Support>& supports) {
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        if (supports.size() == most_citations || json.peek() != JsonType::object) {
            json.skip();
            continue;
        }
        auto& support = supports.emplace_back();
        json.begin_object();
        while (json.next_member()) {
            if (json.key() == "segment") {
                read_segment(json, support);
            } else if (json.key() != "groundingChunkIndices") {
                json.skip();
            } else if (begin_array(json)) {
                while (json.next_element()) {
                    support.sources.push_back(read_index(json));
                }
            }
        }
    }
}

void Grounding::read_segment(JsonReader& json, Support& support) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "startIndex") {
            support.begin = read_index(json);
        } else if (json.key() == "endIndex") {
            support.end = read_index(json);
        } else if (json.key() == "partIndex") {
            support.part = read_index(json);
        } else {
            json.skip();
        }
    }
}

void Grounding::add_quotes(std::string_view metadata) {
    JsonReader json(metadata, reply_limits);
    json.begin_object();
    while (json.next_member()) {
        const bool sources = json.key() == "citationSources" || json.key() == "citations";  // as Vertex AI
        if (!sources) {
            json.skip();
        } else if (begin_array(json)) {
            while (json.next_element()) {
                read_quote(json);
            }
        }
    }
}

void Grounding::read_quote(JsonReader& json) {
    UrlCitation quote;
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "uri") {
            quote.url = read_text(json);
        } else if (json.key() == "title") {
            quote.title = read_text(json);
        } else if (json.key() == "startIndex") {
            quote.begin = read_index(json);
        } else if (json.key() == "endIndex") {
            quote.end = read_index(json);
        } else {
            json.skip();
        }
    }
    if (!quote.url.empty() && quotes_.size() < most_citations) {
        quotes_.push_back(std::move(quote));
    }
}

std::vector<UrlCitation> Grounding::citations(const CharacterRuler& ruler,
                                              const std::vector<std::size_t>& part_begins) const {
    std::vector<UrlCitation> out;
    std::set<std::tuple<std::size_t, std::size_t, std::string_view>> told;
    const auto add_cited = [&](const std::string& url, const std::string& title, std::size_t from,
                               std::size_t to) {
        const auto begin = ruler.characters_before(from);
        const auto end = ruler.characters_before(to);
        if (!url.empty() && begin < end && out.size() < most_citations &&
            told.emplace(begin, end, url).second) {
            out.push_back({url, title, begin, end});
        }
    };
    for (const auto& support : supports_) {
        const auto base = support.part < part_begins.size() ? part_begins[support.part] : 0;
        for (const auto index : support.sources) {
            if (index < chunks_.size()) {
                const auto& source = chunks_[index];
                add_cited(source.url, source.title, base + support.begin, base + support.end);
            }
        }
    }
    for (const auto& quote : quotes_) {
        add_cited(quote.url, quote.title, quote.begin, quote.end);
    }
    return out;
}

}  // namespace gatehouse::dialect
