#include "anthropic_request.hpp"
#include "fitting_id.hpp"
#include "reply_words.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::MediaKind;

constexpr std::size_t longest_id = 64;
constexpr std::string_view pdf = "application/pdf";
constexpr std::string_view not_an_image = "an image must be JPEG, PNG, GIF or WebP";

/// What an image is by its first bytes, if it is one that Anthropic takes: data URLs lie.
std::string_view image_type(std::string_view base64) {
    const auto begin = wire::from_base64(base64.substr(0, std::min<std::size_t>(base64.size() / 4 * 4, 16)));
    if (!begin) {
        return {};
    }
    const std::string_view bytes = *begin;
    if (bytes.starts_with("\x89PNG")) {
        return "image/png";
    }
    if (bytes.starts_with("\xFF\xD8\xFF")) {
        return "image/jpeg";
    }
    if (bytes.starts_with("GIF8")) {
        return "image/gif";
    }
    return bytes.starts_with("RIFF") && bytes.substr(8).starts_with("WEBP") ? "image/webp"
                                                                            : std::string_view();
}

bool is_known_image(std::string_view type) {
    constexpr std::array<std::string_view, 4> known{"image/jpeg", "image/png", "image/gif", "image/webp"};
    return std::find(known.begin(), known.end(), type) != known.end();
}

class MessagesWriter {
public:
    MessagesWriter(JsonOut& json, const AnthropicPlan& plan, const chat::ModelFacts& facts,
                   AnthropicCacheMarks& marks, Losses& losses)
        : json_(json), plan_(plan), facts_(facts), marks_(marks), losses_(losses) {}

    bool write(const Turns& turns) {
        write_system(turns);
        json_.key("messages").begin_array();
        for (const auto& turn : turns.turns) {
            last_ = &turn == &turns.turns.back();
            write_turn(turn);
        }
        json_.end_array();
        return uses_files_;
    }

private:
    void write_system(const Turns& turns) {
        if (turns.system.empty() && !plan_.ask_for_json) {
            return;
        }
        json_.key("system").begin_array();
        for (const auto* part : turns.system) {
            index_ = 0;
            write_part(*part, false);
        }
        if (plan_.ask_for_json) {
            write_text("Answer with one JSON object and nothing else.", std::nullopt);
        }
        json_.end_array();
    }

    void write_turn(const Turn& turn) {
        index_ = turn.index;
        const bool assistant = turn.speaker == Speaker::assistant;
        if (assistant && last_ && !facts_.prefill) {
            losses_.refuse(fmt::format("messages[{}]", index_),
                           "the model does not continue a message of the assistant");
        }
        constexpr std::array roles{"user", "assistant", "system"};
        json_.begin_object().key("role").string(roles[static_cast<std::size_t>(turn.speaker)]);
        json_.key("content").begin_array();
        for (const auto& answered : turn.results) {
            write_result(answered);
        }
        for (const auto* part : turn.parts) {
            write_part(*part, assistant, part == turn.parts.back());
        }
        json_.end_array().end_object();
    }

    void write_part(const chat::Part& part, bool assistant, bool last_of_turn = false) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            write_text(last_of_turn && assistant && last_ ? trimmed(text->text) : text->text, part.cache);
        } else if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
            write_text(refusal->text, part.cache);
        } else if (const auto* call = std::get_if<chat::ToolCall>(&part.what)) {
            write_call(*call, part.cache);
        } else if (const auto* thought = std::get_if<chat::Reasoning>(&part.what)) {
            write_thought(*thought);
        } else if (const auto* media = std::get_if<Media>(&part.what)) {
            if (assistant) {
                losses_.refuse(fmt::format("messages[{}]", index_),
                               "the assistant's part may hold text only");
            }
            write_media(*media, part.cache);
        }
    }

    /// A prefill must not end in white space.
    static std::string_view trimmed(std::string_view text) {
        return text.substr(0, text.find_last_not_of(" \t\r\n\f\v") + 1);
    }

    void write_text(std::string_view text, std::optional<chat::CacheLifetime> cache) {
        json_.begin_object().key("type").string("text").key("text").string(text);
        marks_.write(json_, cache);
        json_.end_object();
    }

    void write_thought(const chat::Reasoning& thought) {
        json_.begin_object();
        if (!thought.redacted.empty()) {
            json_.key("type").string("redacted_thinking").key("data").string(thought.redacted);
        } else {
            json_.key("type").string("thinking").key("thinking").string(thought.text);
            json_.key("signature").string(thought.signature);
        }
        json_.end_object();
    }

    void write_call(const chat::ToolCall& call, std::optional<chat::CacheLifetime> cache) {
        json_.begin_object().key("type").string("tool_use").key("id").string(id_of(call));
        json_.key("name").string(call.name).key("input");
        const auto blank = call.arguments.find_first_not_of(" \t\r\n") == std::string::npos;
        if (call.custom) {
            json_.begin_object().key("input").string(call.arguments).end_object();
        } else if (blank) {
            json_.raw("{}");
        } else if (is_json_object(call.arguments)) {
            json_.raw(call.arguments);
        } else {
            // The model wrote it itself: it may see what became of it.
            json_.begin_object().key("_raw").string(call.arguments).end_object();
        }
        marks_.write(json_, cache);
        json_.end_object();
    }

    /// Ids must be unique in a request; clients of other providers' models repeat them in each turn.
    const std::string& id_of(const chat::ToolCall& call) {
        auto& id = ids_[&call];
        if (id.empty()) {
            id = distinct_.next(call.id);
        }
        return id;
    }

    void write_result(const Answered& answered) {
        const auto& result = std::get<chat::ToolResult>(answered.result->what);
        json_.begin_object().key("type").string("tool_result").key("tool_use_id");
        json_.string(id_of(*answered.call)).key("content");
        const bool media = std::any_of(result.parts.begin(), result.parts.end(),
                                       [](const auto& part) { return std::holds_alternative<Media>(part); });
        if (result.parts.size() <= 1 && !media) {
            json_.string(result.parts.empty() ? std::string_view()
                                              : std::get<chat::Text>(result.parts.front()).text);
        } else {
            write_result_parts(result);
        }
        if (result.is_error && !media) {  // an error with a picture in it is refused
            json_.key("is_error").boolean(true);
        }
        marks_.write(json_, answered.result->cache);
        json_.end_object();
    }

    void write_result_parts(const chat::ToolResult& result) {
        json_.begin_array();
        for (const auto& part : result.parts) {
            if (const auto* text = std::get_if<chat::Text>(&part)) {
                if (text->text.find_first_not_of(" \t\r\n\f\v") != std::string::npos) {
                    write_text(text->text, std::nullopt);
                }
            } else {
                write_media(std::get<Media>(part), std::nullopt);
            }
        }
        json_.end_array();
    }

    void write_media(const Media& media, std::optional<chat::CacheLifetime> cache) {
        if (!media.detail.empty() && media.detail != "auto") {
            losses_.drop("image_url.detail");
        }
        if (media.kind == MediaKind::audio) {
            refuse_media("Claude takes no audio");
            return;
        }
        const bool image = media.kind == MediaKind::image;
        if (!accepted(image ? "image" : "pdf", media)) {
            refuse_media(image ? "the model takes no images" : "the model takes no documents");
            return;
        }
        json_.begin_object().key("type").string(image ? "image" : "document");
        json_.key("source").begin_object();
        if (!media.file_id.empty()) {
            write_file(media);
        } else if (!media.url.empty()) {
            write_link(media);
        } else if (image) {
            write_image(media);
        } else {
            write_document(media);
        }
        json_.end_object();
        if (!image && !media.name.empty()) {
            json_.key("title").string(media.name);
        }
        marks_.write(json_, cache);
        json_.end_object();
    }

    bool accepted(std::string_view kind, const Media& media) const {
        const bool text = media.media_type.starts_with("text/");
        return text || facts_.media.empty() ||
               std::find(facts_.media.begin(), facts_.media.end(), kind) != facts_.media.end();
    }

    void write_file(const Media& media) {
        if (!media.file_id.starts_with("file_")) {
            refuse_media("the file is not one of Anthropic's");
        }
        uses_files_ = true;
        json_.key("type").string("file").key("file_id").string(media.file_id);
    }

    void write_link(const Media& media) {
        if (!facts_.links || !media.url.starts_with("https://")) {
            refuse_media("only https links are fetched by the provider");
        }
        const auto& type = media.media_type;
        if (!type.empty() && (media.kind == MediaKind::image ? !is_known_image(type) : type != pdf)) {
            refuse_media(media.kind == MediaKind::image ? not_an_image : "a linked document must be PDF");
        }
        json_.key("type").string("url").key("url").string(media.url);
    }

    void write_image(const Media& media) {
        const auto seen = image_type(media.data);
        const std::string_view type = seen.empty() ? std::string_view(media.media_type) : seen;
        if (!is_known_image(type)) {
            refuse_media(not_an_image);
        }
        json_.key("type").string("base64").key("media_type").string(type).key("data").string(media.data);
    }

    void write_document(const Media& media) {
        if (media.media_type.starts_with("text/")) {
            json_.key("type").string("text").key("media_type").string("text/plain");
        } else if (media.media_type == pdf) {
            json_.key("type").string("base64").key("media_type").string(pdf);
        } else {
            refuse_media("a document must be PDF or text");
        }
        json_.key("data").string(media.data);
    }

    void refuse_media(std::string_view why) { losses_.refuse(fmt::format("messages[{}]", index_), why); }

    JsonOut& json_;
    const AnthropicPlan& plan_;
    const chat::ModelFacts& facts_;
    AnthropicCacheMarks& marks_;
    Losses& losses_;
    std::map<const chat::ToolCall*, std::string> ids_;
    DistinctIds distinct_{longest_id};
    std::size_t index_{0};
    bool last_{false};
    bool uses_files_{false};
};

}  // namespace

void AnthropicCacheMarks::write(JsonOut& json, std::optional<chat::CacheLifetime> cache) {
    if (!cache || ++seen_ <= skip_) {
        return;
    }
    json.key("cache_control").begin_object().key("type").string("ephemeral");
    if (*cache == chat::CacheLifetime::one_hour) {
        json.key("ttl").string("1h");
    }
    json.end_object();
}

bool write_anthropic_messages(JsonOut& json, const Turns& turns, const AnthropicPlan& plan,
                              const chat::ModelFacts& facts, AnthropicCacheMarks& marks, Losses& losses) {
    return MessagesWriter(json, plan, facts, marks, losses).write(turns);
}

std::string anthropic_id(std::string_view id) {
    return fitting_id(id, longest_id);
}

}  // namespace gatehouse::dialect
