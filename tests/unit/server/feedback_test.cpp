// What callers say of answers that they got from the cache.
#include "server_fixture.hpp"

#include "gatehouse/pipeline/cache_stage.hpp"

#include <string>

namespace gatehouse::server {
namespace {

constexpr std::string_view feedback_path = "/v1/cache/feedback";

struct FeedbackPathTest : ServerTest {
    FeedbackPathTest() {
        add_key("gh-bob", "bob");
        add_key("gh-root", "root", true);
        admin.cache = &cache;
    }
    void give(std::string_view caller, std::string_view request, std::string of = {}) {
        pipeline::GivenHit hit;
        hit.found_at = sha256("kept");
        hit.similarity = 0.95;
        hit.of = std::move(of);
        given.note(caller, request, std::move(hit), clock.now());
    }
    std::string judge(std::string_view body, std::string_view key = "gh-alice") {
        return ask(post(feedback_path, body, "", key));
    }

    std::unique_ptr<store::AnswerCache> answers{store::open_answer_cache({}, clock.wall())};
    pipeline::CacheTally tally;
    pipeline::QuestionIndex questions{10};
    pipeline::EvidenceBook evidence;
    pipeline::GivenHits given;
    pipeline::CacheParts cache{
        .answers = *answers, .tally = tally, .questions = &questions, .evidence = &evidence, .given = &given};
};

TEST_F(FeedbackPathTest, AWrongAnswerIsForgotten) {
    answers->keep(sha256("kept"), std::nullopt,
                  std::make_shared<const store::KeptAnswer>(
                      store::KeptAnswer{.bytes = "{}", .expires_at = clock.wall() + std::chrono::hours(1)}));
    ASSERT_EQ(answers->counts().entries, 1U);
    give("alice", "req_1");
    const auto reply = judge(R"({"request_id":"req_1","right":false})");
    EXPECT_EQ(status_of(reply), 200);
    EXPECT_EQ(body_of(reply), R"({"object":"cache.feedback","request_id":"req_1","right":false,)"
                              R"("counted":true,"forgotten":true,"recorded":false})");
    EXPECT_EQ(answers->counts().entries, 0U);
    EXPECT_TRUE(evidence.lines().empty()) << "adaptive mode was off";
    const auto text = log_text();
    EXPECT_TRUE(has(text, R"("event":"cache_feedback","caller":"alice","request_id":"req_1",)"
                          R"("verdict":"wrong")"))
        << text;
    EXPECT_FALSE(has(text, "gh-alice"));
}

TEST_F(FeedbackPathTest, ItsWordIsALabelOfAdaptiveMode) {
    give("alice", "req_1", "m by e 1");
    const auto reply = judge(R"({"right":true,"request_id":"req_1"})");
    EXPECT_TRUE(has(reply, R"("counted":true,"forgotten":false,"recorded":true)")) << reply;
    ASSERT_EQ(evidence.lines().size(), 1U);
    EXPECT_EQ(evidence.lines()[0].cell.right, 1U);
    give("alice", "req_2", "m by e 1");
    judge(R"({"request_id":"req_2","right":false})");
    EXPECT_EQ(evidence.lines()[0].cell.wrong, 1U);
    auto page =
        body_of(ask(get("/admin/cache", "Authorization: Bearer gh-root\r\n", "localhost"), Door::admin));
    std::erase_if(page, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_TRUE(has(page, R"("feedback":{"right":1,"wrong":1})")) << page;
}

TEST_F(FeedbackPathTest, TheSamePairOfQuestionsIsOneRightLabel) {
    give("alice", "req_1", "m by e 1");
    give("alice", "req_2", "m by e 1");
    give("bob", "req_3", "m by e 1");
    judge(R"({"request_id":"req_1","right":true})");
    EXPECT_TRUE(has(judge(R"({"request_id":"req_2","right":true})"),
                    R"("counted":true,"forgotten":false,"recorded":false)"));
    judge(R"({"request_id":"req_3","right":true})", "gh-bob");
    ASSERT_EQ(evidence.lines().size(), 1U);
    EXPECT_EQ(evidence.lines()[0].cell.right, 1U);
    EXPECT_EQ(given.counts().right, 3U) << "each of them is counted";
}

TEST_F(FeedbackPathTest, ASecondWordDoesNothing) {
    give("alice", "req_1", "m by e 1");
    judge(R"({"request_id":"req_1","right":true})");
    const auto again = judge(R"({"request_id":"req_1","right":true})");
    EXPECT_EQ(status_of(again), 200);
    EXPECT_TRUE(has(again, R"("counted":false,"forgotten":false,"recorded":false)")) << again;
    const auto opposite = judge(R"({"request_id":"req_1","right":false})");
    EXPECT_EQ(status_of(opposite), 409);
    EXPECT_TRUE(has(opposite, R"("code":"conflict")")) << opposite;
    EXPECT_EQ(evidence.lines()[0].cell.right, 1U);
    EXPECT_EQ(evidence.lines()[0].cell.wrong, 0U);
}

TEST_F(FeedbackPathTest, OthersAreToldTheSameAsOfAnIdThatNobodyHas) {
    give("alice", "req_1");
    const auto of_another = judge(R"({"request_id":"req_1","right":false})", "gh-bob");
    const auto of_nobody = judge(R"({"request_id":"req_2","right":false})", "gh-bob");
    EXPECT_EQ(status_of(of_another), 404);
    EXPECT_TRUE(has(of_another, R"("code":"not_found")")) << of_another;
    EXPECT_EQ(body_of(of_another), body_of(of_nobody));
    EXPECT_EQ(status_of(judge(R"({"request_id":"req_1","right":false})", "gh-nobody")), 401);
    clock.advance(std::chrono::hours(24));
    const auto too_late = judge(R"({"request_id":"req_1","right":false})");
    EXPECT_EQ(status_of(too_late), 404);
    EXPECT_EQ(body_of(too_late), body_of(of_nobody));
}

TEST_F(FeedbackPathTest, ABodyThatIsWrongSaysWhere) {
    struct Case {
        std::string_view body, code, param;
    };
    for (const auto& [body, code, param] :
         {Case{"", "invalid_json", "null"}, Case{"right", "invalid_json", "null"},
          Case{"[]", "invalid_type", "null"},
          Case{R"({"request_id":"a","right":tru})", "invalid_json", "null"},
          Case{R"({"request_id":"a"})", "missing_required_parameter", R"("right")"},
          Case{R"({"right":true})", "missing_required_parameter", R"("request_id")"},
          Case{R"({"request_id":"","right":true})", "missing_required_parameter", R"("request_id")"},
          Case{R"({"request_id":7,"right":true})", "invalid_type", R"("request_id")"},
          Case{R"({"request_id":"a","right":"yes"})", "invalid_type", R"("right")"},
          Case{R"({"request_id":"a","right":true,"why":"x"})", "invalid_value", R"("why")"},
          Case{R"({"request_id":"a","right":true,"request_id":"b"})", "invalid_value", R"("request_id")"},
          Case{R"({"right":true,"request_id":"a","right":false})", "invalid_value", R"("right")"}}) {
        const auto reply = judge(body);
        EXPECT_EQ(status_of(reply), 400) << body;
        EXPECT_TRUE(has(reply, "\"code\":\"" + std::string(code) + "\"")) << reply;
        EXPECT_TRUE(has(reply, "\"param\":" + std::string(param))) << reply;
    }
}

TEST_F(FeedbackPathTest, ANameIsToldNoLongerThanNamesAre) {
    const std::string longest(64, 'w');
    EXPECT_TRUE(has(judge("{\"" + longest + "\":1}"), "\"param\":\"" + longest + "\""));
    const auto reply = judge("{\"w" + longest + "\":1}");
    EXPECT_EQ(status_of(reply), 400);
    EXPECT_TRUE(has(reply, R"("code":"invalid_value")")) << reply;
    EXPECT_TRUE(has(reply, R"("param":null)")) << reply;
}

TEST_F(FeedbackPathTest, WithoutACacheThereIsNothingToJudge) {
    admin.cache = nullptr;
    EXPECT_EQ(status_of(judge(R"({"request_id":"a","right":true})")), 404);
}

TEST_F(FeedbackPathTest, IsAPathOfTheClientsDoorThatTakesPostOnly) {
    const auto reply = ask(get(feedback_path));
    EXPECT_EQ(status_of(reply), 405);
    EXPECT_TRUE(has(reply, "allow: POST, OPTIONS")) << reply;
    EXPECT_EQ(status_of(ask(get(feedback_path, "Authorization: Bearer gh-root\r\n", "localhost", "POST"),
                            Door::admin)),
              404);
}

}  // namespace
}  // namespace gatehouse::server
