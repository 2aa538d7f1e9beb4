#include "gatehouse/wire/http_message.hpp"

#include "gatehouse/core/text.hpp"

namespace gatehouse::wire {

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
    for (const Span& span : spans_) {
        if (span.name_size == name.size() &&
            equals_ignoring_case({bytes_.data() + span.name, span.name_size}, name)) {
            return std::string_view(bytes_.data() + span.value, span.value_size);
        }
    }
    return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const noexcept {
    std::size_t found = 0;
    for (const Span& span : spans_) {
        if (equals_ignoring_case({bytes_.data() + span.name, span.name_size}, name)) {
            ++found;
        }
    }
    return found;
}

void Fields::add(std::string_view name, std::string_view value) {
    const std::size_t at = bytes_.size();
    bytes_.append(name);
    bytes_.append(value);
    mark(at, name.size(), at + name.size(), value.size());
}

void Fields::clear() noexcept {
    bytes_.clear();
    spans_.clear();
}

void Fields::assign_block(std::string_view block) {
    bytes_.assign(block);
    spans_.clear();
}

}  // namespace gatehouse::wire
