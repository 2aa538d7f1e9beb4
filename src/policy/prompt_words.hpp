// Words that tell what a prompt is about, also where the training has never seen them: tools and errors of
// programmers, terms of mathematics, kinds of texts, words of demands.
// Room: policy (private).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// How many of a text's words are on which list. `near_…`: such as may mean it.
struct WordHits {
    double code{0};
    double near_code{0};
    double math{0};
    double near_math{0};
    double creative{0};
    double near_creative{0};
    double demands{0};
};

/// Of words in lower case.
WordHits hits_of(const std::vector<std::string_view>& tokens);

}  // namespace gatehouse::policy
