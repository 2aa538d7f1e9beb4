#include "store/answer.hpp"

#include "store/questions.hpp"

#include "gatehouse/core/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse::store {
namespace {

Task<void> await(std::shared_ptr<Answer<std::string>> answer, net::Lane& lane,
                 std::optional<std::string>& given) {
    given = co_await answer->wait();
    lane.stop();
}

TEST(Answer, WakesWhoWaitsAlsoWhenThereIsNone) {
    for (const bool fails : {false, true}) {
        net::Lane lane;
        Worker worker("test");
        const auto answer = std::make_shared<Answer<std::string>>(lane, "none");
        std::optional<std::string> given;
        lane.spawn(await(answer, lane, given));
        worker.post([&] {
            answer->give([&]() -> std::string {
                if (fails) {
                    throw std::runtime_error("no memory");
                }
                return "some";
            });
        });
        lane.run();
        EXPECT_EQ(given, fails ? "none" : "some");
    }
}

TEST(Questions, LeaveRoomForOthersThanOneKey) {
    Questions questions;
    std::vector<std::unique_ptr<const Questions::Place>> places;
    for (int i = 0; i < Questions::most_of_key; ++i) {
        places.push_back(questions.take("a"));
        EXPECT_NE(places.back(), nullptr);
    }
    EXPECT_EQ(questions.take("a"), nullptr);
    EXPECT_NE(questions.take("b"), nullptr);
    while (static_cast<int>(places.size()) < Questions::most) {
        places.push_back(questions.take(""));
        ASSERT_NE(places.back(), nullptr);
    }
    EXPECT_EQ(questions.take("b"), nullptr);
    EXPECT_EQ(questions.take(""), nullptr);
    places.erase(places.begin());
    places.push_back(questions.take("a"));
    EXPECT_NE(places.back(), nullptr) << "a place is free again when its question is over";
}

}  // namespace
}  // namespace gatehouse::store
