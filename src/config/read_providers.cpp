#include "readers.hpp"

#include "gatehouse/core/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace gatehouse::config {
namespace {

constexpr std::string_view openai_base_url = "https://api.openai.com/v1";

std::optional<upstream::ProviderKind> kind_of(std::string_view word) noexcept {
    constexpr std::array<std::pair<std::string_view, upstream::ProviderKind>, 5> kinds = {
        {{"openai", upstream::ProviderKind::openai},
         {"anthropic", upstream::ProviderKind::anthropic},
         {"gemini", upstream::ProviderKind::gemini},
         {"simulated", upstream::ProviderKind::simulated},
         {"local", upstream::ProviderKind::local}}};
    for (const auto& [name, kind] : kinds) {
        if (name == word) {
            return kind;
        }
    }
    return std::nullopt;
}

bool is_header_name(std::string_view name) noexcept {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.find(c) != std::string_view::npos;
    });
}

/// Headers that the HTTP client writes itself: a second one would change how the message is framed or routed.
bool is_reserved_header(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 10> reserved = {
        "host", "content-length", "transfer-encoding", "connection",     "content-type", "keep-alive",
        "te",   "trailer",        "upgrade",           "accept-encoding"};
    return std::any_of(reserved.begin(), reserved.end(),
                       [&](std::string_view known) { return equals_ignoring_case(known, name); });
}

/// The header that carries the api_keys.
std::string_view credential_header(upstream::ProviderKind kind) noexcept {
    switch (kind) {
        case upstream::ProviderKind::anthropic:
            return "x-api-key";
        case upstream::ProviderKind::gemini:
            return "x-goog-api-key";
        case upstream::ProviderKind::openai:
        case upstream::ProviderKind::simulated:
        case upstream::ProviderKind::local:
            break;
    }
    return "Authorization";
}

net::Timeouts read_timeouts(View timeouts) {
    net::Timeouts o;
    o.connect = timeouts["connect"].duration(o.connect);
    o.first_byte = timeouts["first_byte"].duration(o.first_byte);
    o.first_token = timeouts["first_token"].duration(o.first_token);
    o.idle = timeouts["idle"].duration(o.idle);
    o.total = timeouts["total"].duration(o.total);
    return o;
}

void read_headers(const std::string& path, View provider, const Checked& checked, Findings& findings,
                  upstream::ProviderOptions& o) {
    // As written, not as set: the file is right or wrong whatever the environment holds today.
    const bool has_keys = !provider["api_keys"].scalars().empty();
    std::set<std::string> names;  // in lower case
    for (const Entry& entry : provider["headers"].entries()) {
        const std::string& name = entry.key->text;
        if (!is_header_name(name)) {
            findings.error(*entry.key,
                           fmt::format("`{}.headers`: {} is not the name of a header", path, quote(name)));
        } else if (is_reserved_header(name)) {
            findings.error(*entry.key,
                           fmt::format("`{}.headers`: {} is written by the gateway", path, quote(name)));
        } else if (has_keys && equals_ignoring_case(name, credential_header(o.kind))) {
            findings.error(*entry.key,
                           fmt::format("`{}.headers`: {} carries the api_keys; give only one of them", path,
                                       credential_header(o.kind)));
        } else if (!names.insert(to_lower(name)).second) {
            findings.error(*entry.key, fmt::format("`{}.headers`: {} stands there twice (names ignore case)",
                                                   path, quote(name)));
        } else if (const std::string* value = checked.value(*entry.value)) {
            o.headers.emplace_back(name, *value);
        }
    }
}

void read_betas(const std::string& path, View provider, Findings& findings, upstream::ProviderOptions& o) {
    for (const Node* item : provider["betas"].scalars()) {
        if (std::count(item->text.begin(), item->text.end(), '*') > 1) {
            findings.error(*item,
                           fmt::format("`{}.betas`: {}: a pattern has one `*`", path, quote(item->text)));
        } else {
            o.betas.push_back(item->text);
        }
    }
    if (o.kind != upstream::ProviderKind::anthropic && !o.betas.empty()) {
        findings.warning(provider["betas"].node(),
                         fmt::format("`{}.betas` has a meaning for kind anthropic only", path));
    }
}

std::string base_url_of(View provider, upstream::ProviderKind kind, const Checked& checked) {
    std::string url;
    if (provider["base_url"].present()) {
        const std::string* given = checked.value(provider["base_url"].node());
        url = given == nullptr ? std::string() : *given;
    } else if (kind == upstream::ProviderKind::openai) {
        url = openai_base_url;
    }
    while (!url.empty() && url.back() == '/') {
        url.pop_back();
    }
    return url;
}

/// Keys that do not go with the kind, and keys that are probably forgotten.
void warn_of_oddities(const std::string& path, const Entry& entry, upstream::ProviderKind kind,
                      Findings& findings) {
    const View provider(entry.value.get());
    const bool in_process =
        kind == upstream::ProviderKind::simulated || kind == upstream::ProviderKind::local;
    if (in_process) {
        for (const std::string_view name : {"base_url", "api_keys", "headers", "ca_file"}) {
            if (const Entry* odd = provider.node().entry(name)) {
                findings.warning(*odd->key, fmt::format("`{}.{}` has no meaning for kind {}", path, name,
                                                        provider["kind"].text()));
            }
        }
    }
    const Entry* const odd = provider.node().entry("simulate");
    if (odd != nullptr && kind != upstream::ProviderKind::simulated) {
        findings.warning(*odd->key, fmt::format("`{}.simulate` has a meaning for kind simulated only", path));
    }
    const auto credentials = provider["api_keys"].scalars();
    const bool anonymous = credentials.empty() && provider["headers"].entries().empty();
    if (!in_process && anonymous && !provider["base_url"].present()) {
        findings.warning(*entry.key,
                         fmt::format("`{}` has no api_keys: the provider refuses every request", path));
    }
}

/// The models that have a target on this provider, for the message that leaves it out.
std::string users_of(View root, std::string_view provider) {
    std::vector<std::string> users;
    for (const Entry& model : root["models"].entries()) {
        for (const View target : View(model.value.get())["targets"].mappings()) {
            if (target["provider"].text() == provider &&
                (users.empty() || users.back() != quote(model.key->text))) {
                users.push_back(quote(model.key->text));
            }
        }
    }
    return users.empty() ? std::string() : fmt::format(", with its targets in {}", fmt::join(users, ", "));
}

upstream::ProviderOptions read_provider(const Entry& entry, upstream::ProviderKind kind,
                                        const Checked& checked, Findings& findings) {
    const View provider(entry.value.get());
    const std::string path = fmt::format("providers.{}", entry.key->text);
    upstream::ProviderOptions o;
    o.name = entry.key->text;
    o.kind = kind;
    o.base_url = base_url_of(provider, kind, checked);
    for (const Node* item : provider["api_keys"].scalars()) {
        if (const std::string* value = checked.value(*item)) {
            o.api_keys.emplace_back(*value);
        }
    }
    read_headers(path, provider, checked, findings, o);
    o.timeouts = read_timeouts(provider["timeouts"]);
    o.limits = read_rate_limits(provider["limits"]);
    o.response_limit = provider["limits"]["response"].size(o.response_limit);
    o.stream_usage = provider["stream_usage"].flag(o.stream_usage);
    read_betas(path, provider, findings, o);
    o.ca_file = provider["ca_file"].text();
    o.simulate.first_token = provider["simulate"]["first_token"].duration(o.simulate.first_token);
    o.simulate.per_token = provider["simulate"]["per_token"].duration(o.simulate.per_token);
    return o;
}

}  // namespace

bool Providers::has(std::string_view name) const noexcept {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool Providers::is_usable(std::string_view name) const noexcept {
    return std::any_of(usable.begin(), usable.end(),
                       [&](const auto& provider) { return provider.name == name; });
}

Providers read_providers(View root, const Checked& checked, Findings& findings) {
    Providers result;
    for (const Entry& entry : root["providers"].entries()) {
        const std::string& name = entry.key->text;
        result.names.push_back(name);
        const View provider(entry.value.get());
        const auto kind = kind_of(provider["kind"].text());
        if (!kind) {
            continue;  // reported by the checker
        }
        // One that is left out is read all the same: its errors must not wait for the day its secret is set.
        auto options = read_provider(entry, *kind, checked, findings);
        const auto unset = checked.left_out.find(&provider.node());
        if (unset != checked.left_out.end()) {
            findings.warning(*entry.key, fmt::format("provider {} is left out{}: {}", quote(name),
                                                     users_of(root, name), unset->second));
            continue;
        }
        warn_of_oddities(fmt::format("providers.{}", name), entry, *kind, findings);
        result.usable.push_back(std::move(options));
    }
    return result;
}

}  // namespace gatehouse::config
