#include "reach.hpp"

#include "gatehouse/policy/model_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {
namespace {

/// A request reaches no more than this, so nobody has to look further.
constexpr std::size_t most_reached = 64;

/// The models that a request may go on to, one after the other.
struct Reach {
    std::vector<const pipeline::ModelOptions*> models{};
    std::size_t targets{0};
    bool someone_goes_on{false};
    bool has_another() const noexcept { return targets > 1; }
};

class Reaches {
public:
    Reaches(View root, const std::vector<pipeline::ModelOptions>& models, const policy::ModelCatalog& catalog)
        : root_(root), catalog_(catalog) {
        for (const auto& model : models) {
            by_name_.emplace(model.name, &model);
        }
    }

    /// What the model's requests reach: its targets and fallbacks, or one of its detours.
    std::vector<Reach> of(const pipeline::ModelOptions& model) {
        std::vector<Reach> all{from({model.name})};
        for (const auto* detour : {&model.context_length_fallbacks, &model.content_policy_fallbacks}) {
            if (!detour->empty()) {
                all.push_back(from(*detour));
            }
        }
        return all;
    }

private:
    Reach from(std::vector<std::string> open) {
        Reach reach;
        std::set<std::string> seen(open.begin(), open.end());
        for (std::size_t i = 0; i < open.size() && i < most_reached; ++i) {
            const auto* model = named(open[i]);
            if (model == nullptr) {
                continue;  // reported
            }
            reach.models.push_back(model);
            for (const auto& target : model->targets) {
                ++reach.targets;
                reach.someone_goes_on = reach.someone_goes_on || may_go_on(target);
            }
            for (const auto& next : model->fallbacks) {
                if (seen.insert(next).second) {
                    open.push_back(next);
                }
            }
        }
        return reach;
    }

    const pipeline::ModelOptions* named(const std::string& name) {
        const auto known = by_name_.find(name);
        if (known != by_name_.end()) {
            return known->second;
        }
        const Entry* entry = find_model(root_, name);
        const auto serves = entry == nullptr ? by_name_.end() : by_name_.find(entry->key->text);
        return by_name_.emplace(name, serves == by_name_.end() ? nullptr : serves->second).first->second;
    }

    bool may_go_on(const pipeline::TargetOptions& target) const {
        if (target.continues) {
            return *target.continues;
        }
        const auto vendor = policy::vendor_named(root_["providers"][target.provider]["kind"].text());
        if (vendor != policy::Vendor::anthropic) {
            return false;  // others only by the operator's word
        }
        // Of a pattern it depends on the name that comes.
        return target.model.find('*') != std::string::npos || catalog_.facts(*vendor, target.model).prefill;
    }

    View root_;
    const policy::ModelCatalog& catalog_;
    std::map<std::string, const pipeline::ModelOptions*> by_name_;  // null: nobody serves it
};

constexpr std::string_view but_for_the_clients = "; only `fallbacks` that a request names could change that";

void check_midstream(View word, const pipeline::ModelOptions& model, const std::vector<Reach>& reaches,
                     Findings& findings) {
    const auto another = [](const Reach& reach) { return reach.has_another(); };
    if (std::none_of(reaches.begin(), reaches.end(), another)) {
        findings.warning(word.node(), fmt::format("`on_midstream_failure` of {} has no effect: its requests "
                                                  "reach no second target that could go on{}",
                                                  quote(model.name), but_for_the_clients));
        return;
    }
    const auto acts = [](const Reach& reach) { return reach.has_another() && reach.someone_goes_on; };
    if (std::none_of(reaches.begin(), reaches.end(), acts)) {
        findings.warning(
            word.node(),
            fmt::format("`on_midstream_failure` of {} has no effect: none of the targets that its "
                        "requests reach goes on with begun answers (`continues: true`){}",
                        quote(model.name), but_for_the_clients));
    }
}

bool asks_for_reach(const pipeline::ModelOptions& model) {
    return model.slow_stream || model.midstream == policy::MidstreamFailure::go_on;
}

}  // namespace

void check_reach(View root, const std::vector<pipeline::ModelOptions>& models,
                 const policy::ModelCatalog& catalog, Findings& findings) {
    if (std::none_of(models.begin(), models.end(), asks_for_reach)) {
        return;
    }
    Reaches reaches(root, models, catalog);
    std::set<const pipeline::ModelOptions*> replaceable;  // on some request's way there is another target
    for (const auto& model : models) {
        const auto found = reaches.of(model);
        for (const auto& reach : found) {
            if (reach.has_another()) {
                replaceable.insert(reach.models.begin(), reach.models.end());
            }
        }
        if (model.midstream == policy::MidstreamFailure::go_on) {
            check_midstream(root["models"][model.name]["on_midstream_failure"], model, found, findings);
        }
    }
    for (const auto& model : models) {
        if (model.slow_stream && !replaceable.contains(&model)) {
            findings.warning(root["models"][model.name]["slow_stream"].node(),
                             fmt::format("`slow_stream` of {} has no effect: its requests reach no second "
                                         "target that could take a stream's place{}",
                                         quote(model.name), but_for_the_clients));
        }
    }
}

}  // namespace gatehouse::config
