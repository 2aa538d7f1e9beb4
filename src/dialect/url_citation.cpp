#include "url_citation.hpp"

#include "json_out.hpp"
#include "openai_words.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <cstdint>

namespace gatehouse::dialect {
namespace {

std::string read_words(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::string) {
        json.skip();
        return {};
    }
    return json.string();
}

std::size_t read_place(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::number) {
        json.skip();
        return 0;
    }
    return static_cast<std::size_t>(std::max<std::int64_t>(json.integer().value_or(0), 0));
}

}  // namespace

std::string annotation_of(const UrlCitation& citation) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("type").string("url_citation").key("url_citation").begin_object();
    json.key("start_index").integer(static_cast<std::int64_t>(citation.begin));
    json.key("end_index").integer(static_cast<std::int64_t>(citation.end));
    json.key("url").string(citation.url).key("title").string(citation.title).end_object().end_object();
    return out;
}

std::optional<UrlCitation> read_url_citation(std::string_view annotation) {
    UrlCitation citation;
    wire::JsonReader json(annotation, reply_limits);
    if (!begin_object(json)) {
        return std::nullopt;
    }
    while (json.next_member()) {
        if (json.key() != "url_citation") {
            json.skip();
        } else if (begin_object(json)) {
            while (json.next_member()) {
                const auto key = json.key();
                if (key == "url") {
                    citation.url = read_words(json);
                } else if (key == "title") {
                    citation.title = read_words(json);
                } else if (key == "start_index") {
                    citation.begin = read_place(json);
                } else if (key == "end_index") {
                    citation.end = read_place(json);
                } else {
                    json.skip();
                }
            }
        }
    }
    return json.finish() && !citation.url.empty() ? std::optional(std::move(citation)) : std::nullopt;
}

}  // namespace gatehouse::dialect
