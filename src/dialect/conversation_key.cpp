#include "gatehouse/dialect/conversation_key.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <array>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// In the order in which they count.
constexpr std::array<std::string_view, 3> names_of_key{"prompt_cache_key", "user", "safety_identifier"};

bool is_instruction(std::string_view name) noexcept {
    return name == "system" || name == "instructions" || name == "systemInstruction" ||
           name == "system_instruction";
}

bool is_conversation(std::string_view name) noexcept {
    return name == "messages" || name == "input" || name == "contents";
}

class KeyReader {
public:
    explicit KeyReader(const chat::Request& request)
        : text_(request.original.bytes), json_(text_, wire::JsonLimits{}) {}

    std::string read() {
        if (json_.peek() != JsonType::object || !json_.begin_object()) {
            return {};
        }
        while (json_.next_member()) {
            member(std::string(json_.key()));
        }
        for (auto& said : said_) {
            if (!said.empty()) {
                return std::move(said);
            }
        }
        return std::move(user_id_.empty() ? beginning_ : user_id_);
    }

private:
    void member(const std::string& name) {
        for (std::size_t i = 0; i < names_of_key.size(); ++i) {
            if (name == names_of_key[i] && json_.peek() == JsonType::string) {
                said_[i] = json_.string();
                return;
            }
        }
        if (name == "metadata" && json_.peek() == JsonType::object) {
            metadata();
        } else if (is_instruction(name)) {
            keep(json_.skip());
        } else if (is_conversation(name) && json_.peek() == JsonType::array) {
            conversation();
        } else if (is_conversation(name)) {
            keep(json_.skip());
        } else {
            json_.skip();
        }
    }

    void metadata() {
        json_.begin_object();
        while (json_.next_member()) {
            if (json_.key() == "user_id" && json_.peek() == JsonType::string) {
                user_id_ = json_.string();
            } else {
                json_.skip();
            }
        }
    }

    /// Up to the first message of the user, that one included.
    void conversation() {
        bool open = true;
        json_.begin_array();
        while (json_.next_element()) {
            const auto range = json_.skip();
            if (open) {
                keep(range);
                open = !is_users(text_.substr(range.begin, range.size()));
            }
        }
    }

    static bool is_users(std::string_view message) {
        wire::JsonReader json(message, wire::JsonLimits{});
        bool users = false;
        if (json.peek() != JsonType::object || !json.begin_object()) {
            return true;
        }
        while (json.next_member()) {
            if (json.key() == "role" && json.peek() == JsonType::string) {
                users = json.string() == "user";
            } else {
                json.skip();
            }
        }
        return users;
    }

    void keep(wire::ByteRange range) { beginning_ += text_.substr(range.begin, range.size()); }

    std::string_view text_;
    wire::JsonReader json_;
    std::array<std::string, names_of_key.size()> said_;
    std::string user_id_;
    std::string beginning_;
};

}  // namespace

std::string conversation_key(const chat::Request& request) {
    return KeyReader(request).read();
}

}  // namespace gatehouse::dialect
