// What the writers of JSON schemas share. Room: dialect, private.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Whatever it holds, as UTF-8.
std::string json_text(const nlohmann::ordered_json& json);
/// The string that a node has there; empty for anything else.
std::string text_in(const nlohmann::ordered_json& node, const char* key);
/// Behind what the description says already.
void add_to_description(nlohmann::ordered_json& node, std::string_view text);

}  // namespace gatehouse::dialect
