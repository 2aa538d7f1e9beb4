#include "gemini_request.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::MediaKind;

/// The type of an image by its first bytes; empty: none of these.
std::string_view sniffed(std::string_view base64) noexcept {
    struct Magic {
        std::string_view begin;
        std::string_view type;
    };
    constexpr std::array magics{Magic{"iVBORw0KGgo", "image/png"}, Magic{"/9j/", "image/jpeg"},
                                Magic{"R0lGODdh", "image/gif"}, Magic{"R0lGODlh", "image/gif"},
                                Magic{"UklGR", "image/webp"}};
    for (const auto& magic : magics) {
        if (base64.starts_with(magic.begin)) {
            return magic.type;
        }
    }
    return {};
}

/// The type that the end of a link's path tells; empty: none of these.
std::string_view type_of_link(std::string_view url) noexcept {
    const auto path = url.substr(0, url.find_first_of("?#"));
    constexpr std::array types{std::pair{".png", "image/png"},      std::pair{".jpg", "image/jpeg"},
                               std::pair{".jpeg", "image/jpeg"},    std::pair{".webp", "image/webp"},
                               std::pair{".gif", "image/gif"},      std::pair{".heic", "image/heic"},
                               std::pair{".pdf", "application/pdf"}};
    for (const auto& [end, type] : types) {
        if (path.ends_with(end)) {
            return type;
        }
    }
    return {};
}

bool is_youtube(std::string_view url) noexcept {
    return url.starts_with("https://www.youtube.com/") || url.starts_with("https://youtu.be/") ||
           url.starts_with("https://youtube.com/");
}

/// A file of Google's own, by the address that its Files API gave it.
bool is_google_file(std::string_view id) noexcept {
    return id.starts_with("gs://") ||
           (id.starts_with("https://") && id.find("/files/") != std::string_view::npos);
}

/// The bytes know better than the name of the file.
std::string_view type_of(const Media& media) noexcept {
    const auto magic = media.kind == MediaKind::image ? sniffed(media.data) : std::string_view();
    if (!magic.empty()) {
        return magic;
    }
    if (media.media_type == "audio/mpeg") {
        return "audio/mp3";
    }
    return media.media_type.empty() ? std::string_view("application/octet-stream")
                                    : std::string_view(media.media_type);
}

bool takes(const chat::ModelFacts& facts, const Media& media) {
    if (facts.media.empty() || media.media_type.starts_with("text/")) {
        return true;
    }
    const std::string_view kind = media.kind == MediaKind::image   ? "image"
                                  : media.kind == MediaKind::audio ? "audio"
                                                                   : "pdf";
    return std::find(facts.media.begin(), facts.media.end(), kind) != facts.media.end();
}

void write_detail(const GeminiTask& task, const Media& media, JsonOut& json) {
    if (media.detail != "low" && media.detail != "high") {
        return;
    }
    if (!task.facts.image_detail) {
        task.losses.drop("image_url.detail");
        return;
    }
    json.key("mediaResolution").begin_object().key("level");
    json.string(media.detail == "low" ? "MEDIA_RESOLUTION_LOW" : "MEDIA_RESOLUTION_HIGH").end_object();
}

}  // namespace

std::string_view write_gemini_media(const GeminiTask& task, const Media& media, JsonOut& json) {
    if (!takes(task.facts, media)) {
        return "the model takes no such media";
    }
    if (!media.name.empty()) {
        task.losses.drop("file.filename");
    }
    if (!media.data.empty()) {
        json.begin_object().key("inlineData").begin_object();
        json.key("mimeType").string(type_of(media)).key("data");
        json.string(media.media_type.starts_with("text/") ? wire::to_base64(media.data) : media.data);
        json.end_object();
        write_detail(task, media, json);
        json.end_object();
        return {};
    }
    const auto& uri = media.file_id.empty() ? media.url : media.file_id;
    const bool google = is_google_file(uri);
    if (!media.file_id.empty() && !google) {
        return "the file lies with another provider";
    }
    if (!google && !is_youtube(uri) && (!task.facts.links || !uri.starts_with("https://"))) {
        return "the model cannot fetch this link";
    }
    json.begin_object().key("fileData").begin_object();
    const auto type = media.media_type.empty() ? type_of_link(uri) : std::string_view(media.media_type);
    if (!type.empty()) {
        json.key("mimeType").string(type);
    }
    json.key("fileUri").string(uri).end_object();
    write_detail(task, media, json);
    json.end_object();
    return {};
}

}  // namespace gatehouse::dialect
