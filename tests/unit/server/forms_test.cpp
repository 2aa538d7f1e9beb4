// Forms on their way to the provider: it gets them byte by byte as they came, and never the end of a bad one.
#include "server_fixture.hpp"
#include "support/gzip.hpp"

#include <fmt/format.h>

namespace gatehouse::server {
namespace {

constexpr std::string_view path = "/v1/audio/transcriptions";
constexpr std::string_view form_type = "Content-Type: multipart/form-data; boundary=b\r\n";

std::string part(std::string_view disposition, std::string_view value) {
    return fmt::format("--b\r\nContent-Disposition: form-data; {}\r\n\r\n{}\r\n", disposition, value);
}

const std::string model = part("name=\"model\"", "small");
const std::string second_model = part("name=\"model\"", "big");
const std::string file = part("name=\"file\"; filename=\"a\"", "\r\n--x\r\n-- z\r");
const std::string last = "--b--\r\n";
const std::string good_form = model + file + last;

enum class Sent { sized, chunked };

std::string head(std::string_view fields) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer gh-alice\r\n{}{}\r\n", path,
                       form_type, fields);
}

std::string chunk(std::string_view bytes) {
    return bytes.empty() ? std::string() : fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

struct Forms : ServerTest {
    Forms() {
        script = [this](Exchange& x) { return Provider::run(x, provider); };
    }

    /// Takes a form as an HTTP client passes it on.
    struct Provider {
        std::string got;
        bool asked{false};
        bool complete{false};  // what was passed on is a whole body
        std::optional<std::uint64_t> size;
        std::uint64_t most{0};
        std::optional<ProblemKind> problem;

        static Task<Result<Outcome>> run(Exchange& x, Provider& to) {
            const auto& original = x.request.original;
            to.asked = true;
            to.size = original.size;
            to.most = x.longest_body;
            to.got = original.bytes;
            to.complete = original.rest == nullptr || to.got.size() == to.size;
            while (original.rest != nullptr) {
                auto piece = co_await original.rest->next();
                if (!piece) {
                    to.problem = piece.problem().kind();
                    co_return piece.problem();
                }
                to.got += *piece;
                if (piece->empty()) {
                    to.complete = true;
                    break;
                }
                to.complete = to.got.size() == to.size;
            }
            chat::ReplyHead reply;
            reply.content_type = "text/plain";
            x.sink.head(std::move(reply));
            const Delta text{DeltaKind::opaque, "hello"};
            auto pushed = co_await x.sink.push(std::span(&text, 1));
            if (!pushed) {
                co_return pushed.problem();
            }
            co_return Outcome{};
        }
    };

    /// Sends the form in pieces, the server dealing with each before the next comes.
    std::string send(const std::vector<std::string>& pieces, Sent how) {
        provider = Provider();
        const auto client = connect();
        std::size_t size = 0;
        for (const auto& piece : pieces) {
            size += piece.size();
        }
        client->send(how == Sent::chunked ? head("Transfer-Encoding: chunked\r\n")
                                          : head(fmt::format("Content-Length: {}\r\n", size)));
        for (const auto& piece : pieces) {
            client->send(how == Sent::chunked ? chunk(piece) : piece);
            run();
        }
        if (how == Sent::chunked) {
            client->send("0\r\n\r\n");
            run();
        }
        client->leave();
        run();
        return client->received();
    }
    std::string send_split(std::string_view form, std::size_t at, Sent how) {
        return send({std::string(form.substr(0, at)), std::string(form.substr(at))}, how);
    }
    std::string send_gzipped(std::string_view form) {
        provider = Provider();
        return ask(post(path, test::gzip(form), std::string(form_type) + "Content-Encoding: gzip\r\n"));
    }

    Provider provider;
};

std::vector<std::string> bytes_of(std::string_view form) {
    std::vector<std::string> bytes;
    for (const char byte : form) {
        bytes.emplace_back(1, byte);
    }
    return bytes;
}

constexpr std::array both_ways{Sent::sized, Sent::chunked};

TEST_F(Forms, PassAsTheyCameHoweverTheyAreSplit) {
    for (const Sent how : both_ways) {
        for (std::size_t at = 0; at <= good_form.size(); ++at) {
            const auto reply = send_split(good_form, at, how);
            ASSERT_EQ(status_of(reply), 200) << at << '\n' << reply;
            ASSERT_EQ(provider.got, good_form) << at;
            ASSERT_TRUE(provider.complete) << at;
        }
        EXPECT_EQ(status_of(send(bytes_of(good_form), how)), 200);
        EXPECT_EQ(provider.got, good_form);
    }
}

TEST_F(Forms, AreHeldUntilTheModelIsKnownAndStreamedFromThere) {
    const std::string held = model + "--b\r\n";
    const std::string rest = good_form.substr(held.size());
    EXPECT_EQ(status_of(send({held, rest}, Sent::sized)), 200);
    EXPECT_EQ(provider.size, good_form.size());
    EXPECT_EQ(status_of(send({held, rest}, Sent::chunked)), 200);
    EXPECT_EQ(provider.size, std::nullopt) << "nobody knows yet how much will come";
    EXPECT_EQ(provider.most, options.limits.body);

    provider = Provider();
    const auto client = connect();
    client->send(head(fmt::format("Content-Length: {}\r\n", good_form.size())) + held);
    run();
    EXPECT_TRUE(provider.asked);
    EXPECT_EQ(provider.got, held);
    client->send(rest);
    run();
    EXPECT_EQ(provider.got, good_form);
    EXPECT_TRUE(has(client->received(), "content-type: text/plain\r\n"));
    EXPECT_TRUE(has(client->received(), "5\r\nhello\r\n0\r\n\r\n"));
    EXPECT_FALSE(client->closed) << "the form was read whole, the connection goes on";
}

TEST_F(Forms, ThatAreGzippedPassInflated) {
    EXPECT_EQ(status_of(send_gzipped(good_form)), 200);
    EXPECT_EQ(provider.got, good_form);
    EXPECT_EQ(provider.size, good_form.size());
}

TEST_F(Forms, WithoutAModelAre400) {
    for (const auto& form : {part("name=\"language\"", "en") + last, part("name=\"model\"", "") + last}) {
        const auto reply = ask(post(path, form, form_type));
        EXPECT_EQ(status_of(reply), 400);
        EXPECT_TRUE(has(reply, R"("param":"model","code":"missing_required_parameter")"));
    }
    EXPECT_FALSE(provider.asked);
    EXPECT_EQ(status_of(ask(post(path, "{}"))), 415);
}

TEST_F(Forms, WithASecondModelInTheRestAreCutAndRefused) {
    const auto client = connect();
    client->send(head("Transfer-Encoding: chunked\r\n") + chunk(model + file));
    run();
    ASSERT_TRUE(provider.asked);
    EXPECT_EQ(client->received(), "");
    client->send(chunk(second_model));
    run();
    EXPECT_EQ(provider.got, model + file) << "the piece with the second model stays here";
    EXPECT_EQ(provider.problem, ProblemKind::invalid_value);
    EXPECT_EQ(status_of(client->received()), 400);
    EXPECT_TRUE(has(client->received(), R"("type":"invalid_request_error","param":null,)"
                                        R"("code":"invalid_value"}})"));
    EXPECT_TRUE(has(client->received(), "connection: close\r\n"));
    EXPECT_EQ(client->writes.size(), 1U);
    client->send(chunk(last) + "0\r\n\r\n" + get("/v1/models"));
    client->leave();
    run();
    EXPECT_EQ(client->writes.size(), 1U) << "what follows is no request";
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Forms, OfAClientThatLeavesAreCut) {
    const auto client = connect();
    client->send(head("Transfer-Encoding: chunked\r\n") + chunk(model + file + last));
    client->leave();
    run();
    EXPECT_EQ(provider.got, good_form);
    EXPECT_EQ(provider.problem, ProblemKind::client_gone);
    EXPECT_FALSE(provider.complete) << "its end never came";
    EXPECT_EQ(client->received(), "");
}

TEST_F(Forms, ThatOutgrowTheBodyLimitAreCutAnd413) {
    options.limits.body = 4096;
    const std::string begun = model + "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
    const std::string enough(4096 - begun.size(), 'z');
    const auto reply = send({begun, enough, "z"}, Sent::chunked);
    EXPECT_EQ(status_of(reply), 413);
    EXPECT_TRUE(has(reply, R"("code":"request_too_large")"));
    EXPECT_TRUE(has(reply, "connection: close\r\n"));
    EXPECT_EQ(provider.got, begun + enough);
    EXPECT_EQ(provider.problem, ProblemKind::request_too_large);
    EXPECT_FALSE(provider.complete);
    EXPECT_EQ(status_of(send({begun, enough, "z"}, Sent::sized)), 413);
    EXPECT_FALSE(provider.asked) << "what announces its size is refused unread";
    EXPECT_EQ(status_of(send_gzipped(begun + enough + "z")), 413);
    EXPECT_FALSE(provider.asked);
}

TEST_F(Forms, AreAskedForWithContinueOnce) {
    const auto client = connect();
    client->send(head(fmt::format("Expect: 100-continue\r\nContent-Length: {}\r\n", good_form.size())));
    run();
    EXPECT_EQ(client->received(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_FALSE(provider.asked);
    client->send(model + "--b\r\n");
    run();
    EXPECT_TRUE(provider.asked);
    client->send(good_form.substr(model.size() + 5));
    run();
    EXPECT_EQ(provider.got, good_form);
    ASSERT_GE(client->writes.size(), 2U);
    EXPECT_EQ(status_of(client->writes[1]), 200);
}

struct BadForm {
    const char* name;
    std::string bytes;
    bool begins_well{true};  // may reach a provider before it is known to be bad
};

void PrintTo(const BadForm& form, std::ostream* out) {
    *out << form.name;
}

class BadForms : public Forms, public testing::WithParamInterface<BadForm> {
protected:
    void expect_refused(const std::string& reply, std::size_t at) const {
        ASSERT_EQ(status_of(reply), 400) << at << '\n' << reply;
        ASSERT_TRUE(has(reply, R"("code":"invalid_value")")) << at << '\n' << reply;
        ASSERT_FALSE(provider.complete) << at;
        ASSERT_EQ(provider.problem.value_or(ProblemKind::invalid_value), ProblemKind::invalid_value) << at;
    }
};

TEST_P(BadForms, NeverReachTheProviderWhole) {
    const std::string& form = GetParam().bytes;
    bool streamed = false;
    for (const Sent how : both_ways) {
        for (std::size_t at = 0; at <= form.size(); ++at) {
            expect_refused(send_split(form, at, how), at);
            streamed = streamed || provider.asked;
        }
        expect_refused(send(bytes_of(form), how), 1);
    }
    EXPECT_EQ(streamed, GetParam().begins_well);
}

TEST_P(BadForms, AreRefusedUnaskedWhenTheyComeAtOnce) {
    expect_refused(ask(post(path, GetParam().bytes, form_type)), 0);
    EXPECT_FALSE(provider.asked);
    expect_refused(send_gzipped(GetParam().bytes), 0);
    EXPECT_FALSE(provider.asked);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadForms,
    testing::Values(BadForm{"second_model", model + second_model + file + last},
                    BadForm{"second_model_behind_a_file", model + file + second_model + last},
                    BadForm{"same_model_again", model + file + model + last},
                    BadForm{"second_model_as_file",
                            model + part("name=\"model\"; filename=\"f\"", "big") + last},
                    BadForm{"first_model_as_file",
                            part("name=\"model\"; filename=\"f\"", "big") + model + file + last, false},
                    BadForm{"ends_in_a_part", model + file.substr(0, file.size() - 4)},
                    BadForm{"ends_behind_a_part", model + file},
                    BadForm{"ends_within_its_last_boundary", model + file + "--b-"},
                    BadForm{"text_behind_its_end", good_form + "x"},
                    BadForm{"second_model_behind_its_end", good_form + second_model + last}),
    [](const testing::TestParamInfo<BadForm>& about) { return about.param.name; });

}  // namespace
}  // namespace gatehouse::server
