#include "view.hpp"

namespace gatehouse::config {

std::vector<const Node*> View::scalars() const {
    std::vector<const Node*> result;
    if (is_scalar()) {
        result.push_back(node_);
    } else if (present()) {
        for (const NodePtr& item : node_->items) {
            if (item->kind == Node::Kind::scalar) {
                result.push_back(item.get());
            }
        }
    }
    return result;
}

std::vector<View> View::mappings() const {
    std::vector<View> result;
    if (present()) {
        for (const NodePtr& item : node_->items) {
            if (item->kind == Node::Kind::mapping) {
                result.emplace_back(item.get());
            }
        }
    }
    return result;
}

const std::vector<Entry>& View::no_entries() noexcept {
    static const std::vector<Entry> none;
    return none;
}

}  // namespace gatehouse::config
