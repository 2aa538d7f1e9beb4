#include "gatehouse/pipeline/given_hits.hpp"

#include <cstring>
#include <iterator>
#include <utility>

namespace gatehouse::pipeline {
namespace {

/// No caller's name can run into an id.
Digest key_of_hit(std::string_view caller, std::string_view request) {
    std::string both = std::to_string(caller.size());
    both += ':';
    both += caller;
    both += request;
    return sha256(both);
}

/// Of a digest, which is as good as random.
std::uint64_t id_of_pair(const GivenHit& hit) {
    std::string all(hit.found_at.begin(), hit.found_at.end());
    all.append(hit.asked.begin(), hit.asked.end());
    all += hit.of;
    const auto digest = sha256(all);
    std::uint64_t id;
    std::memcpy(&id, digest.data(), sizeof id);
    return id;
}

std::uint64_t& count_of(JudgementCounts& counts, Judgement judgement) {
    return judgement == Judgement::right ? counts.right : counts.wrong;
}

}  // namespace

std::string_view name_of(Judgement judgement) noexcept {
    return judgement == Judgement::right ? "right" : "wrong";
}

void GivenHits::note(std::string_view caller, std::string_view request, GivenHit hit, Instant now) {
    const auto key = key_of_hit(caller, request);
    book_.with([&](Book& book) {
        drop_old(book, now);
        if (const auto before = book.places.find(key); before != book.places.end()) {
            book.entries.erase(before->second);
            book.places.erase(before);
        }
        if (bounds_.entries == 0) {
            return;
        }
        if (book.entries.size() >= bounds_.entries) {
            book.places.erase(book.entries.front().key);
            book.entries.pop_front();
        }
        book.entries.push_back({key, now, std::move(hit), std::nullopt});
        book.places[key] = std::prev(book.entries.end());
    });
}

HeardHit GivenHits::hear(std::string_view caller, std::string_view request, Judgement judgement,
                         Instant now) {
    const auto key = key_of_hit(caller, request);
    return book_.with([&](Book& book) {
        drop_old(book, now);
        const auto place = book.places.find(key);
        if (place == book.places.end()) {
            return HeardHit{};
        }
        auto& entry = *place->second;
        if (entry.said) {
            return HeardHit{*entry.said == judgement ? Hearing::repeated : Hearing::contradicted, {}, {}};
        }
        HeardHit heard{Hearing::counts, entry.hit, key};
        entry.said = judgement;
        ++count_of(book.counts, judgement);
        return heard;
    });
}

void GivenHits::take_back(const Digest& place) noexcept {
    book_.with([&](Book& book) {
        const auto found = book.places.find(place);
        if (found != book.places.end() && found->second->said) {
            --count_of(book.counts, *found->second->said);
            found->second->said.reset();
        }
    });
}

bool GivenHits::take_right_label(const GivenHit& hit) {
    return labelled_.with([id = id_of_pair(hit)](policy::LastEntries& labelled) { return labelled.add(id); });
}

std::size_t GivenHits::size() const {
    return book_.with([](const Book& book) { return book.entries.size(); });
}

JudgementCounts GivenHits::counts() const {
    return book_.with([](const Book& book) { return book.counts; });
}

void GivenHits::drop_old(Book& book, Instant now) const {
    while (!book.entries.empty() && now - book.entries.front().given_at >= bounds_.time) {
        book.places.erase(book.entries.front().key);
        book.entries.pop_front();
    }
}

}  // namespace gatehouse::pipeline
