#include "exposition.hpp"

#include <fmt/format.h>

#include <iterator>

namespace gatehouse::telemetry {
namespace {

std::string_view name_of(MetricType type) noexcept {
    switch (type) {
        case MetricType::counter:
            return "counter";
        case MetricType::gauge:
            return "gauge";
        case MetricType::histogram:
            return "histogram";
    }
    return "untyped";
}

std::string without_zeros(std::string text) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

/// Exact decimals: `0.00025`, `1`, `12.5`.
std::string seconds_text(std::chrono::nanoseconds value) {
    constexpr std::int64_t per_second = 1'000'000'000;
    return without_zeros(fmt::format("{}.{:09}", value.count() / per_second, value.count() % per_second));
}

std::string dollars_text(std::uint64_t pico) {
    constexpr std::uint64_t per_dollar = 1'000'000'000'000;
    return without_zeros(fmt::format("{}.{:012}", pico / per_dollar, pico % per_dollar));
}

}  // namespace

void Exposition::head(MetricType type, std::string_view name, std::string_view help) {
    fmt::format_to(std::back_inserter(out_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, name_of(type));
}

void Exposition::begin_sample(std::string_view name, std::string_view suffix, std::string_view labels,
                              std::string_view bound) {
    out_.append(name).append(suffix);
    if (!labels.empty() || !bound.empty()) {
        out_.push_back('{');
        out_.append(labels);
        if (!bound.empty()) {
            out_.append(labels.empty() ? "le=\"" : ",le=\"").append(bound).append("\"");
        }
        out_.push_back('}');
    }
    out_.push_back(' ');
}

void Exposition::sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    begin_sample(name, "", labels, "");
    fmt::format_to(std::back_inserter(out_), "{}\n", value);
}

void Exposition::single(MetricType type, std::string_view name, std::string_view help, std::int64_t value) {
    head(type, name, help);
    fmt::format_to(std::back_inserter(out_), "{} {}\n", name, value);
}

void Exposition::single(MetricType type, std::string_view name, std::string_view help,
                        std::chrono::nanoseconds seconds) {
    head(type, name, help);
    fmt::format_to(std::back_inserter(out_), "{} {}\n", name, seconds_text(seconds));
}

void Exposition::counters(const Family<Counter>& family) {
    plain(MetricType::counter, family);
}

void Exposition::dollars(const Family<Counter>& family) {
    head(MetricType::counter, family.name().name, family.name().help);
    family.each([&](std::string_view labels, const Counter& counter) {
        begin_sample(family.name().name, "", labels, "");
        out_.append(dollars_text(counter.value())).append("\n");
    });
}

void Exposition::gauges(const Family<Counter>& family) {
    plain(MetricType::gauge, family);
}

void Exposition::plain(MetricType type, const Family<Counter>& family) {
    head(type, family.name().name, family.name().help);
    family.each([&](std::string_view labels, const Counter& counter) {
        sample(family.name().name, labels, counter.value());
    });
}

void Exposition::histograms(const Family<Histogram>& family) {
    head(MetricType::histogram, family.name().name, family.name().help);
    family.each(
        [&](std::string_view labels, const Histogram& one) { histogram(family.name().name, labels, one); });
}

void Exposition::histogram(std::string_view name, std::string_view labels, const Histogram& histogram) {
    // The count is the sum of the buckets as read here, so that `+Inf` and `_count` agree while others
    // record.
    std::uint64_t cumulative = 0;
    const auto bounds = histogram.bounds();
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
        cumulative += histogram.in_bucket(i);
        begin_sample(name, "_bucket", labels, i < bounds.size() ? seconds_text(bounds[i]) : "+Inf");
        fmt::format_to(std::back_inserter(out_), "{}\n", cumulative);
    }
    begin_sample(name, "_sum", labels, "");
    fmt::format_to(std::back_inserter(out_), "{}\n", seconds_text(histogram.sum()));
    begin_sample(name, "_count", labels, "");
    fmt::format_to(std::back_inserter(out_), "{}\n", cumulative);
}

}  // namespace gatehouse::telemetry
