// SHA-256 (FIPS 180-4) of bytes that come in pieces.
// Room: core.
#pragma once

#include "gatehouse/core/secret.hpp"

#include <memory>
#include <string_view>

struct evp_md_ctx_st;

namespace gatehouse::inline core {

/// Many digests, one after the other, cost one context.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::string_view bytes);
    /// The digest of all bytes since the last one. What comes next begins a new digest.
    Digest finish();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    void begin();

    std::unique_ptr<evp_md_ctx_st, Free> context_;
    bool begun_{false};
};

}  // namespace gatehouse::inline core
