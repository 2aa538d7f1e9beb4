#include "gatehouse/pipeline/evidence_book.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <utility>

namespace gatehouse::pipeline {
namespace {

using policy::CacheEvidence;
using policy::EvidenceCell;
using policy::EvidenceLabel;
using policy::EvidenceOptions;
using policy::GuardMatch;

/// Reloads may rename models as often as they like; those beyond share one place.
constexpr std::size_t most_evidence_models = 2'000;
constexpr std::string_view shared_place = "other";
constexpr std::array matches{GuardMatch::same_words, GuardMatch::reworded};

/// `see(match, band, cell)` for each that has labels.
template <class See>
void for_each_label(const CacheEvidence& evidence, See see) {
    for (const auto match : matches) {
        for (std::size_t band = 0; band < policy::evidence_bands.size(); ++band) {
            const auto& cell = evidence.cell(match, band);
            if (cell.right + cell.wrong > 0) {
                see(match, band, cell);
            }
        }
    }
}

CacheEvidence under(const EvidenceOptions& options, const CacheEvidence& before) {
    CacheEvidence evidence(options);
    for_each_label(before, [&](GuardMatch match, std::size_t band, const EvidenceCell& cell) {
        evidence.restore(match, band, cell.right, cell.wrong);
    });
    return evidence;
}

/// Spread evenly over [0, 1), whatever the share: multiples of the golden ratio.
double draw_of(std::uint32_t number) noexcept {
    constexpr double golden = 0.61803398874989484;
    const double product = golden * number;
    return product - std::floor(product);
}

struct WrittenLabel {
    std::string of;
    GuardMatch match;
    std::size_t band;
    std::uint32_t right;
    std::uint32_t wrong;
};

std::optional<WrittenLabel> label_in(const nlohmann::json& line) {
    if (!line.is_array() || line.size() != 5 || !line[0].is_string()) {
        return std::nullopt;
    }
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (!line[i].is_number_unsigned()) {
            return std::nullopt;
        }
    }
    const auto match = line[1].get<std::uint64_t>();
    const auto band = line[2].get<std::uint64_t>();
    const auto right = line[3].get<std::uint64_t>();
    const auto wrong = line[4].get<std::uint64_t>();
    if (match >= matches.size() || band >= policy::evidence_bands.size() ||
        right > CacheEvidence::most_labels || wrong > CacheEvidence::most_labels ||
        right + wrong > CacheEvidence::most_labels) {
        return std::nullopt;
    }
    return WrittenLabel{line[0].get<std::string>(), matches[match], static_cast<std::size_t>(band),
                        static_cast<std::uint32_t>(right), static_cast<std::uint32_t>(wrong)};
}

}  // namespace

policy::EvidenceVerdict EvidenceBook::decide(std::string_view of, const EvidenceOptions& options,
                                             GuardMatch match, double similarity) {
    return book_.with([&](Book& book) {
        auto& entry = place(book, of, options);
        const auto verdict = verdict_of(entry, match, similarity);
        ++entry.decided;
        return verdict;
    });
}

policy::EvidenceVerdict EvidenceBook::foresee(std::string_view of, const EvidenceOptions& options,
                                              GuardMatch match, double similarity) const {
    return book_.with([&](const Book& book) {
        auto found = book.models.find(of);
        if (found == book.models.end() && book.models.size() >= most_evidence_models) {
            found = book.models.find(shared_place);
        }
        OfModel entry = found != book.models.end() ? found->second : OfModel();
        adopt(entry, options);
        return verdict_of(entry, match, similarity);
    });
}

policy::EvidenceVerdict EvidenceBook::verdict_of(const OfModel& entry, GuardMatch match, double similarity) {
    return entry.evidence.decide(match, similarity, draw_of(entry.decided + 1));
}

void EvidenceBook::record(std::string_view of, const EvidenceOptions& options, GuardMatch match,
                          double similarity, policy::Agreement agreement) {
    book_.with([&](Book& book) {
        if (agreement == policy::Agreement::unclear) {
            ++book.unclear;
            return;
        }
        const auto label = agreement == policy::Agreement::same ? EvidenceLabel::right : EvidenceLabel::wrong;
        place(book, of, options).evidence.record(match, similarity, label);
    });
}

void EvidenceBook::record(std::string_view of, GuardMatch match, double similarity, EvidenceLabel label) {
    book_.with([&](Book& book) { place(book, of).evidence.record(match, similarity, label); });
}

std::vector<EvidenceLine> EvidenceBook::lines() const {
    std::vector<EvidenceLine> lines;
    book_.with([&](const Book& book) {
        for (const auto& [name, entry] : book.models) {
            for_each_label(entry.evidence, [&](GuardMatch match, std::size_t band, const EvidenceCell& cell) {
                const auto open =
                    entry.known ? std::optional(cell.upper_bound < entry.options.max_error) : std::nullopt;
                lines.push_back({name, match, policy::evidence_bands[band], cell, open});
            });
        }
    });
    return lines;
}

std::uint64_t EvidenceBook::unclear() const {
    return book_.with([](const Book& book) { return book.unclear; });
}

std::string EvidenceBook::written() const {
    auto lines = nlohmann::json::array();
    book_.with([&](const Book& book) {
        for (const auto& [name, entry] : book.models) {
            for_each_label(entry.evidence, [&](GuardMatch match, std::size_t band, const EvidenceCell& cell) {
                lines.push_back({name, static_cast<unsigned>(match), band, cell.right, cell.wrong});
            });
        }
    });
    return nlohmann::json{{"labels", std::move(lines)}}.dump(-1, ' ', false,
                                                             nlohmann::json::error_handler_t::replace);
}

bool EvidenceBook::read(std::string_view text) {
    const auto file = nlohmann::json::parse(text, nullptr, false);
    if (!file.is_object() || !file.contains("labels") || !file["labels"].is_array()) {
        return false;
    }
    std::vector<WrittenLabel> labels;
    for (const auto& line : file["labels"]) {
        auto label = label_in(line);
        if (!label) {
            return false;
        }
        labels.push_back(std::move(*label));
    }
    book_.with([&](Book& book) {
        for (const auto& label : labels) {
            place(book, label.of).evidence.restore(label.match, label.band, label.right, label.wrong);
        }
    });
    return true;
}

EvidenceBook::OfModel& EvidenceBook::place(Book& book, std::string_view of) {
    const auto found = book.models.find(of);
    const bool room = book.models.size() < most_evidence_models;
    return found != book.models.end() ? found->second : book.models[std::string(room ? of : shared_place)];
}

EvidenceBook::OfModel& EvidenceBook::place(Book& book, std::string_view of, const EvidenceOptions& options) {
    auto& entry = place(book, of);
    adopt(entry, options);
    return entry;
}

void EvidenceBook::adopt(OfModel& entry, const EvidenceOptions& options) {
    entry.known = true;
    if (!(entry.options == options)) {
        entry.options = options;
        entry.evidence = under(options, entry.evidence);
    }
}

}  // namespace gatehouse::pipeline
