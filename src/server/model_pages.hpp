// The list of models in the words of each vendor's clients, page by page.
//
// Pure: from what was looked up and the query to the body. Room: server, private.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::server {

struct ShownModel {
    std::string name;                        // as clients ask for it
    std::string provider;                    // of its first target, or the gateway where rules choose
    std::optional<std::int64_t> max_input;   // tokens; absent: not known
    std::optional<std::int64_t> max_output;  // tokens
};

/// One model, as `GET …/models/{id}` shows it.
std::string model_body(const ShownModel& model, chat::Vendor vendor);

/// A page of the list. OpenAI's is whole; Anthropic's takes `limit`, `after_id`, `before_id`, Gemini's
/// `pageSize`, `pageToken`, whose token is the name of the last model shown. What the query says wrongly
/// counts as not said, an unknown place as the beginning.
std::string models_page(std::span<const ShownModel> models, chat::Vendor vendor, std::string_view query);

}  // namespace gatehouse::server
