#include "answer_shard.hpp"

#include "answer_bytes.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::store {
namespace {

constexpr std::uint8_t most_asked = 3;
/// The small queue has this part of the room.
constexpr std::size_t small_part = 10;
/// An answer may take this part of the room at most, or a few would drive out all others.
constexpr std::size_t largest_part = 2;
/// What the lists, tables and the allocator take for an entry: measured with 100,000 of them, rounded up.
constexpr std::size_t bookkeeping = 400;

std::uint64_t fingerprint(const Digest& digest) noexcept {
    std::uint64_t print = 0;
    std::memcpy(&print, digest.data() + 16, sizeof print);
    return print;
}

/// The model that was asked for, and the one that rules or fallbacks led to.
template <class See>
void for_each_model(const KeptAnswer& answer, See see) {
    const auto& origin = *answer.origin;
    see(origin.model);
    if (!origin.routed.empty() && origin.routed != origin.model) {
        see(origin.routed);
    }
}

bool matches(const KeptAnswer& answer, const Purge& which) {
    const auto& origin = *answer.origin;
    const bool tagged =
        !which.tag || std::find(origin.tags.begin(), origin.tags.end(), *which.tag) != origin.tags.end();
    return tagged && (!which.key || origin.key == *which.key) &&
           (!which.model || origin.model == *which.model || origin.routed == *which.model);
}

}  // namespace

std::size_t bytes_of(const KeptAnswer& answer) noexcept {
    // One that owns its origin may go before others that share it, and nobody would count it then: with a
    // small one that is little beside the rest.
    constexpr std::size_t small_origin = 512;
    const auto origin = bytes_of(*answer.origin);
    const bool counts = answer.owns_origin || origin > small_origin;
    return sizeof(KeptAnswer) + bookkeeping + string_bytes(answer.bytes) + string_bytes(answer.question) +
           (counts ? origin : 0);
}

std::shared_ptr<const KeptAnswer> AnswerShard::find(const Digest& digest, WallTime now,
                                                    std::vector<Gone>& gone) {
    const auto found = places_.find(digest);
    if (found == places_.end()) {
        return nullptr;
    }
    auto& entry = *found->second;
    if (entry.answer->expires_at <= now) {
        ++counts_.expired;
        remove(found->second, gone);
        return nullptr;
    }
    entry.asked = std::min<std::uint8_t>(static_cast<std::uint8_t>(entry.asked + 1), most_asked);
    return entry.answer;
}

std::shared_ptr<const KeptAnswer> AnswerShard::peek(const Digest& digest, WallTime now) const {
    const auto found = places_.find(digest);
    const bool there = found != places_.end() && found->second->answer->expires_at > now;
    return there ? found->second->answer : nullptr;
}

bool AnswerShard::keep(const Digest& digest, const std::optional<Digest>& alias,
                       std::shared_ptr<const KeptAnswer> answer, WallTime now, std::vector<Gone>& gone) {
    const std::size_t size = store::bytes_of(*answer);
    const auto found = places_.find(digest);
    const bool known = found != places_.end();
    const bool was_asked = known && found->second->asked > 0;
    const bool was_main = known && found->second->in_main;
    if (known) {
        remove(found->second, gone);
    }
    if (size > max_bytes_ / largest_part) {
        return false;
    }
    while (!has_room(size)) {
        shorten(now, gone);
    }
    const bool to_main = was_main || was_asked || recall(digest);
    add(Entry{digest, alias, std::move(answer), size, slots_.size(), 0, to_main});
    return true;
}

/// All of it or, where there is no memory for it, nothing.
void AnswerShard::add(Entry entry) {
    Queue& queue = queue_of(entry);
    std::list<Entry> made;
    made.push_front(std::move(entry));
    const auto place = made.begin();
    slots_.push_back(place);
    try {
        places_.insert_or_assign(place->digest, place);
        count(*place->answer, place->bytes);
    } catch (...) {
        places_.erase(place->digest);
        slots_.pop_back();
        throw;
    }
    queue.bytes += place->bytes;
    queue.entries.splice(queue.entries.begin(), made);
}

void AnswerShard::forget(const Digest& digest, std::vector<Gone>& gone) {
    const auto found = places_.find(digest);
    if (found != places_.end()) {
        remove(found->second, gone);
    }
}

/// From the last slot to the first: a gap is filled with the last one, which has been looked at by then or
/// came later.
bool AnswerShard::purge(const Purge& which, Sweep& sweep, std::vector<Gone>& gone) {
    auto left = std::min(sweep.left.value_or(slots_.size()), slots_.size());
    const auto until = left - std::min(left, step);
    while (left > until) {
        const auto place = slots_[--left];
        if (matches(*place->answer, which)) {
            remove(place, gone);
        }
    }
    sweep.left = left;
    return left != 0;
}

void AnswerShard::questions(std::vector<KeptQuestion>& found) const {
    for (const auto* const queue : {&main_, &small_}) {
        for (const auto& entry : queue->entries) {
            if (!entry.answer->question.empty()) {
                found.push_back({entry.digest, entry.answer});
            }
        }
    }
}

bool AnswerShard::bound(std::size_t max_bytes, WallTime now, std::vector<Gone>& gone) {
    max_bytes_ = max_bytes;
    for (std::size_t i = 0; i < step && !has_room(0); ++i) {
        shorten(now, gone);
    }
    return !has_room(0);
}

void AnswerShard::shorten(WallTime now, std::vector<Gone>& gone) {
    if (small_.bytes > max_bytes_ / small_part || main_.entries.empty()) {
        shorten_small(now, gone);
    } else {
        shorten_main(now, gone);
    }
}

/// One of the small queue goes, or moves on.
void AnswerShard::shorten_small(WallTime now, std::vector<Gone>& gone) {
    const auto oldest = std::prev(small_.entries.end());
    if (oldest->answer->expires_at <= now) {
        ++counts_.expired;
        remove(oldest, gone);
        return;
    }
    if (oldest->asked > 0) {
        to_main(oldest);
        return;
    }
    remember(oldest->digest);
    ++counts_.evicted;
    remove(oldest, gone);
}

/// One of the main queue goes, or has one more round.
void AnswerShard::shorten_main(WallTime now, std::vector<Gone>& gone) {
    const auto oldest = std::prev(main_.entries.end());
    const bool over = oldest->answer->expires_at <= now;
    if (!over && oldest->asked > 0) {
        --oldest->asked;
        main_.entries.splice(main_.entries.begin(), main_.entries, oldest);
        return;
    }
    ++(over ? counts_.expired : counts_.evicted);
    remove(oldest, gone);
}

void AnswerShard::to_main(Place place) {
    small_.bytes -= place->bytes;
    main_.bytes += place->bytes;
    place->in_main = true;
    place->asked = 0;
    main_.entries.splice(main_.entries.begin(), small_.entries, place);
}

void AnswerShard::remove(Place place, std::vector<Gone>& gone) {
    gone.push_back({place->digest, place->alias, place->answer});
    auto& queue = queue_of(*place);
    queue.bytes -= place->bytes;
    discount(*place->answer, place->bytes);
    places_.erase(place->digest);
    slots_.back()->slot = place->slot;
    slots_[place->slot] = slots_.back();
    slots_.pop_back();
    queue.entries.erase(place);
}

void AnswerShard::count(const KeptAnswer& answer, std::size_t bytes) {
    for_each_model(answer, [&](const std::string& name) { models_.try_emplace(name); });
    for_each_model(answer, [&](const std::string& name) {
        auto& sum = models_.find(name)->second;
        ++sum.entries;
        sum.bytes += bytes;
    });
}

void AnswerShard::discount(const KeptAnswer& answer, std::size_t bytes) {
    for_each_model(answer, [&](const std::string& name) {
        const auto sum = models_.find(name);
        sum->second.bytes -= bytes;
        if (--sum->second.entries == 0) {
            models_.erase(sum);
        }
    });
}

/// As many as there are entries: what comes back later than that would not have stayed either.
void AnswerShard::remember(const Digest& digest) {
    const auto print = fingerprint(digest);
    if (fingerprints_.insert(print).second) {
        remembered_.push_back(print);
    }
    while (remembered_.size() > places_.size()) {
        fingerprints_.erase(remembered_.front());
        remembered_.pop_front();
    }
}

bool AnswerShard::recall(const Digest& digest) {
    return fingerprints_.erase(fingerprint(digest)) != 0;
}

}  // namespace gatehouse::store
