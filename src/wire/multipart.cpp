#include "gatehouse/wire/multipart.hpp"

#include "part_head.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::wire {
namespace {

constexpr std::size_t remembered_fields = 32;

Problem malformed(const char* why) {
    return Problem(ProblemKind::invalid_value, why);
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
    const std::size_t type_end = std::min(content_type.find(';'), content_type.size());
    if (!equals_ignoring_case(trim(content_type.substr(0, type_end)), "multipart/form-data")) {
        return std::nullopt;
    }
    const auto parameters = read_parameters(content_type);
    const std::string* const boundary = parameters ? find_parameter(*parameters, "boundary") : nullptr;
    if (boundary == nullptr || boundary->empty() || boundary->size() > 70 || boundary->back() == ' ') {
        return std::nullopt;
    }
    for (const char c : *boundary) {
        const char folded = static_cast<char>(c | 0x20);
        const bool ordinary = (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z');
        if (!ordinary && std::string_view("'()+_,-./:=? ").find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    return *boundary;
}

MultipartScan::MultipartScan(std::string boundary, std::size_t value_limit)
    : delimiter_("\r\n--" + std::move(boundary)), limit_(value_limit) {}

Result<MultipartScan::State> MultipartScan::scan(std::string_view form, std::string_view name) {
    for (;;) {
        // The first delimiter stands at the very start and lacks the CRLF that the others begin with.
        const std::string_view delimiter = std::string_view(delimiter_).substr(at_ == 0 ? 2 : 0);
        const std::string_view here = form.substr(std::min(at_, form.size()));
        if (!here.starts_with(delimiter.substr(0, here.size()))) {
            return malformed("The form does not start with its boundary.");
        }
        if (here.size() < delimiter.size() + 2) {
            return State::need_more;
        }
        const std::string_view after = here.substr(delimiter.size());
        if (after.starts_with("--")) {
            return State::absent;
        }
        if (!after.starts_with("\r\n")) {
            return malformed("A boundary of the form is malformed.");
        }
        const std::size_t blank_line = after.substr(0, part_header_limit).find("\r\n\r\n");
        if (blank_line == std::string_view::npos) {
            return after.size() < part_header_limit
                       ? Result<State>(State::need_more)
                       : Result<State>(malformed("A part header of the form is too large."));
        }
        const std::size_t head_begin = at_ + delimiter.size() + 2;
        const std::size_t begin = at_ + delimiter.size() + blank_line + 4;
        const auto head = read_part_head(form.substr(head_begin, begin - std::min(begin, head_begin + 2)));
        if (!head) {
            return malformed("A part of the form has no name.");
        }
        if (form.substr(begin).starts_with(std::string_view(delimiter_).substr(2))) {
            return malformed("A boundary of the form is malformed.");  // is its CRLF the blank line's?
        }
        const std::size_t end = form.find(delimiter_, std::max(begin, searched_));
        const bool wanted = head->name == name && !head->file;
        // Without a delimiter in sight, its first bytes may already have come.
        const std::size_t least =
            end != std::string_view::npos ? end : form.size() - std::min(form.size(), delimiter_.size());
        if (wanted && least > begin && least - begin > limit_) {
            return malformed("A field of the form is too long.");
        }
        if (end == std::string_view::npos) {
            searched_ = form.size() - std::min(form.size(), delimiter_.size());
            return State::need_more;
        }
        at_ = end;
        searched_ = 0;
        if (wanted) {
            value_ = {begin, end};
            return State::found;
        }
        if (!head->file && end - begin <= limit_ && seen_.size() < remembered_fields) {
            seen_.push_back({head->name, {begin, end}});
        }
    }
}

std::optional<std::string_view> MultipartScan::field(std::string_view form, std::string_view name) const {
    for (const Seen& seen : seen_) {
        if (seen.name == name) {
            return form.substr(seen.value.begin, seen.value.size());
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::wire
