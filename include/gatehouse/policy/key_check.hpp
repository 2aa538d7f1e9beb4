// Who is calling? A pure look-up of a presented key among the hashed ones.
//
// By the full SHA-256, so its time does not depend on how much of a key is right. Unknown, expired and
// missing keys give the same Problem. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/model_match.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::policy {

/// One caller, as the configuration describes it.
struct Caller {
    std::string name{"anonymous"};
    std::optional<ModelAllowList> models;  // absent: all
    std::optional<WallTime> expires;
    std::string team;
    std::string organisation;  // the team's
    /// Of the key, its team and the team's organisation.
    std::array<AccountRef, 3> accounts{};
    std::map<std::string, std::string> tags;
    bool debug{false};
    bool admin{false};
};

/// The doors a key can come through: Authorization: Bearer, x-api-key, x-goog-api-key, ?key= under /v1beta.
struct PresentedKeys {
    std::vector<std::string_view> values;  // without the scheme; empty strings left out
    bool malformed{false};                 // an Authorization that is no Bearer
};

/// Immutable once it is shared. A ring with one key more or less shares nearly all of its memory with the one
/// that it was made from: with ten thousand keys a change takes microseconds.
class KeyRing {
public:
    KeyRing() = default;
    KeyRing& operator=(const KeyRing&) = delete;

    /// A later entry with the same hash replaces the earlier one.
    void add(const Digest& key_hash, std::shared_ptr<const Caller> caller);
    void add_all(const KeyRing& other);
    /// A key that exists, while nobody can tell what its caller may do.
    void add_unreadable(const Digest& key_hash) { add(key_hash, nullptr); }
    /// From now on a key that is not in the ring may be one that could not be read: it is not called invalid.
    void incomplete() noexcept { complete_ = false; }

    std::shared_ptr<const KeyRing> with(const Digest& key_hash, std::shared_ptr<const Caller> caller) const;
    std::shared_ptr<const KeyRing> without(const Digest& key_hash) const;

    /// Nothing that ought to be in it is missing or unreadable. Walks the ring.
    bool is_complete() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept;
    /// May any of these callers administrate? Walks the ring: for admin requests, not for the hot path.
    bool has_admin() const noexcept;
    /// The caller whose key has that name; null if there is none. Walks the ring.
    std::shared_ptr<const Caller> named(std::string_view name) const noexcept;

    /// Who presents the key, at `now` (a key is dead from its `expires` on).
    ///
    /// `required` false: a missing, unknown or expired key is the caller `anonymous`. Two different keys in
    /// one request are invalid_value (400), the same key through two doors is fine. Every other refusal is
    /// invalid_api_key with one and the same message; an Authorization of another scheme counts as no key.
    /// In an incomplete ring an unknown key is storage_unavailable, where one is required; so is an
    /// unreadable one.
    Result<std::shared_ptr<const Caller>> identify(const PresentedKeys& presented, bool required,
                                                   WallTime now) const;

private:
    struct Hash {
        std::size_t operator()(const Digest& digest) const noexcept;
    };
    using Part = std::unordered_map<Digest, std::shared_ptr<const Caller>, Hash>;
    static constexpr std::size_t part_count = 256;  // by the first byte of the hash

    KeyRing(const KeyRing&) = default;
    std::shared_ptr<KeyRing> with_own_part(const Digest& key_hash) const;
    const std::shared_ptr<const Caller>* find(const Digest& key_hash) const noexcept;
    /// The first that fits; null if none does.
    template <class Fits>
    std::shared_ptr<const Caller> first(Fits fits) const noexcept;
    static std::shared_ptr<const Caller> anonymous();

    // A null part has nothing in it; a null caller belongs to a key that cannot be read.
    std::array<std::shared_ptr<Part>, part_count> parts_{};
    bool complete_{true};
    std::shared_ptr<const Caller> anonymous_{anonymous()};
};

}  // namespace gatehouse::policy
