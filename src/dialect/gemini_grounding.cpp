#include "gemini_grounding.hpp"

#include "json_out.hpp"
#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

// Of one answer; far above it, somebody fills our memory.
constexpr std::size_t most_annotations = 4096;
constexpr std::size_t block_size = 1024;  // bytes that are counted one by one

bool begins_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

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

void CharacterRuler::add(std::string_view text) {
    if (begins_.empty()) {
        const auto ascii = static_cast<std::size_t>(
            std::find_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }) -
            text.begin());
        ascii_ += ascii;
        text.remove_prefix(ascii);
    }
    for (const char c : text) {
        if (begins_.size() % block_size == 0) {
            blocks_.push_back(characters_);
        }
        const bool begins = begins_character(c);
        begins_.push_back(begins);
        characters_ += begins ? 1U : 0U;
    }
}

std::size_t CharacterRuler::characters_before(std::size_t offset) const noexcept {
    if (offset <= ascii_) {
        return offset;
    }
    const auto rest = offset - ascii_;
    if (rest >= begins_.size()) {
        return ascii_ + characters_;
    }
    const auto block = rest / block_size;
    const auto at = [&](std::size_t index) { return begins_.begin() + static_cast<std::ptrdiff_t>(index); };
    const auto inside = std::count(at(block * block_size), at(rest), true);
    return ascii_ + blocks_[block] + static_cast<std::size_t>(inside);
}

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
        if (supports.size() == most_annotations || json.peek() != JsonType::object) {
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

std::vector<std::string> Grounding::annotations(const CharacterRuler& ruler,
                                                const std::vector<std::size_t>& part_begins) const {
    std::vector<std::string> out;
    for (const auto& support : supports_) {
        const auto base = support.part < part_begins.size() ? part_begins[support.part] : 0;
        const auto begin = ruler.characters_before(base + support.begin);
        const auto end = ruler.characters_before(base + support.end);
        for (const auto index : support.sources) {
            if (index >= chunks_.size() || chunks_[index].url.empty() || end <= begin ||
                out.size() == most_annotations) {
                continue;
            }
            JsonOut json(out.emplace_back());
            json.begin_object().key("type").string("url_citation").key("url_citation").begin_object();
            json.key("start_index").integer(static_cast<std::int64_t>(begin));
            json.key("end_index").integer(static_cast<std::int64_t>(end));
            json.key("url").string(chunks_[index].url).key("title").string(chunks_[index].title);
            json.end_object().end_object();
        }
    }
    return out;
}

}  // namespace gatehouse::dialect
