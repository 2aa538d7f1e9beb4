// A form, whole and in pieces, gives the same value and the same verdict; what passes has one model at most.
#include "check.hpp"

#include "gatehouse/wire/multipart.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::wire;

namespace {

constexpr std::size_t accepted = ~std::size_t{0};

/// The number of bytes after which the form is refused, rounded up to `step`.
std::size_t refused_after(std::string_view form, std::size_t step, bool& complete) {
    MultipartWatch watch("b");
    for (std::size_t at = 0; at < form.size(); at += step) {
        if (!watch.feed(form.substr(at, step))) {
            check(!watch.feed("x"));
            return std::min(at + step, form.size());
        }
    }
    complete = watch.complete();
    return accepted;
}

bool finds_model(std::string_view form) {
    MultipartScan scan("b");
    const auto state = scan.scan(form, "model");
    return state && *state == MultipartScan::State::found;
}

void growing_form_gives(std::string_view form, ByteRange value) {
    MultipartScan growing("b");
    for (std::size_t end = 0; end <= form.size(); ++end) {
        const auto step = growing.scan(form.substr(0, end), "model");
        check(static_cast<bool>(step));
        if (*step == MultipartScan::State::found) {
            check(growing.value().begin == value.begin && growing.value().end == value.end);
            return;
        }
    }
    check(false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view form = as_text(data, size);
    static_cast<void>(multipart_boundary(form));
    bool whole_complete = false;
    bool single_complete = false;
    bool pieces_complete = false;
    const std::size_t whole = refused_after(form, size + 1, whole_complete);
    const std::size_t single = refused_after(form, 1, single_complete);
    const std::size_t pieces = refused_after(form, 7, pieces_complete);
    check((whole == accepted) == (single == accepted) && (whole == accepted) == (pieces == accepted));
    check(whole_complete == single_complete && whole_complete == pieces_complete);
    check(single == accepted || (pieces >= single && pieces < single + 7));

    MultipartScan scan("b");
    const auto state = scan.scan(form, "model");
    if (!state || *state != MultipartScan::State::found) {
        return 0;
    }
    growing_form_gives(form, scan.value());
    if (whole == accepted) {
        check(!finds_model(form.substr(scan.value().end + 2)));
    }
    return 0;
}
