// Questions whose answers are kept, found by their meaning: candidates by similarity, of which a guard lets
// through only those that ask the same thing.
//
// Shared by the lanes. Everything is done by workers of its own, so that no lane computes or waits for a
// lock. What is in it are pointers to answers, no answers: one may be gone when it is looked for. Room:
// pipeline. May include: core, net, policy, vector.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/worker_pool.hpp"
#include "gatehouse/policy/answer_guard.hpp"
#include "gatehouse/vector/model_identity.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace gatehouse::pipeline {

/// What a user said last, prepared to be compared.
struct AskedQuestion {
    Digest partition{};  // all else that must be alike
    policy::GuardFeatures features{};
    vector::ModelIdentity model{};  // which made the vector
    std::vector<float> vector{};    // of unit length
};

/// Where a question leads to.
struct QuestionPlace {
    Digest answer{};
    WallTime expires_at{};  // the answer's
};

/// An answer to a question that asks the same thing.
struct AlikeAnswer {
    Digest answer{};
    double similarity{0};  // cosine
    policy::GuardMatch match{policy::GuardMatch::same_words};
};

struct AlikeAnswers {
    std::vector<AlikeAnswer> accepted{};  // the most similar first
    /// Of the most similar question, where the guard lets none through; none: there is no similar one.
    policy::GuardRefusal refusal{policy::GuardRefusal::none};
    std::size_t compared{0};          // questions that were similar enough, word for word
    std::optional<double> nearest{};  // similarity of the most similar of them, whatever the guard said
};

struct QuestionCounts {
    std::uint64_t entries{0};
    std::uint64_t bytes{0};
};

class QuestionIndex {
public:
    /// `max_entries`: of all partitions and models together; the oldest ones go, unless they were found
    /// since.
    explicit QuestionIndex(std::size_t max_entries, net::WorkerPoolOptions workers = {});
    ~QuestionIndex();
    QuestionIndex(const QuestionIndex&) = delete;
    QuestionIndex& operator=(const QuestionIndex&) = delete;

    /// Questions of the same partition and model that are at least so similar. Problem overloaded: too many
    /// searches wait.
    Task<Result<AlikeAnswers>> look(std::shared_ptr<const AskedQuestion> question, double least,
                                    WallTime now);
    /// The same for who only wants to know: nothing stays the longer for it, and nothing goes.
    Task<Result<AlikeAnswers>> peek(std::shared_ptr<const AskedQuestion> question, double least,
                                    WallTime now);
    /// Found from soon on. Left out where too much waits already.
    void keep(std::shared_ptr<const AskedQuestion> question, const QuestionPlace& place);
    /// Soon; what leads nowhere is no longer in the way.
    void forget(const Digest& partition, const Digest& answer);
    /// At once, until some thousand others were blocked: it was found for a question that it does not answer.
    void block(const Digest& partition, const Digest& answer);
    /// Soon only those are left whose vectors such a model made. Those who put in others stop: see `turn`.
    void keep_only(std::vector<vector::ModelIdentity> models);
    /// Soon only those are left that lead to an answer which `is_kept`; asked on a worker, for some time.
    void keep_those(std::function<bool(const Digest&)> is_kept);
    /// Counts the calls of keep_only.
    std::uint64_t turn() const noexcept { return turn_; }
    /// For what is to be computed about its questions.
    net::WorkerPool& workers() noexcept { return workers_; }

    /// Both wait for searches that run: not for a lane with client traffic.
    QuestionCounts counts() const;
    bool contains(const Digest& partition, const Digest& answer, const vector::ModelIdentity& model) const;
    /// Another bound from now on; what no longer fits goes with the next ones that come.
    void bound(std::size_t max_entries) noexcept { max_entries_ = max_entries; }

private:
    /// Searches of different partitions seldom wait for each other; those of one do.
    static constexpr std::size_t shelves = 8;
    struct Shelf;

    static std::size_t shelf_of(const Digest& partition) noexcept { return partition[0] % shelves; }
    /// Has `look(shelf, question)` done by a worker.
    template <typename Look>
    Task<Result<AlikeAnswers>> on_shelf(std::shared_ptr<const AskedQuestion> question, Look look);
    void put(const AskedQuestion& question, const QuestionPlace& place);
    void make_room(std::size_t own);
    std::size_t fullest() const;

    std::atomic<std::size_t> max_entries_;
    std::atomic<std::size_t> entries_{0};
    std::atomic<std::uint64_t> turn_{0};
    std::unique_ptr<std::array<Shelf, shelves>> shelves_;
    net::WorkerPool workers_;  // the last: its jobs are over before what they use goes
};

}  // namespace gatehouse::pipeline
