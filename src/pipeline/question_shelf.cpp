#include "question_shelf.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace gatehouse::pipeline {
namespace {

/// So many of the most similar questions are compared word for word: behind them there is seldom one that
/// asks the same.
constexpr std::size_t most_compared = 16;
/// Of those that have gone, before the order is written anew.
constexpr std::size_t most_gone = 1024;

/// Of a digest, which is as good as random: two answers meet in one id never.
vector::EntryId id_of(const Digest& answer) noexcept {
    vector::EntryId id;
    std::memcpy(&id, answer.data(), sizeof id);
    return id;
}

}  // namespace

void BlockedAnswers::add(const Digest& answer) {
    entries_.with([id = id_of(answer)](policy::LastEntries& entries) { entries.add(id); });
}

bool BlockedAnswers::contains(const Digest& answer) const {
    return entries_.with(
        [id = id_of(answer)](const policy::LastEntries& entries) { return entries.contains(id); });
}

std::size_t QuestionShelf::bytes() const noexcept {
    constexpr std::size_t node = 2 * sizeof(void*);  // what a hash map adds to a value, and the allocator
    std::size_t bytes = features_bytes_ + order_.size() * sizeof(Turn) +
                        entries_.size() * (sizeof(vector::EntryId) + sizeof(Entry) + node) +
                        entries_.bucket_count() * sizeof(void*);
    for (const auto& index : indices_) {
        bytes += index.bytes();
    }
    return bytes;
}

bool QuestionShelf::contains(const Digest& answer, const vector::ModelIdentity& model) const {
    const auto found = entries_.find(id_of(answer));
    return found != entries_.end() && found->second.answer == answer &&
           indices_[found->second.index].model() == model;
}

AlikeAnswers QuestionShelf::look(const AskedQuestion& question, double least, WallTime now) {
    auto compared = compare(question, least, now);
    for (const auto id : compared.accepted) {
        entries_.find(id)->second.found = true;
    }
    for (const auto id : compared.over) {
        erase(entries_.find(id));
    }
    return std::move(compared.alike);
}

AlikeAnswers QuestionShelf::peek(const AskedQuestion& question, double least, WallTime now) const {
    return compare(question, least, now).alike;
}

QuestionShelf::Compared QuestionShelf::compare(const AskedQuestion& question, double least,
                                               WallTime now) const {
    Compared compared;
    auto& alike = compared.alike;
    const auto index = find_index(question.model);
    if (!index) {
        return compared;
    }
    const auto matches = indices_[*index].nearest(question.partition, question.vector, most_compared,
                                                  static_cast<float>(least));
    for (const auto& match : matches) {
        const auto found = entries_.find(match.id);
        if (found == entries_.end()) {
            continue;  // memory ran out while it was put in
        }
        const auto& entry = found->second;
        if (entry.expires_at <= now || blocked_.contains(entry.answer)) {
            compared.over.push_back(match.id);
            continue;
        }
        // Eight bits a dimension are a little above 1 at times.
        const double similarity = std::min(1.0, double{match.similarity});
        if (++alike.compared == 1) {
            alike.nearest = similarity;
        }
        const auto verdict = policy::guard_check(question.features, entry.features);
        if (verdict) {
            compared.accepted.push_back(match.id);
            alike.accepted.push_back({entry.answer, similarity, verdict.match});
        } else if (alike.refusal == policy::GuardRefusal::none) {
            alike.refusal = verdict.refusal;
        }
    }
    if (!alike.accepted.empty()) {
        alike.refusal = policy::GuardRefusal::none;
    }
    return compared;
}

bool QuestionShelf::put(const AskedQuestion& question, const QuestionPlace& place) {
    erase(place.answer);
    const auto id = id_of(place.answer);
    if (blocked_.contains(place.answer)) {
        return false;
    }
    const auto index = index_for(question.model);
    if (indices_[index].insert(question.partition, id, question.vector) != vector::Insertion::added) {
        return false;
    }
    const auto serial = ++last_serial_;
    const auto entry = entries_.try_emplace(id, Entry{place.answer, place.expires_at, question.features,
                                                      static_cast<std::uint32_t>(index), serial, false});
    features_bytes_ += entry.first->second.features.memory() - sizeof(policy::GuardFeatures);
    order_.push_back({id, serial});
    forget_stale_turns();
    return true;
}

bool QuestionShelf::erase(const Digest& answer) {
    const auto found = entries_.find(id_of(answer));
    if (found == entries_.end()) {
        return false;
    }
    erase(found);
    return true;
}

/// Seldom enough to cost next to nothing.
void QuestionShelf::forget_stale_turns() {
    if (order_.size() <= 2 * entries_.size() + most_gone) {
        return;
    }
    std::erase_if(order_, [this](const Turn& turn) {
        const auto entry = entries_.find(turn.id);
        return entry == entries_.end() || entry->second.serial != turn.serial;
    });
}

bool QuestionShelf::evict() {
    while (!order_.empty()) {
        const auto turn = order_.front();
        order_.pop_front();
        const auto oldest = entries_.find(turn.id);
        if (oldest == entries_.end() || oldest->second.serial != turn.serial) {
            continue;
        }
        if (std::exchange(oldest->second.found, false)) {
            order_.push_back(turn);
            continue;
        }
        erase(oldest);
        return true;
    }
    return false;
}

std::vector<Digest> QuestionShelf::answers() const {
    std::vector<Digest> answers;
    answers.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) {
        answers.push_back(entry.answer);
    }
    return answers;
}

std::size_t QuestionShelf::keep_only(const std::vector<vector::ModelIdentity>& models) {
    const auto before = entries_.size();
    for (auto& index : indices_) {
        if (std::find(models.begin(), models.end(), index.model()) != models.end()) {
            continue;
        }
        for (const auto id : index.ids()) {
            erase(entries_.find(id));
        }
        index.clear();  // and gives back what it took
    }
    return before - entries_.size();
}

void QuestionShelf::erase(std::unordered_map<vector::EntryId, Entry>::iterator entry) {
    indices_[entry->second.index].erase(entry->first);
    features_bytes_ -= entry->second.features.memory() - sizeof(policy::GuardFeatures);
    entries_.erase(entry);
}

std::size_t QuestionShelf::index_for(const vector::ModelIdentity& model) {
    if (const auto found = find_index(model)) {
        return *found;
    }
    // The bound is that of all shelves together, and not kept here.
    vector::IndexOptions options;
    options.max_entries = std::numeric_limits<std::size_t>::max();
    indices_.emplace_back(model, options);
    return indices_.size() - 1;
}

std::optional<std::size_t> QuestionShelf::find_index(const vector::ModelIdentity& model) const noexcept {
    const auto found = std::find_if(indices_.begin(), indices_.end(),
                                    [&](const vector::Index& index) { return index.model() == model; });
    return found == indices_.end() ? std::nullopt : std::optional<std::size_t>(found - indices_.begin());
}

}  // namespace gatehouse::pipeline
