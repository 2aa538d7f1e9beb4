#include "gatehouse/pipeline/question_index.hpp"

#include "question_shelf.hpp"

#include "gatehouse/core/guarded.hpp"

#include <utility>

namespace gatehouse::pipeline {

struct QuestionIndex::Shelf : Guarded<QuestionShelf> {};

QuestionIndex::QuestionIndex(std::size_t max_entries, net::WorkerPoolOptions workers)
    : max_entries_(max_entries),
      shelves_(std::make_unique<std::array<Shelf, shelves>>()),
      workers_(workers) {}

QuestionIndex::~QuestionIndex() = default;

Task<Result<AlikeAnswers>> QuestionIndex::look(std::shared_ptr<const AskedQuestion> question, double least) {
    if (entries_ == 0) {
        co_return AlikeAnswers();
    }
    auto search = [this, question = std::move(question), least] {
        return (*shelves_)[place_of(question->partition)].with(
            [&](QuestionShelf& shelf) { return shelf.look(*question, least); });
    };
    co_return co_await workers_.run(std::move(search));
}

void QuestionIndex::keep(std::shared_ptr<const AskedQuestion> question, const Digest& answer) {
    workers_.post([this, question = std::move(question), answer] { put(*question, answer); });
}

void QuestionIndex::forget(const Digest& partition, const Digest& answer) {
    workers_.post([this, place = place_of(partition), answer] {
        if ((*shelves_)[place].with([&](QuestionShelf& shelf) { return shelf.erase(answer); })) {
            --entries_;
        }
    });
}

void QuestionIndex::block(const Digest& partition, const Digest& answer) {
    workers_.post([this, place = place_of(partition), answer] {
        if ((*shelves_)[place].with([&](QuestionShelf& shelf) { return shelf.block(answer); })) {
            --entries_;
        }
    });
}

void QuestionIndex::keep_only(std::vector<vector::ModelIdentity> models) {
    workers_.post([this, models = std::move(models)] {
        for (auto& each : *shelves_) {
            entries_ -= each.with([&](QuestionShelf& shelf) { return shelf.keep_only(models); });
        }
    });
}

QuestionCounts QuestionIndex::counts() const {
    QuestionCounts counts;
    for (const auto& each : *shelves_) {
        each.with([&](const QuestionShelf& shelf) {
            counts.entries += shelf.size();
            counts.bytes += shelf.bytes();
        });
    }
    return counts;
}

bool QuestionIndex::contains(const Digest& partition, const Digest& answer,
                             const vector::ModelIdentity& model) const {
    return (*shelves_)[place_of(partition)].with(
        [&](const QuestionShelf& shelf) { return shelf.contains(answer, model); });
}

void QuestionIndex::put(const AskedQuestion& question, const Digest& answer) {
    const auto place = place_of(question.partition);
    make_room(place);
    (*shelves_)[place].with([&](QuestionShelf& shelf) {
        const auto before = shelf.size();
        shelf.put(question, answer);
        entries_ += shelf.size() - before;
    });
}

/// On the shelf itself first: there it costs no other lock.
void QuestionIndex::make_room(std::size_t place) {
    for (std::size_t i = 0; i < shelves && entries_ >= max_entries_; ++i) {
        auto& each = (*shelves_)[(place + i) % shelves];
        while (entries_ >= max_entries_ && each.with([](QuestionShelf& shelf) { return shelf.evict(); })) {
            --entries_;
        }
    }
}

}  // namespace gatehouse::pipeline
