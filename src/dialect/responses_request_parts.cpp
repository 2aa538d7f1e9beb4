#include "openai_chat_request.hpp"
#include "responses_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::Part;
using wire::JsonType;

/// What was said under the names of all types.
struct ResponsePartDraft {
    std::optional<std::string> text;
    std::string image_url;
    std::string file_url;
    std::string file_data;
    Media media;
    std::optional<chat::CacheLifetime> cache;
};

class ResponsePartReader {
public:
    explicit ResponsePartReader(FieldReader& fields) : fields_(fields) {}

    Part read(const Place& at) {
        const auto type = fields_.member_ahead("type");
        Part part;
        if (!fields_.object(at)) {
            return part;
        }
        ResponsePartDraft draft;
        while (fields_.next_member()) {
            read_member(at, draft);
        }
        part.cache = draft.cache;
        if (!type) {
            fields_.missing({at, "type"});
        } else if (*type == "input_text" || *type == "output_text" || *type == "text") {
            part.what = chat::Text{said(at, "text", std::move(draft.text))};
        } else if (*type == "refusal") {
            part.what = chat::Refusal{said(at, "refusal", std::move(draft.text))};
        } else if (*type == "input_image") {
            part.what = image_of(at, std::move(draft));
        } else if (*type == "input_file") {
            part.what = file_of(at, std::move(draft));
        } else {
            fields_.unsupported({at, "type"}, "parts of this type mean something to OpenAI only");
        }
        return part;
    }

private:
    void read_member(const Place& at, ResponsePartDraft& draft) {
        const auto key = std::string(fields_.key());
        const auto optional = [&](std::string_view name) {
            return fields_.optional_string({at, name}).value_or("");
        };
        if (key == "text" || key == "refusal") {
            draft.text = fields_.string({at, key});
        } else if (key == "image_url") {
            draft.image_url = optional("image_url");
        } else if (key == "file_url") {
            draft.file_url = optional("file_url");
        } else if (key == "file_data") {
            draft.file_data = optional("file_data");
        } else if (key == "file_id") {
            draft.media.file_id = optional("file_id");
        } else if (key == "filename") {
            draft.media.name = optional("filename");
        } else if (key == "detail") {
            draft.media.detail = optional("detail");
        } else if (key == "prompt_cache_breakpoint") {
            draft.cache = read_prompt_cache_breakpoint(fields_, {at, "prompt_cache_breakpoint"});
        } else if (key == "type") {
            fields_.optional_string({at, "type"});
        } else {
            fields_.skip();
        }
    }

    std::string said(const Place& at, std::string_view member, std::optional<std::string> text) {
        if (!text) {
            fields_.missing({at, member});
        }
        return std::move(text).value_or("");
    }

    void check_detail(const Place& at, std::string_view detail) {
        static constexpr std::array<std::string_view, 5> details{"", "auto", "low", "high", "original"};
        if (std::find(details.begin(), details.end(), detail) == details.end()) {
            fields_.invalid({at, "detail"}, "one of 'auto', 'low', 'high' and 'original'");
        }
    }

    Media image_of(const Place& at, ResponsePartDraft draft) {
        auto media = std::move(draft.media);
        media.kind = chat::MediaKind::image;
        check_detail(at, media.detail);
        if (draft.image_url.empty()) {
            if (media.file_id.empty()) {
                fields_.missing({at, "image_url"});
            }
            return media;
        }
        media.file_id.clear();  // one place is enough
        if (is_link(draft.image_url)) {
            media.url = std::move(draft.image_url);
        } else if (!take_data_url(draft.image_url, media)) {
            fields_.invalid({at, "image_url"}, "an http or https link, or a base64 data URL");
        }
        return media;
    }

    Media file_of(const Place& at, ResponsePartDraft draft) {
        auto media = std::move(draft.media);
        media.kind = chat::MediaKind::document;
        check_detail(at, media.detail);
        if (!draft.file_data.empty()) {
            media.file_id.clear();
            set_file(fields_, at, std::move(draft.file_data), media);
        } else if (!draft.file_url.empty()) {
            media.file_id.clear();
            if (!is_link(draft.file_url)) {
                fields_.invalid({at, "file_url"}, "an http or https link");
            }
            media.url = std::move(draft.file_url);
        } else if (media.file_id.empty()) {
            fields_.missing({at, "file_data"});
        }
        return media;
    }

    FieldReader& fields_;
};

}  // namespace

std::vector<Part> read_response_content(FieldReader& fields, const Place& at) {
    std::vector<Part> parts;
    if (fields.peek() == JsonType::string) {
        parts.push_back({chat::Text{fields.string(at)}, std::nullopt});
    } else if (fields.peek() == JsonType::array) {
        ResponsePartReader reader(fields);
        fields.array(at);
        while (fields.next_element()) {
            parts.push_back(reader.read({at, parts.size()}));
        }
    } else if (!fields.null()) {
        fields.wrong_type(at, "a string or an array of parts");
    }
    return parts;
}

}  // namespace gatehouse::dialect
