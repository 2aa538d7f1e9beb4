#include "nearest.hpp"
#include "readers.hpp"
#include "values.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/key_check.hpp"
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

/// Can this entry of an allow-list allow anything? A name must be served, a pattern must meet a name or a
/// pattern.
bool leads_anywhere(const std::string& entry, const KeyNames& names) {
    const policy::ModelPattern pattern(entry);
    const auto matches = [&](const std::string& name) { return pattern.match(name).has_value(); };
    if (std::any_of(names.routed.begin(), names.routed.end(), matches)) {
        return true;
    }
    return std::any_of(names.models.begin(), names.models.end(), [&](const std::string& name) {
        if (!pattern.is_pattern()) {
            return policy::ModelPattern(name).match(entry).has_value();
        }
        // Two patterns may meet in names that nobody wrote down: only exact ones can be judged.
        return matches(name) || name.find('*') != std::string::npos;
    });
}

void check_allow_list(View list, const KeyNames& names, Findings& findings) {
    for (const Node* item : list.scalars()) {
        if (std::count(item->text.begin(), item->text.end(), '*') > 1) {
            findings.error(*item, fmt::format("{}: a pattern has one `*`", quote(item->text)));
        } else if (!leads_anywhere(item->text, names)) {
            std::vector<std::string> all = names.models;
            all.insert(all.end(), names.routed.begin(), names.routed.end());
            findings.error(*item,
                           fmt::format("unknown model {}{}", quote(item->text), suggestion(item->text, all)));
        }
    }
}

/// A list without entries allows nothing, also one that is written `models:` alone because its entries were
/// commented out: only a key that does not speak of models may use all.
std::optional<std::vector<std::string>> read_allow_list(View key) {
    if (key.node().entry("models") == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const Node* item : key["models"].scalars()) {
        names.push_back(item->text);
    }
    return names;
}

void check_team(View team, const KeyNames& names, Findings& findings) {
    if (!team.is_scalar() || names.teams.empty()) {
        return;  // without `teams` it is a label
    }
    if (std::find(names.teams.begin(), names.teams.end(), team.text()) == names.teams.end()) {
        findings.error(team.node(), fmt::format("unknown team {}{}", quote(team.text()),
                                                suggestion(team.text(), names.teams)));
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

KeyNames read_key_names(View root) {
    KeyNames names{model_names(root), routed_names(root), {}};
    for (const View team : root["teams"].mappings()) {
        names.teams.push_back(team["name"].text());
    }
    return names;
}

void check_key_names(View key, const KeyNames& names, Findings& findings) {
    if (key["name"].text() == policy::Caller().name) {
        findings.error(key["name"].node(),
                       fmt::format("{}: so are callers called who have no key", quote(key["name"].text())));
    }
    check_allow_list(key["models"], names, findings);
    check_team(key["team"], names, findings);
}

pipeline::KeyOptions read_key(View key) {
    pipeline::KeyOptions o;
    o.name = key["name"].text();
    o.models = read_allow_list(key);
    if (key["expires"].is_scalar()) {
        o.expires = parse_timestamp(key["expires"].text());
    }
    o.team = key["team"].text();
    for (const Entry& tag : key["tags"].entries()) {
        o.tags.emplace(tag.key->text, tag.value->text);
    }
    o.limits = read_rate_limits(key);
    o.budget = read_budget(key["budget"]);
    o.debug = key["debug"].flag(o.debug);
    o.admin = key["admin"].flag(o.admin);
    return o;
}

std::vector<pipeline::KeyOptions> read_keys(View root, const Checked& checked, Findings& findings) {
    distinct_names(root["keys"], "key", findings);
    std::vector<pipeline::KeyOptions> result;
    const KeyNames names = read_key_names(root);
    std::map<Digest, std::string> owners;
    const View keys = root["keys"];
    const std::size_t count = keys.present() ? keys.node().items.size() : 0;
    for (std::size_t i = 0; i < count; ++i) {
        const View key(keys.node().items[i].get());
        if (key.node().kind != Node::Kind::mapping) {
            continue;
        }
        pipeline::KeyOptions o = read_key(key);
        const auto digest = digest_of(key, fmt::format("keys[{}]", i), checked, findings);
        if (digest) {
            o.hash = *digest;
            const auto [owner, added] = owners.emplace(*digest, o.name);
            if (!added) {
                findings.error(key.node(), fmt::format("key {} is the same as that of {}", quote(o.name),
                                                       quote(owner->second)));
            }
        }
        check_key_names(key, names, findings);
        result.push_back(std::move(o));
    }
    if (result.empty() && root["auth"]["required"].flag(true)) {
        findings.warning(0, 0, "no keys, but `auth.required` is true: every request is refused with 401");
    }
    return result;
}

}  // namespace gatehouse::config
