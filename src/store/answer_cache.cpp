#include "gatehouse/store/answer_cache.hpp"

#include "answer_archive.hpp"
#include "answer_shard.hpp"

#include "gatehouse/core/guarded.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace gatehouse::store {
namespace {

/// Lanes that look for different answers seldom wait for each other.
constexpr std::size_t shard_count = 8;

std::size_t shard_of(const Digest& digest) noexcept {
    return digest[0] % shard_count;
}

/// Other names, each of the newest answer that had it. Those of answers that have gone go with them.
class Aliases {
public:
    void point(const Digest& alias, const Digest& digest) {
        of(alias).with([&](Map& map) { map[alias] = digest; });
    }
    std::optional<Digest> find(const Digest& alias) const {
        return of(alias).with([&](const Map& map) {
            const auto found = map.find(alias);
            return found == map.end() ? std::nullopt : std::optional(found->second);
        });
    }
    /// Unless a newer answer has the name by now.
    void drop(const Digest& alias, const Digest& digest) {
        of(alias).with([&](Map& map) {
            const auto found = map.find(alias);
            if (found != map.end() && found->second == digest) {
                map.erase(found);
            }
        });
    }

private:
    using Map = std::unordered_map<Digest, Digest, DigestHash>;
    Guarded<Map>& of(const Digest& alias) noexcept { return maps_[shard_of(alias)]; }
    const Guarded<Map>& of(const Digest& alias) const noexcept { return maps_[shard_of(alias)]; }

    std::array<Guarded<Map>, shard_count> maps_;
};

class ShardedAnswers : public AnswerCache {
public:
    ShardedAnswers(const AnswerCacheOptions& options, WallTime now) {
        for (auto& shard : shards_) {
            shard = std::make_unique<Guarded<AnswerShard>>(options.max_bytes / shard_count);
        }
        if (!options.directory.empty()) {
            archive_ = AnswerArchive::open(options, [this](const Digest& digest, const KeptAnswer& answer) {
                return of(digest).with(
                    [&](AnswerShard& shard) { return shard.peek(digest).get() == &answer; });
            });
        }
        if (archive_) {
            bring_back(now);
        }
    }

    std::shared_ptr<const KeptAnswer> find(const Digest& digest, WallTime now) override {
        std::vector<AnswerShard::Gone> gone;
        auto found = of(digest).with([&](AnswerShard& shard) { return shard.find(digest, now, gone); });
        forget_names(gone);
        return found;
    }

    std::shared_ptr<const KeptAnswer> find_alias(const Digest& alias, WallTime now) override {
        const auto digest = aliases_.find(alias);
        auto found = digest ? find(*digest, now) : nullptr;
        if (digest && !found) {
            aliases_.drop(alias, *digest);  // it went between being kept and being named
        }
        return found;
    }

    bool keep(const Digest& digest, const std::optional<Digest>& alias,
              std::shared_ptr<const KeptAnswer> answer) override {
        if (!put(digest, alias, answer, answer->stored_at)) {
            ++too_large_;
            return false;
        }
        if (archive_) {
            archive_->write({digest, alias, std::move(answer)});
        }
        return true;
    }

    void forget(const Digest& digest) override {
        std::vector<AnswerShard::Gone> gone;
        of(digest).with([&](AnswerShard& shard) { shard.forget(digest, gone); });
        forget_names(gone);
    }

    std::size_t forget_all(const Purge& which) override {
        std::size_t count = 0;
        for (const auto& shard : shards_) {
            std::vector<AnswerShard::Gone> gone;
            shard->with([&](AnswerShard& part) { part.purge(which, gone); });
            forget_names(gone);
            count += gone.size();
        }
        return count;
    }

    Task<std::size_t> purge(net::Lane& lane, Purge which) override {
        const auto count = forget_all(which);
        if (archive_) {
            co_await archive_->settled(lane);
        }
        co_return count;
    }

    AnswerCounts counts() const override {
        AnswerCounts counts;
        for (const auto& shard : shards_) {
            shard->with([&](const AnswerShard& part) {
                counts.entries += part.entries();
                counts.bytes += part.bytes();
                counts.evicted += part.counts().evicted;
                counts.expired += part.counts().expired;
            });
        }
        counts.too_large = too_large_;
        if (archive_) {
            counts.persists = true;
            counts.usable = archive_->usable();
            counts.waiting = archive_->waiting();
            counts.lost = archive_->lost();
        }
        return counts;
    }

    std::vector<ModelAnswers> by_model() const override {
        std::map<std::string, ModelAnswers, std::less<>> models;
        for (const auto& shard : shards_) {
            shard->with([&](const AnswerShard& part) {
                part.for_each([&](const KeptAnswer& answer) {
                    auto& model = models[answer.model];
                    ++model.entries;
                    model.bytes += bytes_of(answer);
                });
            });
        }
        std::vector<ModelAnswers> sorted;
        for (auto& [name, model] : models) {
            model.model = name;
            sorted.push_back(std::move(model));
        }
        std::sort(sorted.begin(), sorted.end(),
                  [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
        return sorted;
    }

    std::vector<KeptQuestion> questions() const override {
        std::vector<KeptQuestion> found;
        for (const auto& shard : shards_) {
            shard->with([&](const AnswerShard& part) { part.questions(found); });
        }
        return found;
    }

    void bound(std::size_t max_bytes, WallTime now) override {
        for (const auto& shard : shards_) {
            std::vector<AnswerShard::Gone> gone;
            shard->with([&](AnswerShard& part) { part.bound(max_bytes / shard_count, now, gone); });
            forget_names(gone);
        }
    }

private:
    Guarded<AnswerShard>& of(const Digest& digest) noexcept { return *shards_[shard_of(digest)]; }

    bool put(const Digest& digest, const std::optional<Digest>& alias,
             const std::shared_ptr<const KeptAnswer>& answer, WallTime now) {
        std::vector<AnswerShard::Gone> gone;
        const bool kept =
            of(digest).with([&](AnswerShard& shard) { return shard.keep(digest, alias, answer, now, gone); });
        forget_names(gone);
        if (kept && alias) {
            aliases_.point(*alias, digest);
        }
        return kept;
    }

    /// Outside the lock of the shard that they were in.
    void forget_names(const std::vector<AnswerShard::Gone>& gone) {
        for (const auto& each : gone) {
            if (each.alias) {
                aliases_.drop(*each.alias, each.digest);
            }
            if (archive_) {
                archive_->erase(each.digest);
            }
        }
    }

    void bring_back(WallTime now) {
        for (auto& each : archive_->recall(now)) {
            if (!put(each.digest, each.alias, each.answer, now)) {
                archive_->erase(each.digest);
            }
        }
    }

    std::array<std::unique_ptr<Guarded<AnswerShard>>, shard_count> shards_;
    Aliases aliases_;
    std::atomic<std::uint64_t> too_large_{0};
    std::unique_ptr<AnswerArchive> archive_;  // the last: it asks the shards; null: in memory only
};

}  // namespace

std::unique_ptr<AnswerCache> open_answer_cache(const AnswerCacheOptions& options, WallTime now) {
    return std::make_unique<ShardedAnswers>(options, now);
}

}  // namespace gatehouse::store
