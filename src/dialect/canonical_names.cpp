#include "canonical_names.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using chat::Vendor;

struct Name {
    std::string_view name;
    BodyMember meaning;
};

constexpr bool operator<(const Name& a, const Name& b) noexcept {
    return a.name < b.name;
}

// What is about the stream, the account, the bill or the provider's cache. `service_tier` is not: who pays
// for an early answer must not wait for one that is paid to come late.
constexpr std::array openai_names{
    Name{"audio", BodyMember::elsewhere},       // what is said has an id, and is gone after an hour
    Name{"background", BodyMember::elsewhere},  // asked for by its id
    Name{"conversation", BodyMember::elsewhere},
    Name{"data_sources", BodyMember::elsewhere},   // Azure: the customer's index
    Name{"enable_search", BodyMember::elsewhere},  // Alibaba
    Name{"fallbacks", BodyMember::no_matter},      // the gateway's own
    Name{"functions", BodyMember::tools},
    Name{"metadata", BodyMember::no_matter},
    Name{"model", BodyMember::no_matter},
    Name{"plugins", BodyMember::elsewhere},  // OpenRouter: the web, mostly
    Name{"previous_response_id", BodyMember::elsewhere},
    Name{"prompt_cache_key", BodyMember::no_matter},
    Name{"prompt_cache_retention", BodyMember::no_matter},
    Name{"safety_identifier", BodyMember::no_matter},
    Name{"search_parameters", BodyMember::elsewhere},  // xAI
    Name{"store", BodyMember::elsewhere},              // said in so many words: it is wanted under its id
    Name{"stream", BodyMember::no_matter},
    Name{"stream_options", BodyMember::no_matter},
    Name{"tools", BodyMember::tools},
    Name{"user", BodyMember::no_matter},
    Name{"web_search_options", BodyMember::elsewhere},
};
constexpr std::array anthropic_names{
    Name{"container", BodyMember::elsewhere},  // of executed code
    Name{"fallbacks", BodyMember::no_matter},   Name{"mcp_servers", BodyMember::elsewhere},
    Name{"messages", BodyMember::conversation}, Name{"metadata", BodyMember::no_matter},
    Name{"model", BodyMember::no_matter},       Name{"stream", BodyMember::no_matter},
    Name{"thread", BodyMember::elsewhere},      Name{"tools", BodyMember::tools},
};
constexpr std::array gemini_names{
    Name{"content", BodyMember::media},       Name{"contents", BodyMember::conversation},
    Name{"fallbacks", BodyMember::no_matter}, Name{"generationConfig", BodyMember::settings},
    Name{"labels", BodyMember::no_matter},    Name{"model", BodyMember::no_matter},
    Name{"requests", BodyMember::requests},   Name{"systemInstruction", BodyMember::media},
    Name{"tools", BodyMember::tools},
};
static_assert(std::is_sorted(openai_names.begin(), openai_names.end()));
static_assert(std::is_sorted(anthropic_names.begin(), anthropic_names.end()));
static_assert(std::is_sorted(gemini_names.begin(), gemini_names.end()));

template <std::size_t Size>
BodyMember find_in(const std::array<Name, Size>& names, std::string_view name) noexcept {
    const auto at = std::lower_bound(names.begin(), names.end(), Name{name, BodyMember::setting});
    return at != names.end() && at->name == name ? at->meaning : BodyMember::setting;
}

constexpr std::array<std::string_view, 10> holders{"image_url", "source",    "file",      "file_url",
                                                   "fileData",  "file_data", "video_url", "document",
                                                   "audio_url", "url"};

// Google keeps what is there as it was uploaded, for two days.
constexpr std::string_view google_files = "https://generativelanguage.googleapis.com/";

}  // namespace

BodyMember body_member(Endpoint endpoint, std::string_view name) noexcept {
    switch (chat::vendor_of(endpoint)) {
        case Vendor::anthropic:
            return find_in(anthropic_names, name);
        case Vendor::gemini:
            return find_in(gemini_names, name);
        case Vendor::openai:
            break;
    }
    if (endpoint == Endpoint::chat_completions && name == "messages") {
        return BodyMember::conversation;
    }
    if (endpoint == Endpoint::responses && name == "input") {
        return BodyMember::conversation;
    }
    if (endpoint == Endpoint::moderations && name == "input") {
        return BodyMember::media;
    }
    if (endpoint == Endpoint::responses && name == "prompt") {
        return BodyMember::elsewhere;  // by its id: it can be changed there
    }
    return find_in(openai_names, name);
}

bool is_clients_tool(Vendor vendor, std::string_view type) noexcept {
    if (type.empty() || type == "custom") {
        return true;
    }
    if (vendor == Vendor::openai) {
        return type == "function";
    }
    return type.starts_with("bash_") || type.starts_with("text_editor_") || type.starts_with("computer_") ||
           type.starts_with("memory_");
}

bool may_hold_link(std::string_view name) noexcept {
    return std::find(holders.begin(), holders.end(), name) != holders.end();
}

bool leads_elsewhere(std::string_view link) noexcept {
    constexpr std::size_t longest_scheme = 16;
    return link.substr(0, longest_scheme).find("://") != std::string_view::npos &&
           !link.starts_with(google_files);
}

}  // namespace gatehouse::dialect
