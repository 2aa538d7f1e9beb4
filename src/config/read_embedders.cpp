#include "readers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

/// A mode that compares vectors, of a cache that names this embedder.
bool compares_with(View semantic, std::string_view embedder, std::string_view mode) {
    return semantic["mode"].text(std::string(mode)) == "semantic" &&
           semantic["embedder"].text(std::string(upstream::local_embedder)) == embedder;
}

/// Is there anything that works with the local model, although nobody has written of it?
bool needs_local(View root, const Providers& providers) {
    const View global = root["cache"]["semantic"];
    if (compares_with(global, upstream::local_embedder, "off")) {
        return true;
    }
    const auto mode = global["mode"].text("off");
    for (const Entry& entry : root["models"].entries()) {
        const View own = View(entry.value.get())["cache"]["semantic"];
        if (own.present() && compares_with(own, upstream::local_embedder, mode)) {
            return true;
        }
    }
    return std::any_of(providers.usable.begin(), providers.usable.end(),
                       [](const auto& provider) { return provider.kind == upstream::ProviderKind::local; });
}

}  // namespace

std::vector<upstream::EmbedderOptions> read_embedders(View root, const Providers& providers,
                                                      Findings& findings) {
    std::vector<upstream::EmbedderOptions> embedders;
    bool local_written = false;
    for (const Entry& entry : root["embedders"].entries()) {
        const View embedder(entry.value.get());
        upstream::EmbedderOptions options;
        options.name = entry.key->text;
        options.kind = embedder["kind"].text() == "provider" ? upstream::EmbedderKind::provider
                                                             : upstream::EmbedderKind::local;
        options.path = embedder["path"].text();
        options.provider = embedder["provider"].text();
        options.model = embedder["model"].text();
        options.dimensions = static_cast<std::uint32_t>(embedder["dimensions"].count(0));
        local_written = local_written || options.name == upstream::local_embedder;
        const bool left_out = options.kind == upstream::EmbedderKind::provider &&
                              providers.has(options.provider) && !providers.is_usable(options.provider);
        if (left_out) {
            findings.warning(*entry.key,
                             fmt::format("embedder {} is left out, as its provider is", quote(options.name)));
            continue;
        }
        embedders.push_back(std::move(options));
    }
    if (!local_written && needs_local(root, providers)) {
        upstream::EmbedderOptions options;
        options.name = upstream::local_embedder;
        embedders.push_back(std::move(options));
    }
    return embedders;
}

}  // namespace gatehouse::config
