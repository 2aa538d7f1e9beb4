// A cache of answers that has none and keeps none, to be made worse by a test.
#pragma once

#include "gatehouse/store/answer_cache.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::test {

class EmptyAnswers : public store::AnswerCache {
public:
    std::shared_ptr<const store::KeptAnswer> find(const Digest&, WallTime) override { return nullptr; }
    std::shared_ptr<const store::KeptAnswer> find_alias(const Digest&, WallTime) override { return nullptr; }
    store::AnswerSource& onlooker() override { return *this; }
    bool keep(const Digest&, const std::optional<Digest>&,
              std::shared_ptr<const store::KeptAnswer>) override {
        return false;
    }
    void forget(const Digest&) override {}
    std::size_t forget_all(const store::Purge&) override { return 0; }
    Task<store::Purged> purge(net::Lane&, store::Purge) override { co_return store::Purged{}; }
    store::AnswerCounts counts() const override { return {}; }
    std::vector<store::ModelAnswers> by_model() const override { return {}; }
    std::vector<store::KeptQuestion> questions() const override { return {}; }
    void bound(std::size_t, WallTime) override {}
};

}  // namespace gatehouse::test
