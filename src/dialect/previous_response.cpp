#include "previous_response.hpp"

namespace gatehouse::dialect {

PreviousResponse::PreviousResponse(std::string_view id) {
    if (!id.empty()) {
        id_ = wire::json_string(id);
        member_ = "\"previous_response_id\":" + id_ + ',';
    }
}

void PreviousResponse::show(std::string_view text, const MemberPlace& place, Edits& edits) const {
    if (id_.empty() || !place.possible || edits.full()) {
        return;
    }
    const std::string_view value = text.substr(place.value.begin, place.value.size());
    if (value.empty()) {
        edits.replace(place.value, member_);
    } else if (value != id_) {
        edits.replace(place.value, id_);
    }
}

}  // namespace gatehouse::dialect
