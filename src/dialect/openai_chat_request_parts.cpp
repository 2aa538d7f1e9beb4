#include "openai_chat_request.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::CacheLifetime;
using chat::Media;
using chat::MediaKind;
using chat::Part;

constexpr std::array<std::string_view, 5> part_types{"text", "image_url", "input_audio", "file", "refusal"};
constexpr std::array<std::string_view, 4> image_details{"auto", "low", "high", "original"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

}  // namespace

bool is_link(std::string_view url) {
    const auto scheme = lower(url.substr(0, std::string_view("https://").size()));
    return scheme == "https://" || scheme.starts_with("http://");
}

/// Takes `data:<type>[;…];base64,<data>` apart. False for anything else.
bool take_data_url(std::string& url, Media& media) {
    constexpr std::string_view scheme = "data:";
    constexpr std::string_view coding = ";base64";
    const std::size_t comma = url.find(',');
    if (comma == std::string::npos || comma < scheme.size() + coding.size() || comma + 1 == url.size()) {
        return false;
    }
    const auto head = lower(std::string_view(url).substr(0, comma));
    if (!head.starts_with(scheme) || !head.ends_with(coding)) {
        return false;
    }
    media.media_type = head.substr(scheme.size(), head.find(';') - scheme.size());
    url.erase(0, comma + 1);
    media.data = std::move(url);
    return true;
}

void set_file(FieldReader& fields, const Place& at, std::string data, Media& file) {
    if (is_link(data)) {
        file.url = std::move(data);
        return;
    }
    if (!take_data_url(data, file)) {
        fields.invalid({at, "file_data"}, "a base64 data URL");
        return;
    }
    if (file.media_type.starts_with("image/")) {
        file.kind = MediaKind::image;
    } else if (file.media_type.starts_with("audio/")) {
        file.kind = MediaKind::audio;
    } else if (file.media_type.starts_with("text/")) {
        auto text = wire::from_base64(file.data);
        if (!text) {
            fields.invalid({at, "file_data"}, "base64");
            return;
        }
        file.data = *std::move(text);
    }
}

namespace {

/// Of a part: what was said under the names of all types, since `type` may come last.
struct ChatPartDraft {
    std::optional<std::size_t> type;
    std::optional<std::string> text;
    std::optional<std::string> refusal;
    std::optional<Media> image;
    std::optional<Media> audio;
    std::optional<Media> file;
    std::optional<CacheLifetime> cache;
};

std::optional<Media> read_image(FieldReader& fields, const Place& at) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    Media image;
    std::optional<std::string> url;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "url") {
            url = fields.string({at, "url"});
        } else if (key == "detail") {
            if (!fields.null()) {
                const auto detail = fields.word({at, "detail"}, image_details);
                image.detail = detail ? image_details[*detail] : std::string_view();
            }
        } else {
            fields.skip();
        }
    }
    if (!url) {
        fields.missing({at, "url"});
    } else if (is_link(*url)) {
        image.url = *std::move(url);
    } else if (!take_data_url(*url, image)) {
        fields.invalid({at, "url"}, "an http or https link, or a base64 data URL");
    }
    return image;
}

bool is_format(std::string_view format) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !format.empty() && format.size() <= 16 && std::all_of(format.begin(), format.end(), fits);
}

std::optional<Media> read_audio(FieldReader& fields, const Place& at) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    Media audio;
    audio.kind = MediaKind::audio;
    std::optional<std::string> data;
    std::optional<std::string> format;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "data") {
            data = fields.string({at, "data"});
        } else if (key == "format") {
            format = lower(fields.string({at, "format"}));
        } else {
            fields.skip();
        }
    }
    if (!data) {
        fields.missing({at, "data"});
    } else if (data->empty()) {
        fields.invalid({at, "data"}, "base64");
    } else if (!format) {
        fields.missing({at, "format"});
    } else if (!is_format(*format)) {
        fields.invalid({at, "format"}, "a format such as 'wav' or 'mp3'");
    } else {
        audio.media_type = fmt::format("audio/{}", *format);
        audio.data = *std::move(data);
    }
    return audio;
}

std::optional<Media> read_file(FieldReader& fields, const Place& at) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    Media file;
    file.kind = MediaKind::document;
    std::optional<std::string> data;
    std::string id;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "file_data") {
            data = fields.optional_string({at, "file_data"});
        } else if (key == "file_id") {
            id = fields.optional_string({at, "file_id"}).value_or("");
        } else if (key == "filename") {
            file.name = fields.optional_string({at, "filename"}).value_or("");
        } else {
            fields.skip();
        }
    }
    if (data) {
        set_file(fields, at, *std::move(data), file);
    } else if (!id.empty()) {
        file.file_id = std::move(id);
    } else {
        fields.missing({at, "file_data"});
    }
    return file;
}

/// A mark whose `ttl` is one of two words, the shorter first.
std::optional<CacheLifetime> read_mark(FieldReader& fields, const Place& at,
                                       const std::array<std::string_view, 2>& lifetimes) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    auto lifetime = CacheLifetime::five_minutes;
    while (fields.next_member()) {
        if (fields.key() != "ttl" || fields.peek() == wire::JsonType::null) {
            fields.skip();
        } else if (fields.word({at, "ttl"}, lifetimes) == 1) {
            lifetime = CacheLifetime::one_hour;
        }
    }
    return lifetime;
}

void read_member(FieldReader& fields, const Place& at, ChatPartDraft& draft) {
    const auto key = fields.key();
    if (key == "type") {
        draft.type = fields.word({at, "type"}, part_types);
    } else if (key == "text") {
        draft.text = fields.optional_string({at, "text"});
    } else if (key == "refusal") {
        draft.refusal = fields.optional_string({at, "refusal"});
    } else if (key == "image_url") {
        draft.image = read_image(fields, {at, "image_url"});
    } else if (key == "input_audio") {
        draft.audio = read_audio(fields, {at, "input_audio"});
    } else if (key == "file") {
        draft.file = read_file(fields, {at, "file"});
    } else if (key == "cache_control") {
        draft.cache = read_cache_control(fields, {at, "cache_control"});
    } else if (key == "prompt_cache_breakpoint") {
        draft.cache = read_prompt_cache_breakpoint(fields, {at, "prompt_cache_breakpoint"});
    } else {
        fields.skip();
    }
}

Part read_part(FieldReader& fields, const Place& at) {
    Part part;
    if (!fields.object(at)) {
        return part;
    }
    ChatPartDraft draft;
    bool typed = false;
    while (fields.next_member()) {
        typed = typed || fields.key() == "type";
        read_member(fields, at, draft);
    }
    part.cache = draft.cache;
    if (!draft.type) {
        if (!typed) {
            fields.missing({at, "type"});
        }
        return part;
    }
    const auto set = [&](auto& value, auto wrap) {
        if (value) {
            part.what = wrap(*std::move(value));
        } else {
            fields.missing({at, part_types[*draft.type]});
        }
    };
    const auto as_media = [](Media&& media) { return std::move(media); };
    switch (*draft.type) {
        case 0:
            set(draft.text, [](std::string&& text) { return chat::Text{std::move(text)}; });
            break;
        case 1:
            set(draft.image, as_media);
            break;
        case 2:
            set(draft.audio, as_media);
            break;
        case 3:
            set(draft.file, as_media);
            break;
        default:
            set(draft.refusal, [](std::string&& text) { return chat::Refusal{std::move(text)}; });
            break;
    }
    return part;
}

}  // namespace

std::optional<CacheLifetime> read_cache_control(FieldReader& fields, const Place& at) {
    return read_mark(fields, at, {"5m", "1h"});
}

std::optional<CacheLifetime> read_prompt_cache_breakpoint(FieldReader& fields, const Place& at) {
    return read_mark(fields, at, {"30m", "12h"});
}

std::vector<Part> read_chat_content(FieldReader& fields, const Place& at) {
    std::vector<Part> parts;
    switch (fields.peek()) {
        case wire::JsonType::null:
            fields.skip();
            break;
        case wire::JsonType::string:
            parts.push_back(Part{chat::Text{fields.string(at)}, std::nullopt});
            break;
        case wire::JsonType::array:
            fields.array(at);
            while (fields.next_element()) {
                const Place element(at, parts.size());
                parts.push_back(read_part(fields, element));
            }
            break;
        default:
            fields.wrong_type(at, "a string or an array of parts");
            break;
    }
    return parts;
}

}  // namespace gatehouse::dialect
