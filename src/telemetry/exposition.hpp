// Writes the Prometheus text format 0.0.4 (prometheus.io, "Exposition formats"): one block per family, HELP
// and TYPE first, then its samples. Room: telemetry, private.
#pragma once

#include "series.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::telemetry {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

class Exposition {
public:
    void counters(const Family<Counter>& family);
    /// Amounts in PicoUsd, shown in US dollars.
    void dollars(const Family<Counter>& family);
    void gauges(const Family<Counter>& family);
    void histograms(const Family<Histogram>& family);
    void single(MetricType type, std::string_view name, std::string_view help, std::int64_t value);
    void single(MetricType type, std::string_view name, std::string_view help,
                std::chrono::nanoseconds seconds);

    /// A family whose samples are not kept in a Family: the head, then each sample. `labels` are escaped
    /// already.
    void head(MetricType type, std::string_view name, std::string_view help);
    void sample(std::string_view name, std::string_view labels, std::uint64_t value);

    std::string take() { return std::move(out_); }

private:
    void plain(MetricType type, const Family<Counter>& family);
    void begin_sample(std::string_view name, std::string_view suffix, std::string_view labels,
                      std::string_view bound);
    void histogram(std::string_view name, std::string_view labels, const Histogram& histogram);

    std::string out_;
};

}  // namespace gatehouse::telemetry
