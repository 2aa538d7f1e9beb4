#include "gemini_client_citations.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace gatehouse::dialect {
namespace {

/// As protobuf writes a number: 0 is not said.
void write_place(JsonOut& json, std::string_view name, std::size_t place) {
    if (place != 0) {
        json.key(name).integer(static_cast<std::int64_t>(place));
    }
}

}  // namespace

void GeminiCitations::add_part(std::size_t index, std::string_view text) {
    parts_.push_back({index, ruler_.bytes()});
    ruler_.add(text);
}

void GeminiCitations::add(std::string_view annotation) {
    auto citation = read_url_citation(annotation);
    if (citation && citations_.size() < most_citations) {
        citations_.push_back(*std::move(citation));
    }
}

/// Citations of one passage together. Those that have no place in the text have their page alone.
std::vector<GeminiCitations::Support> GeminiCitations::supports(const std::vector<Page>& pages) const {
    std::vector<Support> out;
    for (const auto& citation : citations_) {
        const auto begin = ruler_.bytes_before(citation.begin);
        const auto end = ruler_.bytes_before(citation.end);
        if (begin >= end) {
            continue;
        }
        if (out.empty() || out.back().begin != begin || out.back().end != end) {
            out.push_back({begin, end, {}});
        }
        const auto page = std::find(pages.begin(), pages.end(), Page{citation.url, citation.title});
        const auto number = static_cast<std::size_t>(page - pages.begin());
        auto& said = out.back().pages;
        if (std::find(said.begin(), said.end(), number) == said.end()) {
            said.push_back(number);
        }
    }
    return out;
}

void GeminiCitations::write(JsonOut& json) const {
    std::vector<Page> pages;
    for (const auto& citation : citations_) {
        Page page{citation.url, citation.title};
        if (std::find(pages.begin(), pages.end(), page) == pages.end()) {
            pages.push_back(std::move(page));
        }
    }
    if (pages.empty()) {
        return;
    }
    const auto leaning = supports(pages);
    write_sources(json, pages, leaning);
    json.key("groundingMetadata").begin_object().key("groundingChunks").begin_array();
    for (const auto& page : pages) {
        json.begin_object().key("web").begin_object().key("uri").string(page.url);
        json.key("title").string(page.title).end_object().end_object();
    }
    json.end_array();
    if (!leaning.empty()) {
        json.key("groundingSupports").begin_array();
        for (const auto& support : leaning) {
            write_segment(json, support);
        }
        json.end_array();
    }
    json.end_object();
}

void GeminiCitations::write_sources(JsonOut& json, const std::vector<Page>& pages,
                                    const std::vector<Support>& supports) const {
    if (supports.empty()) {
        return;
    }
    json.key("citationMetadata").begin_object().key("citationSources").begin_array();
    for (const auto& support : supports) {
        for (const auto page : support.pages) {
            json.begin_object();
            write_place(json, "startIndex", support.begin);
            write_place(json, "endIndex", support.end);
            json.key("uri").string(pages[page].url).end_object();
        }
    }
    json.end_array().end_object();
}

/// A passage ends with the part that it begins in.
void GeminiCitations::write_segment(JsonOut& json, const Support& support) const {
    TextPart part;
    auto end = support.end;
    const auto next = std::find_if(parts_.begin(), parts_.end(),
                                   [&](const TextPart& each) { return each.begin > support.begin; });
    if (next != parts_.begin()) {
        part = *std::prev(next);
    }
    if (next != parts_.end()) {
        end = std::min(end, next->begin);
    }
    json.begin_object().key("segment").begin_object();
    write_place(json, "partIndex", part.index);
    write_place(json, "startIndex", support.begin - part.begin);
    write_place(json, "endIndex", end - part.begin);
    json.end_object().key("groundingChunkIndices").begin_array();
    for (const auto page : support.pages) {
        json.integer(static_cast<std::int64_t>(page));
    }
    json.end_array().end_object();
}

}  // namespace gatehouse::dialect
