#include "nearest.hpp"
#include "readers.hpp"
#include "values.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/model_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gatehouse::config {
namespace {

/// The digest of the caller's key, from its value or as written.
std::optional<Digest> digest_of(View key, const std::string& path, const Checked& checked,
                                Findings& findings) {
    const View value = key["value"];
    const View hash = key["hash"];
    if (value.present() == hash.present()) {
        findings.error(key.node(), fmt::format("`{}` needs {} `value` or `hash`", path,
                                               value.present() ? "only one of" : "either"));
        return std::nullopt;
    }
    if (hash.present()) {
        return digest_from_hex(hash.text().substr(std::min<std::size_t>(hash.text().size(), 7)));
    }
    const std::string* bytes = checked.value(value.node());
    if (bytes == nullptr) {
        return std::nullopt;  // reported by the checker
    }
    const bool visible =
        std::all_of(bytes->begin(), bytes->end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!visible) {
        findings.error(value.node(), fmt::format("`{}.value`: a key is visible ASCII without spaces", path));
        return std::nullopt;
    }
    return sha256(*bytes);
}

/// What an allow-list may name.
struct Servable {
    explicit Servable(View root) : models(model_names(root)), routed(routed_names(root)), all(models) {
        all.insert(all.end(), routed.begin(), routed.end());
    }
    std::vector<std::string> models;
    std::vector<std::string> routed;
    std::vector<std::string> all;
};

/// Can this entry of an allow-list allow anything? A name must be served, a pattern must meet a name or a
/// pattern.
bool leads_anywhere(View root, const std::string& entry, const Servable& servable) {
    const std::vector<std::string>& names = servable.models;
    const std::vector<std::string>& routed = servable.routed;
    const policy::ModelPattern pattern(entry);
    const auto matches = [&](const std::string& name) { return pattern.match(name).has_value(); };
    if (std::any_of(routed.begin(), routed.end(), matches) ||
        (!pattern.is_pattern() && find_model(root, entry))) {
        return true;
    }
    // Two patterns may meet in names that nobody wrote down: only exact ones can be judged.
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return matches(name) || (pattern.is_pattern() && name.find('*') != std::string::npos);
    });
}

/// A list without entries allows nothing, also one that is written `models:` alone because its entries were
/// commented out: only a key that does not speak of models may use all.
std::optional<std::vector<std::string>> read_allow_list(View root, View key, const Servable& servable,
                                                        Findings& findings) {
    if (key.node().entry("models") == nullptr) {
        return std::nullopt;
    }
    const View list = key["models"];
    std::vector<std::string> names;
    for (const Node* item : list.scalars()) {
        if (std::count(item->text.begin(), item->text.end(), '*') > 1) {
            findings.error(*item, fmt::format("{}: a pattern has one `*`", quote(item->text)));
            continue;
        }
        if (!leads_anywhere(root, item->text, servable)) {
            findings.error(*item, fmt::format("unknown model {}{}", quote(item->text),
                                              suggestion(item->text, servable.all)));
        }
        names.push_back(item->text);
    }
    return names;
}

void check_team(View root, View team, Findings& findings) {
    if (!team.is_scalar() || root["teams"].mappings().empty()) {
        return;  // without `teams` it is a label
    }
    std::vector<std::string> known;
    for (const View candidate : root["teams"].mappings()) {
        known.push_back(candidate["name"].text());
    }
    if (std::find(known.begin(), known.end(), team.text()) == known.end()) {
        findings.error(team.node(),
                       fmt::format("unknown team {}{}", quote(team.text()), suggestion(team.text(), known)));
    }
}

}  // namespace

std::vector<std::string> distinct_names(View list, std::string_view what, Findings& findings) {
    std::map<std::string, int> lines;
    std::vector<std::string> names;
    for (const View item : list.mappings()) {
        const View name = item["name"];
        if (!name.is_scalar()) {
            continue;
        }
        const auto [first, added] = lines.emplace(name.text(), name.node().line);
        if (!added) {
            findings.error(name.node(), fmt::format("{} {} stands there twice, first at line {}", what,
                                                    quote(name.text()), first->second));
        } else {
            names.push_back(name.text());
        }
    }
    return names;
}

std::vector<pipeline::KeyOptions> read_keys(View root, const Checked& checked, Findings& findings) {
    distinct_names(root["keys"], "key", findings);
    std::vector<pipeline::KeyOptions> result;
    const Servable servable(root);
    std::map<Digest, std::string> owners;
    const View keys = root["keys"];
    const std::size_t count = keys.present() ? keys.node().items.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
        const View key(keys.node().items[i].get());
        if (key.node().kind != Node::Kind::mapping) {
            continue;
        }
        pipeline::KeyOptions o;
        o.name = key["name"].text();
        const auto digest = digest_of(key, fmt::format("keys[{}]", i), checked, findings);
        if (digest) {
            o.hash = *digest;
            const auto [owner, added] = owners.emplace(*digest, o.name);
            if (!added) {
                findings.error(key.node(), fmt::format("key {} is the same as that of {}", quote(o.name),
                                                       quote(owner->second)));
            }
        }
        o.models = read_allow_list(root, key, servable, findings);
        if (key["expires"].is_scalar()) {
            o.expires = parse_timestamp(key["expires"].text());
        }
        check_team(root, key["team"], findings);
        o.team = key["team"].text();
        for (const Entry& tag : key["tags"].entries()) {
            o.tags.emplace(tag.key->text, tag.value->text);
        }
        o.limits = read_rate_limits(key);
        o.budget = read_budget(key["budget"]);
        o.debug = key["debug"].flag(o.debug);
        o.admin = key["admin"].flag(o.admin);
        result.push_back(std::move(o));
    }
    if (result.empty() && root["auth"]["required"].flag(true)) {
        findings.warning(0, 0, "no keys, but `auth.required` is true: every request is refused with 401");
    }
    return result;
}

}  // namespace gatehouse::config
