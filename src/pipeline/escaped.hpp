// What becomes of an exception where there is nobody to throw it on to: destructors, mostly.
// Room: pipeline, private.
#pragma once

#include <exception>

namespace gatehouse::pipeline {

/// Logs it, if there is memory for that.
void note_escaped(const std::exception& error) noexcept;

}  // namespace gatehouse::pipeline
