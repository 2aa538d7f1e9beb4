// What the guard folds on top of the signature: synonyms, empty adverbs, frames that ask the same.
// Room: policy (private).
#pragma once

#include "question_form.hpp"

namespace gatehouse::policy {

/// Of an English form that is not about its own words. Tells whether anything was changed.
bool reword(FormWords& words);

}  // namespace gatehouse::policy
