#include "part_head.hpp"

#include "gatehouse/wire/multipart.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::wire {

MultipartWatch::MultipartWatch(std::string boundary, std::string name)
    : delimiter_("\r\n--" + std::move(boundary)), name_(std::move(name)) {}

Status MultipartWatch::feed(std::string_view bytes) {
    while (!bytes.empty() && failure_ == nullptr) {
        switch (state_) {
            case State::start:
                bytes.remove_prefix(match_start(bytes));
                break;
            case State::behind_delimiter:
                read_behind_delimiter(bytes.front());
                bytes.remove_prefix(1);
                break;
            case State::head:
                bytes.remove_prefix(read_head(bytes));
                break;
            case State::body:
                bytes.remove_prefix(search_delimiter(bytes));
                break;
            case State::ended:
                if (bytes.find_first_not_of("\r\n") != std::string_view::npos) {
                    failure_ = "There are bytes behind the last boundary of the form.";
                }
                bytes = {};
                break;
        }
    }
    return failure_ == nullptr ? done() : Status(Problem(ProblemKind::invalid_value, failure_));
}

std::size_t MultipartWatch::match_start(std::string_view bytes) noexcept {
    const std::string_view wanted = std::string_view(delimiter_).substr(matched_);
    const std::string_view compared = bytes.substr(0, wanted.size());
    if (!wanted.starts_with(compared)) {
        failure_ = "The form does not start with its boundary.";
    }
    matched_ += compared.size();
    if (matched_ == delimiter_.size()) {
        state_ = State::behind_delimiter;
    }
    return compared.size();
}

void MultipartWatch::read_behind_delimiter(char c) {
    if (c == (first_behind_ == '-' ? '-' : '\n') && first_behind_ != '\0') {
        state_ = c == '-' ? State::ended : State::head;
        head_ = "\r\n";
        first_behind_ = '\0';
    } else if (first_behind_ == '\0' && (c == '\r' || c == '-')) {
        first_behind_ = c;
    } else {
        failure_ = "A boundary of the form is malformed.";
    }
}

std::size_t MultipartWatch::read_head(std::string_view bytes) {
    const std::size_t before = head_.size();
    head_.append(bytes.substr(0, part_header_limit - before));
    // The end may have begun in the bytes of an earlier call.
    const std::size_t blank_line = head_.find("\r\n\r\n", before - std::min<std::size_t>(before, 3));
    if (blank_line == std::string::npos) {
        if (head_.size() == part_header_limit) {
            failure_ = "A part header of the form is too large.";
        }
        return head_.size() - before;
    }
    const std::string_view lines = std::string_view(head_).substr(2, blank_line);
    const auto head = read_part_head(lines);
    if (!head) {
        failure_ = "A part of the form has no name.";
    } else if (head->name == name_ && std::exchange(seen_, true)) {
        failure_ = "A field of the form occurs twice.";
    }
    state_ = State::body;
    // The blank line's CRLF could be taken for the one of a delimiter: readers differ, so one here is
    // refused.
    matched_ = 2;
    behind_crlf_ = false;
    last_ = '\n';
    return blank_line + 4 - before;
}

std::size_t MultipartWatch::search_delimiter(std::string_view bytes) noexcept {
    // The delimiter's only line feed is its second byte, since a boundary holds none: after a mismatch, a
    // match can start anew only at the byte that did not fit. So of what went by, only the last byte has to
    // be known.
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (matched_ == 0) {
            at = std::min(bytes.find('\n', at), bytes.size());
            if (at == bytes.size()) {
                break;
            }
        } else if (bytes[at] == delimiter_[matched_]) {
            ++matched_;
            if (matched_ < delimiter_.size()) {
                continue;
            }
            if (!behind_crlf_) {
                failure_ = "A boundary of the form is malformed.";
            }
            state_ = State::behind_delimiter;
            return at + 1;
        }
        matched_ = bytes[at] == '\n' ? 2 : 0;
        behind_crlf_ = (at == 0 ? last_ : bytes[at - 1]) == '\r';
    }
    last_ = bytes.back();
    return bytes.size();
}

}  // namespace gatehouse::wire
