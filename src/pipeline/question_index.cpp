#include "gatehouse/pipeline/question_index.hpp"

#include "question_shelf.hpp"

#include "gatehouse/core/guarded.hpp"

#include <utility>

namespace gatehouse::pipeline {

struct QuestionIndex::Shelf {
    BlockedAnswers blocked{};
    Guarded<QuestionShelf> questions{blocked};
};

QuestionIndex::QuestionIndex(std::size_t max_entries, net::WorkerPoolOptions workers)
    : max_entries_(max_entries),
      shelves_(std::make_unique<std::array<Shelf, shelves>>()),
      workers_(workers) {}

QuestionIndex::~QuestionIndex() = default;

Task<Result<AlikeAnswers>> QuestionIndex::look(std::shared_ptr<const AskedQuestion> question, double least,
                                               WallTime now) {
    return on_shelf(std::move(question),
                    [this, least, now](QuestionShelf& shelf, const AskedQuestion& asked) {
                        const auto before = shelf.size();
                        auto found = shelf.look(asked, least, now);
                        entries_ -= before - shelf.size();
                        return found;
                    });
}

Task<Result<AlikeAnswers>> QuestionIndex::peek(std::shared_ptr<const AskedQuestion> question, double least,
                                               WallTime now) {
    return on_shelf(std::move(question),
                    [least, now](const QuestionShelf& shelf, const AskedQuestion& asked) {
                        return shelf.peek(asked, least, now);
                    });
}

template <typename Look>
Task<Result<AlikeAnswers>> QuestionIndex::on_shelf(std::shared_ptr<const AskedQuestion> question, Look look) {
    if (entries_ == 0) {
        co_return AlikeAnswers();
    }
    auto search = [this, question = std::move(question), look = std::move(look)] {
        auto& shelf = (*shelves_)[shelf_of(question->partition)];
        return shelf.questions.with([&](QuestionShelf& questions) { return look(questions, *question); });
    };
    co_return co_await workers_.run(std::move(search));
}

void QuestionIndex::keep(std::shared_ptr<const AskedQuestion> question, const QuestionPlace& place) {
    workers_.post([this, question = std::move(question), place] { put(*question, place); });
}

void QuestionIndex::forget(const Digest& partition, const Digest& answer) {
    workers_.post([this, own = shelf_of(partition), answer] {
        if ((*shelves_)[own].questions.with([&](QuestionShelf& shelf) { return shelf.erase(answer); })) {
            --entries_;
        }
    });
}

void QuestionIndex::block(const Digest& partition, const Digest& answer) {
    (*shelves_)[shelf_of(partition)].blocked.add(answer);
    forget(partition, answer);  // where that is left out it only takes its room until it is met
}

void QuestionIndex::keep_only(std::vector<vector::ModelIdentity> models) {
    ++turn_;
    workers_.post([this, models = std::move(models)] {
        for (auto& each : *shelves_) {
            entries_ -= each.questions.with([&](QuestionShelf& shelf) { return shelf.keep_only(models); });
        }
    });
}

void QuestionIndex::keep_those(std::function<bool(const Digest&)> is_kept) {
    workers_.post([this, is_kept = std::move(is_kept)] {
        for (auto& each : *shelves_) {
            // Asked outside the lock. What comes anew in between may go too, and comes with the next answer.
            for (const auto& answer :
                 each.questions.with([](QuestionShelf& shelf) { return shelf.answers(); })) {
                if (!is_kept(answer) &&
                    each.questions.with([&](QuestionShelf& shelf) { return shelf.erase(answer); })) {
                    --entries_;
                }
            }
        }
    });
}

QuestionCounts QuestionIndex::counts() const {
    QuestionCounts counts;
    for (const auto& each : *shelves_) {
        each.questions.with([&](const QuestionShelf& shelf) {
            counts.entries += shelf.size();
            counts.bytes += shelf.bytes();
        });
    }
    return counts;
}

bool QuestionIndex::contains(const Digest& partition, const Digest& answer,
                             const vector::ModelIdentity& model) const {
    return (*shelves_)[shelf_of(partition)].questions.with(
        [&](const QuestionShelf& shelf) { return shelf.contains(answer, model); });
}

void QuestionIndex::put(const AskedQuestion& question, const QuestionPlace& place) {
    if (max_entries_ == 0) {
        return;
    }
    const auto own = shelf_of(question.partition);
    make_room(own);
    (*shelves_)[own].questions.with([&](QuestionShelf& shelf) {
        const auto before = shelf.size();
        shelf.put(question, place);
        entries_ += shelf.size() - before;
    });
}

/// On the shelf itself, unless it has less than its share: nobody who comes late lives on one place.
void QuestionIndex::make_room(std::size_t own) {
    while (entries_ >= max_entries_) {
        const auto have =
            (*shelves_)[own].questions.with([](const QuestionShelf& shelf) { return shelf.size(); });
        const auto from = have * shelves >= max_entries_ && have > 0 ? own : fullest();
        if (!(*shelves_)[from].questions.with([](QuestionShelf& shelf) { return shelf.evict(); })) {
            return;
        }
        --entries_;
    }
}

std::size_t QuestionIndex::fullest() const {
    std::size_t found = 0;
    std::size_t most = 0;
    for (std::size_t i = 0; i < shelves; ++i) {
        const auto have =
            (*shelves_)[i].questions.with([](const QuestionShelf& shelf) { return shelf.size(); });
        if (have > most) {
            most = have;
            found = i;
        }
    }
    return found;
}

}  // namespace gatehouse::pipeline
