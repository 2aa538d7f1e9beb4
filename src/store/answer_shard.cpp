#include "answer_shard.hpp"

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

std::size_t string_bytes(const std::string& text) noexcept {
    constexpr std::size_t inside = 15;  // shorter ones lie in the string itself
    return text.capacity() > inside ? text.capacity() + 16 : 0;
}

std::uint64_t fingerprint(const Digest& digest) noexcept {
    std::uint64_t print = 0;
    std::memcpy(&print, digest.data() + 16, sizeof print);
    return print;
}

bool matches(const KeptAnswer& answer, const Purge& which) {
    const bool tagged =
        !which.tag || std::find(answer.tags.begin(), answer.tags.end(), *which.tag) != answer.tags.end();
    return tagged && (!which.key || answer.key == *which.key) &&
           (!which.model || answer.model == *which.model);
}

}  // namespace

std::size_t bytes_of(const KeptAnswer& answer) noexcept {
    std::size_t bytes = sizeof(KeptAnswer) + bookkeeping;
    for (const auto* const text : {&answer.bytes, &answer.question, &answer.key, &answer.model,
                                   &answer.provider, &answer.upstream_model, &answer.finish_reason,
                                   &answer.dropped_params, &answer.route, &answer.routed}) {
        bytes += string_bytes(*text);
    }
    for (const auto& [name, value] : answer.tags) {
        bytes += 2 * sizeof(std::string) + string_bytes(name) + string_bytes(value);
    }
    return bytes;
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

std::shared_ptr<const KeptAnswer> AnswerShard::peek(const Digest& digest) const {
    const auto found = places_.find(digest);
    return found == places_.end() ? nullptr : found->second->answer;
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
    make_room(size, now, gone);
    const bool to_main = was_main || was_asked || recall(digest);
    Queue& queue = to_main ? main_ : small_;
    queue.entries.push_front(Entry{digest, alias, std::move(answer), size, 0, to_main});
    queue.bytes += size;
    places_[digest] = queue.entries.begin();
    return true;
}

void AnswerShard::forget(const Digest& digest, std::vector<Gone>& gone) {
    const auto found = places_.find(digest);
    if (found != places_.end()) {
        remove(found->second, gone);
    }
}

void AnswerShard::purge(const Purge& which, std::vector<Gone>& gone) {
    for (auto* const queue : {&small_, &main_}) {
        for (auto place = queue->entries.begin(); place != queue->entries.end();) {
            const auto next = std::next(place);
            if (matches(*place->answer, which)) {
                remove(place, gone);
            }
            place = next;
        }
    }
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

void AnswerShard::bound(std::size_t max_bytes, WallTime now, std::vector<Gone>& gone) {
    max_bytes_ = max_bytes;
    make_room(0, now, gone);
}

void AnswerShard::make_room(std::size_t for_bytes, WallTime now, std::vector<Gone>& gone) {
    while (!places_.empty() && bytes() + for_bytes > max_bytes_) {
        if (small_.bytes > max_bytes_ / small_part || main_.entries.empty()) {
            shorten_small(now, gone);
        } else {
            shorten_main(now, gone);
        }
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
    gone.push_back({place->digest, place->alias});
    auto& queue = queue_of(*place);
    queue.bytes -= place->bytes;
    places_.erase(place->digest);
    queue.entries.erase(place);
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
