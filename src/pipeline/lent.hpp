// Lent: a thing in a stage's frame, shown to the stages behind it for as long as that frame lives.
// Room: pipeline, private.
#pragma once

namespace gatehouse::pipeline {

/// Points `place` to `thing`; takes that back in its destructor, however the stage ends.
template <typename T>
class Lent {
public:
    Lent(T*& place, T& thing) noexcept : place_(place) { place = &thing; }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent() { place_ = nullptr; }

private:
    T*& place_;
};

}  // namespace gatehouse::pipeline
