// Lists of texts, as a reader wants them.
// Room: config. May include: core.
#pragma once

#include "view.hpp"

#include <string>
#include <vector>

namespace gatehouse::config {

/// The texts of a list, or the single one that stands for it; none where there is none.
inline std::vector<std::string> texts_of(View list) {
    std::vector<std::string> texts;
    for (const Node* item : list.scalars()) {
        texts.push_back(item->text);
    }
    return texts;
}

}  // namespace gatehouse::config
