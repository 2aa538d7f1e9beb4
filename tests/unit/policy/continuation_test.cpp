#include "gatehouse/policy/continuation.hpp"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

BrokenAnswer broken_text() {
    return {ProblemKind::upstream_lost, true, true, false};
}

TEST(Continuation, IsForTextThatItsProviderBroke) {
    for (const auto why :
         {ProblemKind::upstream_lost, ProblemKind::upstream_timeout, ProblemKind::upstream_failed,
          ProblemKind::upstream_protocol, ProblemKind::upstream_rate_limited}) {
        auto answer = broken_text();
        answer.why = why;
        EXPECT_TRUE(may_be_gone_on_with(answer)) << name_of(why);
    }
}

TEST(Continuation, IsNotForWhatTheClientOrTheRequestEnded) {
    for (const auto why : {ProblemKind::client_gone, ProblemKind::cancelled, ProblemKind::content_policy,
                           ProblemKind::timed_out}) {
        auto answer = broken_text();
        answer.why = why;
        EXPECT_FALSE(may_be_gone_on_with(answer)) << name_of(why);
    }
}

TEST(Continuation, IsNotForWhatTheReaderWouldNotice) {
    auto answer = broken_text();
    answer.plain = false;
    EXPECT_FALSE(may_be_gone_on_with(answer));
    answer = broken_text();
    answer.ended = true;
    EXPECT_FALSE(may_be_gone_on_with(answer));
    answer = broken_text();
    answer.begun = false;
    EXPECT_FALSE(may_be_gone_on_with(answer)) << "that is what failover is for";
}

}  // namespace
}  // namespace gatehouse::policy
