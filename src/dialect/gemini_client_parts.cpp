#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"
#include "reply_words.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::MediaKind;
using wire::JsonType;

MediaKind kind_of(std::string_view media_type) noexcept {
    if (media_type.starts_with("image/")) {
        return MediaKind::image;
    }
    return media_type.starts_with("audio/") ? MediaKind::audio : MediaKind::document;
}

/// Of a file whose type nobody told: by the end of its name.
MediaKind kind_of_link(std::string_view uri) {
    const auto path = to_lower(uri.substr(0, uri.find_first_of("?#")));
    constexpr std::array<std::string_view, 7> images{".png", ".jpg",  ".jpeg", ".webp",
                                                     ".gif", ".heic", ".heif"};
    const bool image =
        std::any_of(images.begin(), images.end(), [&](std::string_view end) { return path.ends_with(end); });
    return image ? MediaKind::image : MediaKind::document;
}

/// protobuf takes both alphabets, padded or not; others take the standard one alone.
std::string standard_base64(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

class PartReader {
public:
    explicit PartReader(FieldReader& fields) : fields_(fields) {}

    GeminiSaidPart read(const Place& at);

private:
    void read_member(std::string_view key, const Place& at);
    std::optional<Media> read_inline_data(const Place& at);
    std::optional<Media> read_file_data(const Place& at);
    std::string read_detail(const Place& at);
    std::optional<chat::ToolCall> read_call(const Place& at);
    std::optional<chat::ToolResult> read_result(const Place& at);
    void read_result_part(const Place& at, chat::ToolResult& result);
    void refuse(const Place& at, std::string_view why) {
        if (!fields_.null()) {
            fields_.skip();
            fields_.unsupported(at, why);
        }
    }

    FieldReader& fields_;
    GeminiSaidPart part_;
    std::string detail_;
};

GeminiSaidPart PartReader::read(const Place& at) {
    if (fields_.object(at)) {
        while (fields_.next_member()) {
            read_member(camel_case(fields_.key()), at);
        }
    }
    if (part_.media) {
        part_.media->detail = std::move(detail_);
    }
    return std::move(part_);
}

void PartReader::read_member(std::string_view key, const Place& at) {
    if (key == "text") {
        part_.text = fields_.optional_string({at, "text"});
    } else if (key == "thought") {
        part_.thought = fields_.boolean({at, "thought"}).value_or(false);
    } else if (key == "thoughtSignature") {
        part_.signature = fields_.optional_string({at, "thoughtSignature"}).value_or("");
    } else if (key == "inlineData") {
        part_.media = read_inline_data({at, "inlineData"});
    } else if (key == "fileData") {
        part_.media = read_file_data({at, "fileData"});
    } else if (key == "functionCall") {
        part_.call = read_call({at, "functionCall"});
    } else if (key == "functionResponse") {
        part_.result = read_result({at, "functionResponse"});
    } else if (key == "mediaResolution") {
        detail_ = read_detail({at, "mediaResolution"});
    } else if (key == "executableCode") {
        refuse({at, "executableCode"}, "no other model can go on with code that was run");
    } else if (key == "codeExecutionResult") {
        refuse({at, "codeExecutionResult"}, "no other model can go on with code that was run");
    } else if (key == "toolCall") {
        refuse({at, "toolCall"}, "no other model can go on with tools of the provider");
    } else if (key == "toolResponse") {
        refuse({at, "toolResponse"}, "no other model can go on with tools of the provider");
    } else {
        add_other(part_.others, "contents.parts." + std::string(key), fields_.json());
    }
}

std::optional<Media> PartReader::read_inline_data(const Place& at) {
    if (!fields_.optional_object(at)) {
        return std::nullopt;
    }
    Media media;
    std::optional<std::string> data;
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (key == "mimeType") {
            media.media_type = fields_.optional_string({at, "mimeType"}).value_or("");
        } else if (key == "data") {
            data = fields_.optional_string({at, "data"});
        } else if (key == "displayName") {
            media.name = fields_.optional_string({at, "displayName"}).value_or("");
        } else {
            fields_.skip();
        }
    }
    if (media.media_type.empty()) {
        fields_.missing({at, "mimeType"});
    } else if (!data || data->empty()) {
        fields_.missing({at, "data"});
    } else {
        media.kind = kind_of(media.media_type);
        media.data = standard_base64(*std::move(data));
        auto bytes = wire::from_base64(media.data);
        const bool text = media.media_type.starts_with("text/");
        if (!bytes || (text && !wire::valid_utf8(*bytes))) {
            fields_.invalid({at, "data"}, text ? "UTF-8 in base64" : "base64");
        } else if (text) {
            media.data = *std::move(bytes);
        }
    }
    return media;
}

std::optional<Media> PartReader::read_file_data(const Place& at) {
    if (!fields_.optional_object(at)) {
        return std::nullopt;
    }
    Media media;
    std::string uri;
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (key == "mimeType") {
            media.media_type = fields_.optional_string({at, "mimeType"}).value_or("");
        } else if (key == "fileUri") {
            uri = fields_.optional_string({at, "fileUri"}).value_or("");
        } else if (key == "displayName") {
            media.name = fields_.optional_string({at, "displayName"}).value_or("");
        } else {
            fields_.skip();
        }
    }
    if (uri.empty()) {
        fields_.missing({at, "fileUri"});
    }
    media.kind = media.media_type.empty() ? kind_of_link(uri) : kind_of(media.media_type);
    // Files of Google's own lie with Google: nobody else could fetch them.
    const bool of_google =
        uri.starts_with("gs://") || uri.starts_with("https://generativelanguage.googleapis.com/");
    (of_google ? media.file_id : media.url) = std::move(uri);
    return media;
}

std::string PartReader::read_detail(const Place& at) {
    constexpr std::array<std::string_view, 4> levels{"MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM",
                                                     "MEDIA_RESOLUTION_HIGH", "MEDIA_RESOLUTION_ULTRA_HIGH"};
    constexpr std::array<std::string_view, 4> details{"low", "auto", "high", "high"};
    std::string detail;
    if (!fields_.optional_object(at)) {
        return detail;
    }
    while (fields_.next_member()) {
        if (fields_.key() != "level") {
            fields_.skip();
        } else if (const auto level = read_enumerator(fields_, {at, "level"}, levels)) {
            detail = details[*level];
        }
    }
    return detail;
}

std::optional<chat::ToolCall> PartReader::read_call(const Place& at) {
    if (!fields_.optional_object(at)) {
        return std::nullopt;
    }
    chat::ToolCall call;
    call.arguments = "{}";
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (key == "id") {
            call.id = fields_.optional_string({at, "id"}).value_or("");
        } else if (key == "name") {
            call.name = fields_.optional_string({at, "name"}).value_or("");
        } else if (key == "args") {
            const auto args = fields_.optional_object_json({at, "args"});
            call.arguments = args.empty() ? "{}" : compact_json(args);
        } else if (key == "partialArgs") {
            refuse({at, "partialArgs"}, "a call of the history must be whole");
        } else {
            fields_.skip();
        }
    }
    if (call.name.empty()) {
        fields_.missing({at, "name"});
    }
    return call;
}

/// What a result says, in one text. Google's own convention puts it under `output`, or `error`.
void add_response(std::string_view response, chat::ToolResult& result) {
    wire::JsonReader json(response, wire::JsonLimits{wire::deepest_json});
    std::string only;
    std::string_view value;
    bool text = false;
    std::size_t members = 0;
    json.begin_object();
    while (json.next_member()) {
        only = json.key();
        text = json.peek() == JsonType::string;
        value = read_json(json, response);
        ++members;
    }
    const bool alone = members == 1;
    const bool output = alone && text && (only == "output" || only == "result" || only == "content");
    result.is_error = alone && only == "error";
    if (output || (result.is_error && text)) {
        result.parts.emplace_back(chat::Text{wire::unescape_json(value.substr(1, value.size() - 2))});
    } else {
        result.parts.emplace_back(chat::Text{compact_json(result.is_error ? value : response)});
    }
}

std::optional<chat::ToolResult> PartReader::read_result(const Place& at) {
    if (!fields_.optional_object(at)) {
        return std::nullopt;
    }
    chat::ToolResult result;
    std::string response;
    std::vector<std::variant<chat::Text, Media>> media;
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (key == "id") {
            result.call_id = fields_.optional_string({at, "id"}).value_or("");
        } else if (key == "name") {
            result.name = fields_.optional_string({at, "name"}).value_or("");
        } else if (key == "response") {
            response = fields_.optional_object_json({at, "response"});
        } else if (key == "parts") {
            chat::ToolResult shown;
            read_each(fields_, {at, "parts"}, [&](const Place& each) { read_result_part(each, shown); });
            media = std::move(shown.parts);
        } else if (key == "willContinue") {
            if (fields_.boolean({at, "willContinue"}).value_or(false)) {
                fields_.unsupported({at, "willContinue"}, "a result must be whole");
            }
        } else {
            fields_.skip();  // `scheduling` is about conversations by voice
        }
    }
    if (result.name.empty()) {
        fields_.missing({at, "name"});
    }
    if (!response.empty()) {
        add_response(response, result);
    }
    result.parts.insert(result.parts.end(), std::make_move_iterator(media.begin()),
                        std::make_move_iterator(media.end()));
    return result;
}

void PartReader::read_result_part(const Place& at, chat::ToolResult& result) {
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        std::optional<Media> media;
        if (key == "inlineData") {
            media = read_inline_data({at, "inlineData"});
        } else if (key == "fileData") {
            media = read_file_data({at, "fileData"});
        } else {
            fields_.skip();
        }
        if (media) {
            result.parts.emplace_back(*std::move(media));
        }
    }
}

}  // namespace

std::optional<std::size_t> read_enumerator(FieldReader& fields, const Place& at,
                                           std::span<const std::string_view> words) {
    if (fields.null()) {
        return std::nullopt;
    }
    const bool text = fields.peek() == JsonType::string;
    auto said = fields.string(at);
    std::transform(said.begin(), said.end(), said.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const auto found = std::find(words.begin(), words.end(), said);
    if (found != words.end()) {
        return static_cast<std::size_t>(found - words.begin());
    }
    if (text && !said.ends_with("_UNSPECIFIED")) {
        std::string expected = "one of '";
        for (const auto word : words) {
            expected.append(&word == words.data() ? "" : "', '").append(word);
        }
        fields.invalid(at, expected + "'");
    }
    return std::nullopt;
}

GeminiSaidPart read_gemini_part(FieldReader& fields, const Place& at) {
    return PartReader(fields).read(at);
}

}  // namespace gatehouse::dialect
