#include "gatehouse/wire/multipart.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace gatehouse::wire {
namespace {

TEST(Multipart, FindsAFieldHoweverTheFormArrives) {
    const auto boundary = multipart_boundary("multipart/form-data; boundary=\"xY\"");
    ASSERT_EQ(boundary, "xY");
    const std::string form =
        "--xY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\r\n--x\r\n--xY\r\n"
        "Content-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n--xY\r\n"
        "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--xY--\r\n";
    MultipartScan scan(*boundary);
    std::size_t end = 0;
    for (; end <= form.size(); ++end) {
        const auto state = scan.scan(std::string_view(form).substr(0, end), "model");
        ASSERT_TRUE(state) << end;
        if (*state == MultipartScan::State::found) {
            break;
        }
    }
    EXPECT_EQ(form.substr(scan.value().begin, scan.value().size()), "whisper");
    EXPECT_EQ(scan.field(form, "stream"), "true");
    MultipartScan other(*boundary);
    const auto absent = other.scan(form, "none");
    ASSERT_TRUE(absent);
    EXPECT_EQ(*absent, MultipartScan::State::absent);
    EXPECT_FALSE(MultipartScan("q").scan(form, "model"));
    EXPECT_FALSE(multipart_boundary("application/json"));
}

TEST(Multipart, RefusesABoundaryThatIsSaidTwice) {
    EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=a; boundary=b"));
    EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=a; Boundary=b"));
    EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=\"a"));
    EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; BOUNDARY=a"), "a");
}

std::string part(std::string_view disposition, std::string_view value) {
    return "--xY\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
           std::string(value) + "\r\n";
}

constexpr std::size_t accepted = std::string::npos;

/// After how many bytes the form is refused when it comes in pieces of `step`.
std::size_t refused_after(std::string_view form, std::size_t step) {
    MultipartWatch watch("xY");
    for (std::size_t at = 0; at < form.size(); at += step) {
        const Status fed = watch.feed(form.substr(at, step));
        if (!fed) {
            EXPECT_EQ(fed.problem().kind(), ProblemKind::invalid_value);
            EXPECT_FALSE(watch.feed("")) << "a refusal is final";
            EXPECT_FALSE(watch.complete());
            return std::min(at + step, form.size());
        }
    }
    return accepted;
}

bool watch_accepts(std::string_view form) {
    const std::size_t single = refused_after(form, 1);
    for (std::size_t step = 2; step <= form.size(); ++step) {
        const std::size_t pieces = refused_after(form, step);
        EXPECT_EQ(pieces == accepted, single == accepted) << step << '\n' << form;
        if (single != accepted) {
            EXPECT_GE(pieces, single);
            EXPECT_LT(pieces, single + step);
        }
    }
    return single == accepted;
}

const std::string model = part("name=\"model\"", "whisper");
const std::string file = part("name=\"file\"; filename=\"a\"", "\r\n--x\r\n--xZ\r\r\n\n\n--");
const std::string last = "--xY--\r\n";

TEST(MultipartWatch, LetsAnOrdinaryFormPass) {
    EXPECT_TRUE(watch_accepts(model + file + last));
    EXPECT_TRUE(watch_accepts(file + part("name=stream", "") + model + "--xY--"));
    EXPECT_TRUE(watch_accepts(model + part("name=\"models\"", "a") + part("name=\"Model\"", "a") + last));
    MultipartWatch watch("xY");
    EXPECT_TRUE(watch.feed(model));
    EXPECT_FALSE(watch.complete());
    EXPECT_TRUE(watch.feed(last));
    EXPECT_TRUE(watch.complete());
}

TEST(MultipartWatch, SpeaksUpWhenASecondModelBegins) {
    const std::string form = model + file + model + last;
    const std::size_t second_head_end = (model + file + model).size() - std::string("whisper\r\n").size();
    EXPECT_EQ(refused_after(form, 1), second_head_end);
    EXPECT_FALSE(watch_accepts(form));
}

struct Form {
    const char* name;
    std::string bytes;
};

class RefusedForm : public testing::TestWithParam<Form> {};

TEST_P(RefusedForm, IsRefusedHoweverItArrives) {
    EXPECT_FALSE(watch_accepts(GetParam().bytes));
}

std::string head(std::string_view lines) {
    return "--xY\r\n" + std::string(lines) + "\r\n\r\nvalue\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Multipart, RefusedForm,
    testing::Values(
        Form{"second_model_unquoted", model + part("name=model", "b") + last},
        Form{"second_model_escaped", model + part(R"(name="mo\del")", "b") + last},
        Form{"second_model_upper_case_parameter", model + part("NAME=\"model\"", "b") + last},
        Form{"second_model_as_file", model + part("name=\"model\"; filename=\"f\"", "b") + last},
        Form{"second_model_behind_other_parameter",
             model + part("filename=\"f\"; name=\"model\"", "b") + last},
        Form{"second_model_in_small_letters",
             model + head("content-disposition: FORM-DATA; name=\"model\"") + last},
        Form{"second_model_behind_other_header",
             model + head("Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"model\"") +
                 last},
        Form{"extended_name", model + part("name*=UTF-8''model", "b") + last},
        Form{"extended_name_beside_plain", model + part("name=\"a\"; name*=UTF-8''model", "b") + last},
        Form{"continued_name", model + part("name*0=mo; name*1=del", "b") + last},
        Form{"name_twice", model + part("name=\"a\"; name=\"model\"", "b") + last},
        Form{"disposition_twice", model +
                                      head("Content-Disposition: form-data; name=\"a\"\r\n"
                                           "Content-Disposition: form-data; name=\"model\"") +
                                      last},
        Form{"folded_header", model + head("Content-Disposition: form-data;\r\n name=\"model\"") + last},
        Form{"blank_before_colon", model + head("Content-Disposition : form-data; name=\"model\"") + last},
        Form{"bare_line_feed_in_header",
             model + head("X: y\nContent-Disposition: form-data; name=\"model\"") + last},
        Form{"no_name", model + head("Content-Disposition: form-data") + last},
        Form{"no_headers", model + "--xY\r\n\r\nvalue\r\n" + last},
        Form{"no_disposition", model + head("X: y") + last},
        Form{"other_disposition", model + head("Content-Disposition: attachment; name=\"a\"") + last},
        Form{"line_without_colon", model + head("Content-Disposition: form-data; name=\"a\"\r\nX") + last},
        Form{"unterminated_quote", model + part("name=\"a", "b") + last},
        Form{"text_behind_a_quoted_value", model + part("name=\"a\"model", "b") + last},
        Form{"header_above_its_limit", model + head("X: " + std::string(8192, 'a')) + last},
        Form{"preamble", "x\r\n" + model + last}, Form{"text_behind_a_boundary", model + "--xY \r\n" + last},
        Form{"boundary_behind_a_bare_line_feed", part("name=a", "b\n--xY\r\nX: y\r\n\r\n") + last},
        Form{"boundary_right_behind_a_blank_line",
             "--xY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + model + last},
        Form{"epilogue", model + last + model + last}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(MultipartScan, AgreesWithTheWatchAboutBadPartHeads) {
    for (const char* lines :
         {"X: y", "Content-Disposition : form-data; name=\"model\"",
          "Content-Disposition: form-data; name*=a", "Content-Disposition: form-data; name=a; Name=model"}) {
        EXPECT_FALSE(MultipartScan("xY").scan(head(lines) + last, "model")) << lines;
    }
}

}  // namespace
}  // namespace gatehouse::wire
