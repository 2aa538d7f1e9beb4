// SpendGuard: is there money for one more upstream call of a request?
//
// The worst case of one call is set aside before the first; whoever makes another after one that may have
// been billed, or beside one that is running, asks first. Room: pipeline.
#pragma once

#include "gatehouse/upstream/provider.hpp"

#include <cstddef>

namespace gatehouse::pipeline {

class SpendGuard {
public:
    virtual ~SpendGuard() = default;
    /// Sets money aside for the next call if what is set aside already is spoken for: by the calls on the
    /// trail that may have been billed, and by `running` ones that are not on it. False: there is none, and
    /// the call is not to be made.
    virtual bool may_call(std::size_t running) = 0;
    /// Would `may_call` set money aside now? Nothing is.
    virtual bool could_call(std::size_t running) const = 0;
    /// Is the target's price within what is set aside for a call?
    virtual bool covers(const upstream::Target& target) const = 0;
};

}  // namespace gatehouse::pipeline
