#include "process_tree.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace gatehouse::bench {
namespace {

namespace fs = std::filesystem;

/// Fields of /proc/PID/stat behind the command's name (proc(5)): [0] is the state, [1] the parent.
std::vector<std::string> stat_fields(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t close = line.rfind(')');
    std::vector<std::string> fields;
    if (close != std::string::npos) {
        std::istringstream rest(line.substr(close + 1));
        for (std::string field; rest >> field;) {
            fields.push_back(field);
        }
    }
    return fields;
}

std::vector<int> numbered_entries(const fs::path& directory) {
    std::vector<int> numbers;
    std::error_code failure;
    for (fs::directory_iterator entry(directory, failure); !failure && entry != fs::directory_iterator();
         entry.increment(failure)) {
        const int number = std::atoi(entry->path().filename().c_str());
        if (number > 0) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::vector<int> tree_of(int root) {
    std::map<int, std::vector<int>> children;
    for (const int pid : numbered_entries("/proc")) {
        const auto fields = stat_fields(pid);
        if (fields.size() > 1) {
            children[std::atoi(fields[1].c_str())].push_back(pid);
        }
    }
    std::vector<int> tree{root};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const auto& more = children[tree[i]];
        tree.insert(tree.end(), more.begin(), more.end());
    }
    return tree;
}

long kib_in(int pid, const std::string& file, const std::string& key) {
    std::ifstream lines("/proc/" + std::to_string(pid) + "/" + file);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(key)) {
            return std::strtol(line.c_str() + key.size(), nullptr, 10);
        }
    }
    return 0;
}

}  // namespace

TreeUse use_of_tree(int root) {
    TreeUse use;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    for (const int pid : tree_of(root)) {
        const auto fields = stat_fields(pid);
        if (fields.size() > 12) {
            use.user_seconds += std::atof(fields[11].c_str()) / ticks;
            use.system_seconds += std::atof(fields[12].c_str()) / ticks;
        }
        use.resident_kib += kib_in(pid, "status", "VmRSS:");
        use.peak_kib += kib_in(pid, "status", "VmHWM:");
        use.proportional_kib += kib_in(pid, "smaps_rollup", "Pss:");
    }
    return use;
}

InstructionCounters::InstructionCounters(int root) {
    for (const int pid : tree_of(root)) {
        for (const int thread : numbered_entries("/proc/" + std::to_string(pid) + "/task")) {
            perf_event_attr what{};
            what.type = PERF_TYPE_HARDWARE;
            what.size = sizeof what;
            what.config = PERF_COUNT_HW_INSTRUCTIONS;
            what.inherit = 1;
            what.exclude_hv = 1;
            const auto descriptor = static_cast<int>(syscall(SYS_perf_event_open, &what, thread, -1, -1, 0));
            if (descriptor >= 0) {
                descriptors_.push_back(descriptor);
            }
        }
    }
}

InstructionCounters::~InstructionCounters() {
    for (const int descriptor : descriptors_) {
        close(descriptor);
    }
}

std::optional<double> InstructionCounters::read() const {
    if (descriptors_.empty()) {
        return std::nullopt;
    }
    double total = 0;
    for (const int descriptor : descriptors_) {
        std::uint64_t value = 0;
        if (::read(descriptor, &value, sizeof value) == static_cast<ssize_t>(sizeof value)) {
            total += static_cast<double>(value);
        }
    }
    return total;
}

}  // namespace gatehouse::bench
