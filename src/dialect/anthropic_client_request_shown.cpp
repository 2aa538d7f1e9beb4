#include "anthropic_client_request.hpp"
#include "openai_chat_request.hpp"
#include "other_fields.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::MediaKind;
using chat::Part;

enum class SourceType : std::uint8_t { base64, url, file, text, content };
constexpr std::array<std::string_view, 5> source_types{"base64", "url", "file", "text", "content"};
constexpr std::size_t image_source_types = 3;  // the first ones

/// What a source says under the names of all types, since `type` may come last.
struct Source {
    std::optional<SourceType> type;
    std::optional<std::string> media_type;
    std::optional<std::string> data;
    std::optional<std::string> url;
    std::optional<std::string> file_id;
    std::optional<std::string> text;  // of nested blocks
    std::vector<Part> images;         // of nested blocks
};

void read_text(FieldReader& fields, const Place& at, std::vector<Part>& parts) {
    Part part;
    std::optional<std::string> text;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "text") {
            text = fields.string({at, "text"});
        } else if (key == "cache_control") {
            part.cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();  // citations of an answer that comes back are no loss
        }
    }
    if (!text) {
        fields.missing({at, "text"});
    }
    part.what = chat::Text{std::move(text).value_or("")};
    parts.push_back(std::move(part));
}

std::string joined_texts(const std::vector<Part>& parts) {
    std::string out;
    for (const auto& part : parts) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            out += out.empty() ? "" : "\n";
            out += text->text;
        }
    }
    return out;
}

/// `citations`: what was asked for is lost, that nothing was asked for is not.
void read_citations(FieldReader& fields, const Place& at, std::vector<chat::Member>& others) {
    bool enabled = false;
    if (!fields.optional_object(at)) {
        return;
    }
    while (fields.next_member()) {
        if (fields.key() == "enabled") {
            enabled = fields.boolean({at, "enabled"}).value_or(false);
        } else {
            fields.skip();
        }
    }
    if (enabled) {
        others.push_back({"messages.citations", R"({"enabled":true})"});
    }
}

void read_image(FieldReader& fields, const Place& at, std::vector<Part>& parts);

/// Text and images, as a document may have them in place of a file.
void read_nested(FieldReader& fields, const Place& at, Source& source) {
    if (fields.peek() == wire::JsonType::string) {
        source.text = fields.string(at);
        return;
    }
    if (fields.peek() != wire::JsonType::array) {
        fields.wrong_type(at, "a string or an array of content blocks");
        return;
    }
    std::vector<Part> texts;
    fields.array(at);
    for (std::size_t i = 0; fields.next_element(); ++i) {
        const Place element(at, i);
        const auto type = block_type(fields, element);
        if (type == "text") {
            read_text(fields, element, texts);
        } else if (type == "image") {
            read_image(fields, element, source.images);
        } else if (type) {
            refuse_block(fields, element, *type);
        }
    }
    source.text = joined_texts(texts);
}

Source read_source(FieldReader& fields, const Place& at, std::size_t types) {
    Source source;
    bool typed = false;
    if (!fields.object(at)) {
        return source;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            typed = true;
            if (const auto type = fields.word({at, "type"}, std::span(source_types).first(types))) {
                source.type = static_cast<SourceType>(*type);
            }
        } else if (key == "media_type") {
            source.media_type = fields.optional_string({at, "media_type"});
        } else if (key == "data") {
            source.data = fields.string({at, "data"});
        } else if (key == "url") {
            source.url = fields.string({at, "url"});
        } else if (key == "file_id") {
            source.file_id = fields.string({at, "file_id"});
        } else if (key == "content" && types > image_source_types) {
            read_nested(fields, {at, "content"}, source);
        } else {
            fields.skip();
        }
    }
    if (!typed) {
        fields.missing({at, "type"});
    }
    return source;
}

/// Takes what the source's type says; `name` is that of the member.
void take(FieldReader& fields, const Place& at, std::string_view name, std::optional<std::string>& from,
          std::string& to, bool may_be_empty = false) {
    if (!from) {
        fields.missing({at, name});
    } else if (from->empty() && !may_be_empty) {
        fields.invalid({at, name}, "something in it");
    } else {
        to = *std::move(from);
    }
}

void set_media(FieldReader& fields, const Place& at, Source& source, Media& media) {
    if (!source.type) {
        return;
    }
    switch (*source.type) {
        case SourceType::base64:
            take(fields, at, "media_type", source.media_type, media.media_type);
            take(fields, at, "data", source.data, media.data);
            break;
        case SourceType::url:
            media.media_type = media.kind == MediaKind::document ? "application/pdf" : "";
            take(fields, at, "url", source.url, media.url);
            break;
        case SourceType::file:
            take(fields, at, "file_id", source.file_id, media.file_id);
            break;
        case SourceType::text:
            media.media_type = "text/plain";
            take(fields, at, "data", source.data, media.data, true);
            break;
        case SourceType::content:
            media.media_type = "text/plain";
            take(fields, at, "content", source.text, media.data, true);
            break;
    }
}

void read_image(FieldReader& fields, const Place& at, std::vector<Part>& parts) {
    Part part;
    std::optional<Source> source;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "source") {
            source = read_source(fields, {at, "source"}, image_source_types);
        } else if (key == "cache_control") {
            part.cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();
        }
    }
    if (!source) {
        fields.missing({at, "source"});
        return;
    }
    Media media;
    set_media(fields, {at, "source"}, *source, media);
    part.what = std::move(media);
    parts.push_back(std::move(part));
}

void read_document(FieldReader& fields, const Place& at, std::vector<Part>& parts,
                   std::vector<chat::Member>& others) {
    std::optional<Source> source;
    std::optional<chat::CacheLifetime> cache;
    Media media;
    media.kind = MediaKind::document;
    std::string context;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "source") {
            source = read_source(fields, {at, "source"}, source_types.size());
        } else if (key == "title") {
            media.name = fields.optional_string({at, "title"}).value_or("");
        } else if (key == "context") {
            context = fields.optional_string({at, "context"}).value_or("");
        } else if (key == "citations") {
            read_citations(fields, {at, "citations"}, others);
        } else if (key == "cache_control") {
            cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();
        }
    }
    if (!source) {
        fields.missing({at, "source"});
        return;
    }
    set_media(fields, {at, "source"}, *source, media);
    if (!context.empty()) {
        parts.push_back({chat::Text{std::move(context)}, std::nullopt});
    }
    const bool images_only =
        source->type == SourceType::content && media.data.empty() && !source->images.empty();
    if (!images_only) {
        parts.push_back({std::move(media), std::nullopt});
    }
    for (auto& image : source->images) {
        parts.push_back(std::move(image));
    }
    parts.back().cache = cache ? cache : parts.back().cache;
}

void read_search_result(FieldReader& fields, const Place& at, std::vector<Part>& parts,
                        std::vector<chat::Member>& others) {
    Part part;
    std::optional<std::string> title;
    std::optional<std::string> source;
    std::vector<Part> texts;
    if (!fields.object(at)) {
        return;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "title") {
            title = fields.string({at, "title"});
        } else if (key == "source") {
            source = fields.string({at, "source"});
        } else if (key == "content") {
            const Place content(at, "content");
            if (fields.array(content)) {
                for (std::size_t i = 0; fields.next_element(); ++i) {
                    read_text(fields, {content, i}, texts);
                }
            }
        } else if (key == "citations") {
            read_citations(fields, {at, "citations"}, others);
        } else if (key == "cache_control") {
            part.cache = read_cache_control(fields, {at, "cache_control"});
        } else {
            fields.skip();
        }
    }
    if (!title) {
        fields.missing({at, "title"});
    } else if (!source) {
        fields.missing({at, "source"});
    } else {
        part.what = chat::Text{fmt::format("{}\n{}\n\n{}", *title, *source, joined_texts(texts))};
        parts.push_back(std::move(part));
    }
}

}  // namespace

bool read_shown_block(FieldReader& fields, const Place& at, std::string_view type,
                      std::vector<chat::Part>& parts, std::vector<chat::Member>& others) {
    if (type == "text") {
        read_text(fields, at, parts);
    } else if (type == "image") {
        read_image(fields, at, parts);
    } else if (type == "document") {
        read_document(fields, at, parts, others);
    } else if (type == "search_result") {
        read_search_result(fields, at, parts, others);
    } else {
        return false;
    }
    return true;
}

}  // namespace gatehouse::dialect
