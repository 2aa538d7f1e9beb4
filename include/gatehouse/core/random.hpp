// Chance, as an interface: decisions take draws, tests write them down. Not for secrets.
// Room: core.
#pragma once

namespace gatehouse::inline core {

class Random {
public:
    virtual ~Random() = default;
    /// Uniform in [0, 1).
    virtual double unit() = 0;
};

/// A per-thread generator seeded by the system; any thread may call it.
class SystemRandom final : public Random {
public:
    double unit() override;
};

}  // namespace gatehouse::inline core
