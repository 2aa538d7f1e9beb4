// The JSON schema, member by member.
#include "config/schema.hpp"

#include "gatehouse/config/load.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace gatehouse::config {
namespace {

TEST(Documents, JsonSchemaSaysWhatTheTableSays) {
    const auto schema = nlohmann::json::parse(json_schema());
    const auto& properties = schema["properties"];
    EXPECT_EQ(properties.size(), file_schema().fields.size());
    EXPECT_EQ(schema["additionalProperties"], false);
    EXPECT_EQ(properties["server"]["properties"]["drain"]["default"], "30s");
    const auto& provider = properties["providers"]["additionalProperties"];
    EXPECT_EQ(provider["required"], nlohmann::json::array({"kind"}));
    EXPECT_EQ(provider["properties"]["kind"]["enum"].size(), 5U);
    const std::string rag = properties["rag"]["description"];
    EXPECT_NE(rag.find("not built yet"), std::string::npos) << rag;
}

}  // namespace
}  // namespace gatehouse::config
