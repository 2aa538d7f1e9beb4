// Any bytes as a configuration: no exception, no crash, and either a configuration or at least one error.
#include "gatehouse/config/load.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace gatehouse;
    config::Sources sources;
    // Some names are set and some are not, so that both ways are taken.
    sources.environment = [](const std::string& name) {
        return name.size() % 2 == 0 ? std::optional<std::string>("value-" + name) : std::nullopt;
    };
    sources.file = [](const std::string& path) {
        return path.size() % 2 == 0 ? std::optional<std::string>(path + "\n") : std::nullopt;
    };
    sources.document = [](const std::string& path) {
        return path.size() % 2 == 0 ? std::optional<std::string>("as_of: today\n") : std::nullopt;
    };
    const std::string yaml(data, data + size);
    const config::Loaded loaded = config::load_text(yaml, sources);
    if (loaded.configuration.has_value() != loaded.errors.empty()) {
        std::abort();
    }
    return 0;
}
