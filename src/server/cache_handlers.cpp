#include "handlers.hpp"

#include "gatehouse/core/money.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/wire/query.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::CacheSums;
using policy::CacheTier;

constexpr std::size_t most_models_shown = 1'000;

std::uint64_t hits_of(const CacheSums& sums, CacheTier tier) {
    return sums.hits[static_cast<std::size_t>(tier)];
}

/// Of the requests that an answer was looked for, to a thousandth; null: there were none.
Json share(std::uint64_t hits, const CacheSums& sums) {
    const auto asked = sums.all_hits() + sums.misses;
    if (asked == 0) {
        return {};
    }
    constexpr double thousandths = 1000;
    return std::round(thousandths * static_cast<double>(hits) / static_cast<double>(asked)) / thousandths;
}

Json sums_json(const CacheSums& sums) {
    Json object = {{"hits", sums.all_hits()},
                   {"misses", sums.misses},
                   {"partial", sums.partial},
                   {"refreshes", sums.refreshes},
                   {"bypasses", sums.bypasses},
                   {"hit_rate", share(sums.all_hits(), sums)},
                   {"saved_usd", usd_text(sums.saved)},
                   {"saved_tokens", sums.saved_tokens},
                   {"coalesced",
                    {{"requests", sums.coalesced},
                     {"saved_usd", usd_text(sums.coalesced_saved)},
                     {"saved_tokens", sums.coalesced_tokens}}}};
    return object;
}

Json tiers_json(const CacheSums& sums) {
    Json tiers = Json::object();
    for (const auto tier : {CacheTier::exact, CacheTier::signature, CacheTier::semantic}) {
        const auto hits = hits_of(sums, tier);
        tiers[std::string(name_of(tier))] = {{"hits", hits}, {"hit_rate", share(hits, sums)}};
    }
    return tiers;
}

template <class Counted>
Json reasons_json(const Counted& counted) {
    Json reasons = Json::object();
    for (const auto& [reason, count] : counted) {
        reasons[std::string(reason)] = count;
    }
    return reasons;
}

/// Those that were asked for and those that are kept, by name.
Json models_json(const pipeline::CacheReport& report, const std::vector<store::ModelAnswers>& kept) {
    std::map<std::string, Json> models;
    for (const auto& [name, sums] : report.models) {
        auto model = sums_json(sums);
        model["entries"] = 0;
        model["bytes"] = 0;
        models[name] = std::move(model);
    }
    for (const auto& each : kept) {
        auto& model = models[each.model];
        if (model.is_null()) {
            model = sums_json({});
        }
        model["entries"] = each.entries;
        model["bytes"] = each.bytes;
    }
    Json list = Json::array();
    for (auto& [name, model] : models) {
        if (list.size() == most_models_shown) {
            break;
        }
        Json entry = {{"model", name}};
        entry.update(model);
        list.push_back(std::move(entry));
    }
    return list;
}

Json entries_json(const store::AnswerCounts& counts, const pipeline::RecordingRoom& recording) {
    Json object = {{"entries", counts.entries},     {"bytes", counts.bytes},
                   {"evicted", counts.evicted},     {"expired", counts.expired},
                   {"too_large", counts.too_large}, {"not_recorded", recording.refused()},
                   {"on_disk", counts.persists}};
    if (counts.persists) {
        object["disk_usable"] = counts.usable;
        object["not_written"] = counts.lost;
    }
    return object;
}

/// What checked hits have shown, where models want that.
Json evidence_json(const pipeline::EvidenceBook& evidence) {
    Json lines = Json::array();
    for (const auto& line : evidence.lines()) {
        lines.push_back({{"of", line.of},
                         {"match", policy::name_of(line.match)},
                         {"similarity_from", line.from},
                         {"right", line.cell.right},
                         {"wrong", line.cell.wrong},
                         {"error_at_most", line.cell.upper_bound},
                         {"given", line.open ? Json(*line.open) : Json()}});
    }
    return {{"unclear", evidence.unclear()}, {"bands", std::move(lines)}};
}

std::string page_of(const pipeline::CacheParts& cache) {
    const auto report = cache.tally.report();
    CacheSums all;
    for (const auto& [name, sums] : report.models) {
        all += sums;
    }
    Json page = {{"object", "cache"}};
    page.update(sums_json(all));
    page["tiers"] = tiers_json(all);
    page["kept"] = entries_json(cache.answers.counts(), *cache.recording);
    if (cache.questions != nullptr) {
        const auto questions = cache.questions->counts();
        page["questions"] = {{"entries", questions.entries}, {"bytes", questions.bytes}};
    }
    if (cache.evidence != nullptr) {
        page["evidence"] = evidence_json(*cache.evidence);
    }
    if (cache.given != nullptr) {
        const auto judged = cache.given->counts();
        page["feedback"] = {{"right", judged.right}, {"wrong", judged.wrong}};
    }
    page["bypasses_by_reason"] = reasons_json(report.bypasses);
    page["refusals_by_reason"] = reasons_json(report.refusals);
    page["models"] = models_json(report, cache.answers.by_model());
    return page.dump(2, ' ', false, Json::error_handler_t::replace);
}

/// A misspelt word would empty more than was meant, so that none is passed over.
Result<store::Purge> read_purge(std::string_view query) {
    store::Purge purge;
    for (auto& [word, value] : wire::query_parameters(query)) {
        const auto colon = value.find(':');
        if (word == "key") {
            purge.key = std::move(value);
        } else if (word == "model") {
            purge.model = std::move(value);
        } else if (word == "tag" && colon != std::string::npos && colon != 0) {
            purge.tag.emplace(value.substr(0, colon), value.substr(colon + 1));
        } else {
            return Problem(ProblemKind::invalid_value,
                           "The parameters are `key`, `model` and `tag`, a tag as `name:value`.")
                .with_param(word);
        }
    }
    return purge;
}

std::string audit_details(const store::Purge& purge, const store::Purged& purged) {
    Json details = {{"purged", purged.count}, {"from_disk", purged.from_disk}};
    if (purge.key) {
        details["key"] = *purge.key;
    }
    if (purge.model) {
        details["model"] = *purge.model;
    }
    if (purge.tag) {
        details["tag"] = purge.tag->first + ":" + purge.tag->second;
    }
    return details.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What was done, and what was not.
Problem still_on_disk(const store::Purged& purged) {
    return {ProblemKind::storage_unavailable, "The cache forgot " + std::to_string(purged.count) +
                                                  " answers, and gives none of them again while the gateway "
                                                  "runs. The disk refused the change: they "
                                                  "may still lie in cache.db and come back at the next "
                                                  "start. They are removed with the next change "
                                                  "that the disk takes; to try at once, repeat the request."};
}

Problem no_cache() {
    return {ProblemKind::not_found, "There is no cache here."};
}

}  // namespace

Task<Status> show_cache(Incoming& in) {
    if (in.context.admin.cache == nullptr) {
        const auto problem = no_cache();
        co_return co_await in.reply.refuse(problem);
    }
    const auto text = page_of(*in.context.admin.cache);
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

Task<Status> purge_cache(Incoming& in) {
    if (in.context.admin.cache == nullptr) {
        const auto problem = no_cache();
        co_return co_await in.reply.refuse(problem);
    }
    const auto purge = read_purge(in.head.query);
    if (!purge) {
        co_return co_await in.reply.refuse(purge.problem());
    }
    const auto& cache = *in.context.admin.cache;
    const auto purged = co_await cache.answers.purge(in.context.lane, *purge);
    if (cache.questions != nullptr) {
        pipeline::drop_lost_questions(cache.answers, *cache.questions, in.context.lane.clock().wall());
    }
    in.audited.object = "cache";
    in.audited.details = audit_details(*purge, purged);
    if (!purged.from_disk) {
        const auto problem = still_on_disk(purged);
        co_return co_await in.reply.refuse(problem);
    }
    const std::string text = "{\"purged\":" + std::to_string(purged.count) + "}";
    in.trail.outcome = telemetry::RequestOutcome::ok;
    co_return co_await in.reply.whole(200, "application/json", text);
}

}  // namespace gatehouse::server
