// What turns a text into a vector: the model in process, or a provider's.
//
// Shared by all lanes, pinned by the settings of a request. Room: upstream. May include: core, vector.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/vector/model_identity.hpp"

#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class Callers;

class Embedder {
public:
    virtual ~Embedder() = default;

    /// Whose vectors they are: those of two identities must never be compared. Empty while `ready` is a
    /// problem.
    virtual const vector::ModelIdentity& identity() const noexcept = 0;
    /// Problem invalid_configuration: it can never embed, as its weights are not there.
    virtual Status ready() const = 0;
    /// A vector of unit length with as many numbers as the identity says. Takes the time of a computation, or
    /// of one short call. `callers`: of the lane that asks.
    ///
    /// Problems, all of which mean to the cache that it has nothing: invalid_value for a text that is empty,
    /// too long, or mostly of characters that the model does not know; overloaded; those of a call to a
    /// provider.
    virtual Task<Result<std::vector<float>>> embed(Callers& callers, std::string_view text) const = 0;
    /// A request that waits for a vector is better off without it after so long. `embed` does not look at it;
    /// an embedder whose calls end by themselves says a little more than they may take.
    virtual Milliseconds longest_wait() const noexcept { return Milliseconds(250); }
};

}  // namespace gatehouse::upstream
