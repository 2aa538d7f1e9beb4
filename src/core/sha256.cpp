#include "gatehouse/core/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace gatehouse::inline core {
namespace {

[[noreturn]] void unavailable() {
    throw std::runtime_error("SHA-256 is not available");
}

/// Looked up by name once: that costs more than the digest of a short text.
const EVP_MD* algorithm() {
    static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return found;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {}
Sha256::~Sha256() = default;

void Sha256::begin() {
    if (EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) != 1) {
        unavailable();
    }
    begun_ = true;
}

void Sha256::update(std::string_view bytes) {
    if (!begun_) {
        begin();
    }
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) {
        unavailable();
    }
}

Digest Sha256::finish() {
    if (!begun_) {
        begin();
    }
    Digest digest{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) {
        unavailable();
    }
    begun_ = false;
    return digest;
}

Digest sha256(std::string_view bytes) {
    // One context a thread: making one costs as much as the digest of a short text.
    thread_local Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

}  // namespace gatehouse::inline core
