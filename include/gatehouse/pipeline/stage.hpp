// Stage: one step of a request's way. Before `co_await next(x)` is the way in, after it the way out, a
// destructor covers the client that left half-way. Room: pipeline.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/pipeline/exchange.hpp"

#include <memory>
#include <span>

namespace gatehouse::pipeline {

class Stage;

/// The rest of the way. Cheap to copy.
class Next {
public:
    explicit Next(std::span<const std::unique_ptr<Stage>> stages) noexcept : stages_(stages) {}
    /// REQUIRES: there is a next stage; the last stage does not call it.
    Task<Result<Outcome>> operator()(Exchange& x) const;

private:
    std::span<const std::unique_ptr<Stage>> stages_;
};

class Stage {
public:
    Stage() = default;
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    virtual ~Stage() = default;

    /// Refuses with a Problem, or lets the request go on with `next` and returns its outcome. Stages hold
    /// services by reference and never know their neighbours.
    virtual Task<Result<Outcome>> run(Exchange& x, Next next) = 0;
};

}  // namespace gatehouse::pipeline
