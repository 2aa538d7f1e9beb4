// What the writers of JSON schemas share. Room: dialect, private.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Whatever it holds, as UTF-8.
std::string json_text(const nlohmann::ordered_json& json);
/// The string that a node has there; empty for anything else.
std::string text_in(const nlohmann::ordered_json& node, const char* key);
/// Behind what the description says already.
void add_to_description(nlohmann::ordered_json& node, std::string_view text);
/// About what a value takes as text.
std::size_t bytes_in(const nlohmann::ordered_json& value);
/// What a node takes without the schemas in it; names of properties are its own.
std::size_t own_bytes_in(const nlohmann::ordered_json& node);

}  // namespace gatehouse::dialect
