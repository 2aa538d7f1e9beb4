#include "gatehouse/store/answer_cache.hpp"

#include "answer_archive.hpp"
#include "answer_shard.hpp"

#include "gatehouse/core/guarded.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <utility>

namespace gatehouse::store {
namespace {

/// Lanes that look for different answers seldom wait for each other.
constexpr std::size_t shard_count = 8;

std::size_t shard_of(const Digest& digest) noexcept {
    return digest[0] % shard_count;
}

/// Other names, each of the newest answer that had it. Their locks are taken last, under that of a shard.
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
    std::size_t count() const {
        std::size_t count = 0;
        for (const auto& part : maps_) {
            count += part.with([](const Map& map) { return map.size(); });
        }
        return count;
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
    using Map = DigestMap<Digest>;
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
                    [&](AnswerShard& shard) { return shard.peek(digest, WallTime::min()).get() == &answer; });
            });
        }
        if (archive_) {
            bring_back(now);
            archive_->bound(options.max_bytes);
        }
    }

    std::shared_ptr<const KeptAnswer> find(const Digest& digest, WallTime now) override {
        std::shared_ptr<const KeptAnswer> found;
        change(of(digest), [&](AnswerShard& shard, std::vector<AnswerShard::Gone>& gone) {
            found = shard.find(digest, now, gone);
            return true;
        });
        return found;
    }

    std::shared_ptr<const KeptAnswer> find_alias(const Digest& alias, WallTime now) override {
        const auto digest = aliases_.find(alias);
        return digest ? find(*digest, now) : nullptr;
    }

    AnswerSource& onlooker() override { return onlooker_; }

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
        change(of(digest), [&](AnswerShard& shard, std::vector<AnswerShard::Gone>& gone) {
            shard.forget(digest, gone);
            return true;
        });
    }

    std::size_t forget_all(const Purge& which) override {
        std::size_t count = 0;
        for (const auto& shard : shards_) {
            AnswerShard::Sweep sweep;
            while (change(*shard, [&](AnswerShard& part, std::vector<AnswerShard::Gone>& gone) {
                const bool more = part.purge(which, sweep, gone);
                count += gone.size();
                return more;
            })) {
            }
        }
        return count;
    }

    Task<Purged> purge(net::Lane& lane, Purge which) override {
        Purged purged{forget_all(which)};
        if (archive_) {
            purged.from_disk = co_await archive_->settled(lane);
        }
        co_return purged;
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
        counts.aliases = aliases_.count();
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
        AnswerShard::Models models;
        for (const auto& shard : shards_) {
            for (const auto& [name, sum] :
                 shard->with([](const AnswerShard& part) { return part.models(); })) {
                auto& model = models[name];
                model.entries += sum.entries;
                model.bytes += sum.bytes;
            }
        }
        std::vector<ModelAnswers> sorted;
        sorted.reserve(models.size());
        for (const auto& [name, model] : models) {
            sorted.push_back({name, model.entries, model.bytes});
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
            while (change(*shard, [&](AnswerShard& part, std::vector<AnswerShard::Gone>& gone) {
                return part.bound(max_bytes / shard_count, now, gone);
            })) {
            }
        }
        if (archive_) {
            archive_->bound(max_bytes);
        }
    }

private:
    /// Looks without being seen.
    class Onlooker : public AnswerSource {
    public:
        explicit Onlooker(ShardedAnswers& answers) : answers_(answers) {}
        std::shared_ptr<const KeptAnswer> find(const Digest& digest, WallTime now) override {
            return answers_.of(digest).with(
                [&](const AnswerShard& shard) { return shard.peek(digest, now); });
        }
        std::shared_ptr<const KeptAnswer> find_alias(const Digest& alias, WallTime now) override {
            const auto digest = answers_.aliases_.find(alias);
            return digest ? find(*digest, now) : nullptr;
        }

    private:
        ShardedAnswers& answers_;
    };

    Guarded<AnswerShard>& of(const Digest& digest) noexcept { return *shards_[shard_of(digest)]; }

    /// What `work(AnswerShard&, gone)` returns.
    template <class Work>
    bool change(Guarded<AnswerShard>& shard, Work work) {
        std::vector<AnswerShard::Gone> gone;
        const bool result = shard.with([&](AnswerShard& part) {
            const bool done = work(part, gone);
            drop_names(gone);
            return done;
        });
        erase_from_disk(gone);
        return result;
    }

    bool put(const Digest& digest, const std::optional<Digest>& alias,
             const std::shared_ptr<const KeptAnswer>& answer, WallTime now) {
        std::vector<AnswerShard::Gone> gone;
        const bool kept = of(digest).with([&](AnswerShard& shard) {
            const bool done = shard.keep(digest, alias, answer, now, gone);
            drop_names(gone);
            if (done && alias) {
                aliases_.point(*alias, digest);
            }
            return done;
        });
        erase_from_disk(gone);
        return kept;
    }

    /// Under the lock of the shard that they were in, as names are given: none is left behind, or taken from
    /// an answer that came since. Answers themselves are freed when that lock is open again.
    void drop_names(const std::vector<AnswerShard::Gone>& gone) {
        for (const auto& each : gone) {
            if (each.alias) {
                aliases_.drop(*each.alias, each.digest);
            }
        }
    }

    void erase_from_disk(const std::vector<AnswerShard::Gone>& gone) {
        if (archive_) {
            for (const auto& each : gone) {
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
    Onlooker onlooker_{*this};
    std::atomic<std::uint64_t> too_large_{0};
    std::unique_ptr<AnswerArchive> archive_;  // the last: it asks the shards; null: in memory only
};

}  // namespace

std::unique_ptr<AnswerCache> open_answer_cache(const AnswerCacheOptions& options, WallTime now) {
    return std::make_unique<ShardedAnswers>(options, now);
}

}  // namespace gatehouse::store
