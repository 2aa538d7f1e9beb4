#include "gatehouse/upstream/provider.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace gatehouse::upstream {

namespace {

std::string default_base_url(ProviderKind kind) {
    switch (kind) {
        case ProviderKind::openai:
            return "https://api.openai.com/v1";
        case ProviderKind::anthropic:
            return "https://api.anthropic.com";
        case ProviderKind::gemini:
            return "https://generativelanguage.googleapis.com/v1beta";
        case ProviderKind::local:
            return "http://local.invalid/v1";
        case ProviderKind::simulated:
            break;
    }
    return "http://simulated.invalid/v1";  // a name that can never be dialled (RFC 6761, 6.4)
}

chat::Vendor vendor_of(ProviderKind kind) {
    switch (kind) {
        case ProviderKind::anthropic:
            return chat::Vendor::anthropic;
        case ProviderKind::gemini:
            return chat::Vendor::gemini;
        case ProviderKind::openai:
        case ProviderKind::simulated:
        case ProviderKind::local:
            break;
    }
    return chat::Vendor::openai;
}

void append_credential(std::string& block, chat::Vendor vendor, const Secret& key) {
    switch (vendor) {
        case chat::Vendor::anthropic:
            wire::append_field(block, "x-api-key", key.reveal());
            return;
        case chat::Vendor::gemini:
            wire::append_field(block, "x-goog-api-key", key.reveal());
            return;
        case chat::Vendor::openai:
            break;
    }
    std::string bearer("Bearer ");
    bearer += key.reveal();
    wire::append_field(block, "Authorization", bearer);
}

std::vector<Digest> credentials_of(const ProviderOptions& options) {
    std::vector<Digest> credentials;
    for (const auto& key : options.api_keys) {
        credentials.push_back(sha256(key.reveal()));
    }
    if (credentials.empty()) {
        credentials.emplace_back();
    }
    return credentials;
}

/// `key`: null for none.
std::string header_block(const ProviderOptions& options, const Secret* key) {
    std::string block;
    if (key != nullptr) {
        append_credential(block, vendor_of(options.kind), *key);
    }
    for (const auto& [name, value] : options.headers) {
        wire::append_field(block, name, value);
    }
    return block;
}

std::vector<std::string> header_blocks(const ProviderOptions& options) {
    std::vector<std::string> blocks;
    for (const auto& key : options.api_keys) {
        blocks.push_back(header_block(options, &key));
    }
    if (blocks.empty()) {
        blocks.push_back(header_block(options, nullptr));
    }
    return blocks;
}

}  // namespace

Result<std::shared_ptr<const Provider>> Provider::make(ProviderOptions options,
                                                       std::shared_ptr<const LocalModel> local) {
    if (options.base_url.empty()) {
        options.base_url = default_base_url(options.kind);
    }
    auto base = net::parse_base_url(options.base_url);
    if (!base) {
        return std::move(base.problem());
    }
    if (!options.ca_file.empty() && !std::ifstream(options.ca_file)) {
        return Problem(ProblemKind::invalid_configuration, "cannot read `ca_file` of provider `" +
                                                               options.name + "`, " + options.ca_file + ": " +
                                                               std::generic_category().message(errno));
    }
    base->origin.ca_file = options.ca_file;
    return std::shared_ptr<const Provider>(
        new Provider(std::move(options), std::move(*base), std::move(local)));
}

Provider::Provider(ProviderOptions options, net::BaseUrl base, std::shared_ptr<const LocalModel> local)
    : options_(std::move(options)),
      local_(std::move(local)),
      base_(std::move(base)),
      vendor_(vendor_of(options_.kind)),
      credentials_(credentials_of(options_)),
      fields_(header_blocks(options_)),
      betas_(options_.betas) {}

bool Provider::passes_beta(std::string_view beta) const noexcept {
    return beta.starts_with("message-threads-") || betas_.allows(beta);
}

std::string Provider::target(std::string_view path) const {
    std::string whole = base_.path;
    whole += path;
    return whole;
}

}  // namespace gatehouse::upstream
