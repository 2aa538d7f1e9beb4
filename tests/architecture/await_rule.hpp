// The one-await rule: one `co_await` per statement, as its whole right-hand side, with plain arguments.
//
// Written for code that clang-format has been over. It splits statements by semicolons, blocks and their
// brackets; it knows no types, so it judges by form alone.
#pragma once

#include "source_text.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::architecture {

/// Every statement of `text` that breaks the rule. Statements that begin with EXPECT_ or ASSERT_ are not
/// judged.
std::vector<Finding> await_findings(std::string_view text);

}  // namespace gatehouse::architecture
