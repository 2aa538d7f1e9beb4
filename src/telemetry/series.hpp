// The numbers behind the metrics: counters, histograms, and families of them by label values.
//
// Recording is relaxed atomic adds. A family makes a series at its first use and never takes it back, so
// whoever found one may keep the reference for the family's life. Beyond a family's bound all further label
// sets share one series whose every label is `other`: a mistake in bounding labels costs precision, not
// memory. Room: telemetry, private.
#pragma once

#include "escape.hpp"

#include "gatehouse/core/guarded.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::telemetry {

class Counter {
public:
    void add(std::uint64_t amount = 1) noexcept { value_.fetch_add(amount, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// Durations in buckets. The bounds must live as long as the histogram.
class Histogram {
public:
    static constexpr std::size_t most_bounds = 16;
    using Bounds = std::span<const std::chrono::nanoseconds>;

    /// REQUIRES: at most `most_bounds`, ascending.
    explicit Histogram(Bounds bounds) : bounds_(bounds) {}

    /// A value on a bound belongs to that bucket (`le`). Negative values count as zero.
    void observe(std::chrono::nanoseconds value) noexcept;

    Bounds bounds() const noexcept { return bounds_; }
    /// Not cumulative; the last one holds what is above every bound.
    std::uint64_t in_bucket(std::size_t bucket) const noexcept {
        return buckets_[bucket].load(std::memory_order_relaxed);
    }
    std::chrono::nanoseconds sum() const noexcept {
        return std::chrono::nanoseconds(sum_.load(std::memory_order_relaxed));
    }

private:
    Bounds bounds_;
    std::array<std::atomic<std::uint64_t>, most_bounds + 1> buckets_{};
    std::atomic<std::int64_t> sum_{0};
};

/// What stands above a family's series in the exposition.
struct FamilyName {
    std::string_view name;
    std::string_view help;
    std::vector<std::string_view> labels;
};

template <class Series>
class Family {
public:
    template <class... Arguments>
    explicit Family(FamilyName name, Arguments... arguments)
        : name_(std::move(name)), make_([arguments...] { return std::make_unique<Series>(arguments...); }) {}

    static constexpr std::size_t most_series = 2'000;

    /// The series of these label values, in the order of the family's labels. An empty value is written
    /// `none`.
    Series& find(std::initializer_list<std::string_view> values) {
        std::string key = labels_of(values);
        return series_.with([&](auto& series) -> Series& {
            auto found = series.find(key);
            if (found == series.end() && series.size() >= most_series) {
                key = labels_of(std::vector<std::string_view>(name_.labels.size(), "other"));
                found = series.find(key);
            }
            if (found == series.end()) {
                found = series.emplace(std::move(key), make_()).first;
            }
            return *found->second;
        });
    }

    const FamilyName& name() const noexcept { return name_; }

    /// Calls `use(labels, series)` for each, sorted by labels; the labels are written out: `a="1",b="2"`.
    template <class Use>
    void each(Use use) const {
        series_.with([&](const auto& series) {
            for (const auto& [labels, one] : series) {
                use(std::string_view(labels), *one);
            }
        });
    }

private:
    template <class Values>
    std::string labels_of(const Values& values) const {
        std::string text;
        auto label = name_.labels.begin();
        for (const std::string_view value : values) {
            if (!text.empty()) {
                text.push_back(',');
            }
            text.append(*label++).append("=\"");
            append_label_text(text, value.empty() ? "none" : value);
            text.push_back('"');
        }
        return text;
    }

    FamilyName name_;
    std::function<std::unique_ptr<Series>()> make_;
    Guarded<std::map<std::string, std::unique_ptr<Series>>> series_;
};

}  // namespace gatehouse::telemetry
