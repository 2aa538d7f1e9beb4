// What the operator is told of the cache, and of a purge that could not be carried out.
#include "server_fixture.hpp"
#include "support/empty_answers.hpp"

#include "gatehouse/pipeline/cache_stage.hpp"

#include <string>
#include <vector>

namespace gatehouse::server {
namespace {

/// Has nothing, and says of a purge what the test wants.
class ScriptedAnswers : public test::EmptyAnswers {
public:
    Task<store::Purged> purge(net::Lane&, store::Purge) override { co_return purged; }
    std::vector<store::ModelAnswers> by_model() const override { return {{"auto", 1, 900}}; }

    store::Purged purged;
};

struct CachePagesTest : ServerTest {
    CachePagesTest() {
        add_key("gh-root", "root", true);
        admin.cache = &cache;
    }
    std::string ask_admin(std::string_view method, std::string_view path) {
        return ask(get(path, "Authorization: Bearer gh-root\r\n", "localhost", method), Door::admin);
    }

    ScriptedAnswers answers;
    pipeline::CacheTally tally;
    pipeline::CacheParts cache{answers, tally};
};

TEST_F(CachePagesTest, APurgeSaysHowManyWent) {
    answers.purged.count = 3;
    const auto reply = ask_admin("DELETE", "/admin/cache");
    EXPECT_EQ(status_of(reply), 200);
    EXPECT_EQ(body_of(reply), R"({"purged":3})");
}

TEST_F(CachePagesTest, APurgeThatTheDiskRefusedIsAnError) {
    answers.purged = {3, false};
    const auto reply = ask_admin("DELETE", "/admin/cache");
    EXPECT_EQ(status_of(reply), 503);
    EXPECT_TRUE(has(reply, R"("code":"storage_unavailable")")) << reply;
    EXPECT_TRUE(has(reply, "forgot 3 answers")) << "what was done";
    EXPECT_TRUE(has(reply, "come back at the next start")) << "what was not";
}

TEST_F(CachePagesTest, SavingsOfSharedCallsStandByThemselves) {
    tally.hit("auto", policy::CacheTier::exact, PicoUsd(1'000'000), 10);
    tally.coalesced("auto", PicoUsd(5'000'000), 7);
    tally.coalesced("auto", PicoUsd(5'000'000), 7);
    auto page = body_of(ask_admin("GET", "/admin/cache"));
    std::erase_if(page, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_TRUE(has(page, R"("saved_usd":"0.000001","saved_tokens":10,"coalesced":{"requests":2,)"
                          R"("saved_usd":"0.00001","saved_tokens":14})"))
        << page;
    EXPECT_TRUE(has(page, R"({"model":"auto","hits":1,)")) << page;
    EXPECT_TRUE(has(page, R"("saved_tokens":14},"entries":1,"bytes":900})")) << page;
}

TEST_F(CachePagesTest, RepliesThatFoundNoRoomAreCounted) {
    cache.recording->bound(0);
    EXPECT_FALSE(cache.recording->take(1));
    EXPECT_TRUE(has(body_of(ask_admin("GET", "/admin/cache")), R"("not_recorded": 1)"));
}

}  // namespace
}  // namespace gatehouse::server
