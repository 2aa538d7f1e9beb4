// The thread's own generator of what must differ and need not be secret.
// Room: core, private.
#pragma once

#include <random>

namespace gatehouse::inline core {

/// Seeded with 256 bits of the system, so that two processes started together share no sequence.
std::mt19937_64& generator();

}  // namespace gatehouse::inline core
