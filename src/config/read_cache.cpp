#include "readers.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {
namespace {

policy::SharingScope scope_of(View value, policy::SharingScope standard) {
    const std::string word = value.text();
    if (word == "team") {
        return policy::SharingScope::team;
    }
    if (word == "organisation") {
        return policy::SharingScope::organisation;
    }
    if (word == "gateway") {
        return policy::SharingScope::gateway;
    }
    return word == "key" ? policy::SharingScope::key : standard;
}

policy::CacheTier mode_of(View value, policy::CacheTier standard) {
    const std::string word = value.text();
    if (word == "semantic") {
        return policy::CacheTier::semantic;
    }
    if (word == "signature") {
        return policy::CacheTier::signature;
    }
    return word == "off" ? policy::CacheTier::none : standard;
}

/// A part of the file as it counts: references replaced, keys in their order, nothing that could run into its
/// neighbour.
void add_values(const Node& node, const Checked& checked, std::string& text) {
    const auto add = [&text](std::string_view value) {
        text += std::to_string(value.size());
        text += ':';
        text += value;
    };
    if (node.kind == Node::Kind::scalar) {
        const std::string* expanded = checked.value(node);
        add(expanded != nullptr ? *expanded : node.text);
        return;
    }
    std::vector<const Entry*> entries;
    for (const Entry& entry : node.entries) {
        entries.push_back(&entry);
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry* a, const Entry* b) { return a->key->text < b->key->text; });
    text += '(';
    for (const Entry* entry : entries) {
        add(entry->key->text);
        add_values(*entry->value, checked, text);
    }
    for (const NodePtr& item : node.items) {
        add_values(*item, checked, text);
    }
    text += ')';
}

}  // namespace

policy::CacheOptions read_cache(View cache, policy::CacheOptions o) {
    o.coalesce = cache["coalesce"].flag(o.coalesce);
    o.max_temperature = cache["max_temperature"].decimal(o.max_temperature);
    o.scope = scope_of(cache["scope"], o.scope);
    o.store_fallbacks = cache["store_fallbacks"].flag(o.store_fallbacks);
    o.exact.enabled = cache["exact"]["enabled"].flag(o.exact.enabled);
    o.exact.ttl = cache["exact"]["ttl"].duration(o.exact.ttl);
    const View semantic = cache["semantic"];
    o.semantic.most = mode_of(semantic["mode"], o.semantic.most);
    o.semantic.ttl = semantic["ttl"].duration(o.semantic.ttl);
    o.semantic.embedder = semantic["embedder"].text(o.semantic.embedder);
    o.semantic.threshold = semantic["threshold"].decimal(o.semantic.threshold);
    if (const View adaptive = semantic["adaptive"]; adaptive.present()) {
        policy::EvidenceOptions evidence = o.semantic.adaptive.value_or(policy::EvidenceOptions());
        evidence.max_error = adaptive["max_error"].share(evidence.max_error);
        evidence.confidence = adaptive["confidence"].share(evidence.confidence);
        evidence.check_share = adaptive["check_share"].share(evidence.check_share);
        o.semantic.adaptive = evidence;
    }
    return o;
}

policy::CacheBounds read_cache_bounds(View root) {
    policy::CacheBounds o;
    o.max_size = root["cache"]["exact"]["max_size"].size(o.max_size);
    o.persist = root["cache"]["exact"]["persist"].flag(o.persist);
    o.max_entries = root["cache"]["semantic"]["max_entries"].count(o.max_entries);
    return o;
}

Digest read_routing_version(View root, const Checked& checked, const Sources& sources) {
    std::string parts;
    for (const std::string_view part : {"providers", "models", "routes", "classifier"}) {
        parts += part;
        if (root[part].present()) {
            add_values(root[part].node(), checked, parts);
        }
        parts += '\n';
    }
    const View table = root["classifier"]["table"];
    if (table.is_scalar()) {
        parts += sources.document(table.text()).value_or("");
    }
    return sha256(parts);
}

}  // namespace gatehouse::config
