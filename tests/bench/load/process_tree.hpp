// What a server's processes use: CPU time, memory, and instructions where the machine has counters for them.
//
// A server is a process and its descendants (nginx has a master and a worker).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace gatehouse::bench {

struct TreeUse {
    double user_seconds{0};
    double system_seconds{0};
    long resident_kib{0};
    long peak_kib{0};
    long proportional_kib{0};  // shared pages counted by their share
};

TreeUse use_of_tree(int root);

/// Instructions of every thread of the tree, user and kernel, by hardware counters.
class InstructionCounters {
public:
    explicit InstructionCounters(int root);
    ~InstructionCounters();
    InstructionCounters(const InstructionCounters&) = delete;
    InstructionCounters& operator=(const InstructionCounters&) = delete;

    /// Nothing where the machine (many virtual ones) has no counters, or lets us have none.
    std::optional<double> read() const;

private:
    std::vector<int> descriptors_;
};

}  // namespace gatehouse::bench
