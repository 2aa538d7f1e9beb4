// Requests of clients of Anthropic's and Google's own APIs, and a house whose provider is scripted.
#pragma once

#include "house.hpp"
#include "json/json_value.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::integration {

using dialect::test::JsonValue;
using dialect::test::parsed;

/// The response of one exchange of a file under tests/golden.
JsonValue recorded(const std::string& file, std::size_t exchange);
test::FakeResponse event_stream(const std::string& bytes);
/// The body of a request for Anthropic's messages; `more` is further members with a leading comma.
std::string message(std::string_view model, std::string_view more = {});

/// The body of a request for Google's generateContent.
inline constexpr std::string_view contents = R"({"contents":[{"role":"user","parts":[{"text":"Hello"}]}]})";

class ClientsTest : public testing::Test {
protected:
    /// The model `m` at a provider of that kind, which answers by the script.
    void provide(std::string_view kind, std::string_view model, test::FakeUpstream::Script script);
    /// The models `sim` and `vec` of the simulated provider.
    void simulate();

    std::unique_ptr<test::FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

}  // namespace gatehouse::integration
