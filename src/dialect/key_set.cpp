#include "key_set.hpp"

#include <algorithm>
#include <functional>

namespace gatehouse::dialect {

bool KeySet::add(std::string_view key, std::string_view text) {
    const std::string_view* const begin = few_.data();
    const std::string_view* const end = begin + count_;
    if (std::find(begin, end, key) != end || (!many_.empty() && many_.contains(key))) {
        return false;
    }
    const std::less<> before;
    if (before(key.data(), text.data()) || !before(key.data(), text.data() + text.size())) {
        key = unescaped_.emplace_back(key);
    }
    if (count_ < few_.size()) {
        few_[count_++] = key;
    } else {
        many_.insert(key);
    }
    return true;
}

}  // namespace gatehouse::dialect
