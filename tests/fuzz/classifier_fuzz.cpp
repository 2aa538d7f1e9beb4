// A table that is read is one that can be written and read again, and it judges any text; what is no table is
// refused in words.
#include "check.hpp"

#include "gatehouse/policy/class_table.hpp"

#include <cmath>
#include <numeric>
#include <string>

using namespace gatehouse;
using namespace gatehouse::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto built_in = ClassTable::read(built_in_class_table());
    const auto bytes = as_text(data, size);
    const auto table = ClassTable::read(bytes);
    if (!table) {
        check(!table.problem().message().empty());
    } else {
        const auto again = ClassTable::read(table->to_text());
        check(again && again->parts().weights == table->parts().weights &&
              again->parts().temperature == table->parts().temperature);
    }
    const auto verdict = (table ? *table : *built_in).judge(bytes);
    const auto& all = verdict.probabilities;
    check(std::abs(std::accumulate(all.begin(), all.end(), 0.0) - 1) < 1e-9);
    check(verdict.probability() >= 1.0 / prompt_class_count - 1e-9);
    return 0;
}
