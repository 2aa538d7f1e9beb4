// The strict reader against nlohmann, where the two mean to agree.
#include "check.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <nlohmann/json.hpp>

using namespace gatehouse;
using namespace gatehouse::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(data, size);
    JsonReader json(text, JsonLimits{});
    json.skip();
    const bool ours = json.finish();
    // Documented differences: depth, lone surrogates, a byte-order mark, numbers beyond a double, and NUL,
    // which nlohmann takes for the end of the text.
    if (text.find("\\u") != std::string_view::npos || text.starts_with("\xEF\xBB\xBF") ||
        text.find_first_of(std::string_view("eE\0", 3)) != std::string_view::npos || size > 60) {
        return 0;
    }
    check(ours == nlohmann::json::accept(text));
    return 0;
}
