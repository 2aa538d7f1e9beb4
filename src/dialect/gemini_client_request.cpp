#include "gemini_client_request.hpp"

#include "gemini_parts.hpp"
#include "translation_parts.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

/// A client's own name for a field, fit to stand in a header that says what was dropped.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 96;
    std::string out(name.substr(0, longest));
    std::replace_if(
        out.begin(), out.end(),
        [](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return !letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-';
        },
        '_');
    return out.empty() ? "_" : out;
}

/// Reads one body (wire-formats 6.1, 10.2), or the one inside a request to count its tokens.
class GeminiRequestReader {
public:
    explicit GeminiRequestReader(std::string_view body) : fields_(body), contents_(fields_, said_) {}

    Result<chat::Conversation> read() {
        read_body({});
        const Place body;
        if (!has_contents_) {
            fields_.missing({body, "contents"});
        }
        check_gemini_tool_choice(fields_, said_);
        if (auto status = fields_.status(); !status) {
            return std::move(status).problem();
        }
        return std::move(said_);
    }

private:
    void read_body(const Place& at) {
        if (!fields_.object(at)) {
            return;
        }
        while (fields_.next_member()) {
            read_field(camel_case(fields_.key()), at);
        }
    }

    void read_field(std::string_view key, const Place& at) {
        if (key == "contents") {
            has_contents_ = has_contents_ || fields_.peek() != wire::JsonType::null;
            if (!fields_.null()) {
                contents_.read({at, "contents"});
            }
        } else if (key == "systemInstruction") {
            contents_.read_system({at, "systemInstruction"});
        } else if (key == "tools") {
            read_gemini_tools(fields_, {at, "tools"}, said_);
        } else if (key == "toolConfig") {
            read_gemini_tool_config(fields_, {at, "toolConfig"}, said_);
        } else if (key == "generationConfig") {
            read_gemini_generation(fields_, {at, "generationConfig"}, said_);
        } else if (key == "serviceTier") {
            read_tier({at, "serviceTier"});
        } else if (key == "generateContentRequest" && !inside_) {
            inside_ = true;
            if (!fields_.null()) {
                read_body({at, "generateContentRequest"});
            }
        } else if (key == "cachedContent") {
            refuse({at, "cachedContent"}, "what is cached lies with Google");
        } else if (key == "continuationToken") {
            refuse({at, "continuationToken"}, "only the model that began the answer can go on with it");
        } else if (key == "model" || key == "stream") {
            fields_.skip();  // both stand in the path
        } else {
            add_other(said_.others, std::string(key), fields_.json());
        }
    }

    void read_tier(const Place& at) {
        constexpr std::array<std::string_view, 3> words{"STANDARD", "FLEX", "PRIORITY"};
        constexpr std::array<std::string_view, 3> tiers{"default", "flex", "priority"};
        if (const auto word = read_enumerator(fields_, at, words)) {
            said_.service_tier = tiers[*word];
        }
    }

    void refuse(const Place& at, std::string_view why) {
        const auto value = fields_.optional_string(at);
        if (value && !value->empty()) {
            fields_.unsupported(at, why);
        }
    }

    FieldReader fields_;
    chat::Conversation said_;
    GeminiContentsReader contents_;
    bool has_contents_{false};
    bool inside_{false};
};

}  // namespace

void add_other(std::vector<chat::Member>& others, std::string name, std::string value) {
    const bool bracket =
        value.size() >= 2 && (value.front() == '{' || value.front() == '[' || value.front() == '"');
    const bool empty = bracket && value.find_first_not_of(" \t\r\n", 1) == value.size() - 1;
    if (!empty && value != "null") {
        others.push_back({shown(name), std::move(value)});
    }
}

Result<chat::Conversation> read_gemini(std::string_view body) {
    return GeminiRequestReader(body).read();
}

}  // namespace gatehouse::dialect
