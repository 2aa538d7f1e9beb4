#include "gatehouse/policy/key_check.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse::policy {
namespace {

/// One text for none, unknown and expired, so that a caller cannot tell which keys once existed.
Problem refused() {
    return {ProblemKind::invalid_api_key, "Missing or invalid API key."};
}

}  // namespace

std::size_t KeyRing::Hash::operator()(const Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);  // any eight bytes of a SHA-256 are as good as the others
    return hash;
}

void KeyRing::add(const Digest& key_hash, std::shared_ptr<const Caller> caller) {
    auto& part = parts_[key_hash[0]];
    if (!part) {
        part = std::make_shared<Part>();
    }
    part->insert_or_assign(key_hash, std::move(caller));
}

void KeyRing::add_all(const KeyRing& other) {
    for (const auto& part : other.parts_) {
        if (part) {
            for (const auto& [hash, caller] : *part) {
                add(hash, caller);
            }
        }
    }
}

/// A copy whose part for the hash is its own, so that it may still be changed.
std::shared_ptr<KeyRing> KeyRing::with_own_part(const Digest& key_hash) const {
    std::shared_ptr<KeyRing> copy(new KeyRing(*this));
    auto& part = copy->parts_[key_hash[0]];
    part = part ? std::make_shared<Part>(*part) : std::make_shared<Part>();
    return copy;
}

std::shared_ptr<const KeyRing> KeyRing::with(const Digest& key_hash,
                                             std::shared_ptr<const Caller> caller) const {
    auto ring = with_own_part(key_hash);
    ring->add(key_hash, std::move(caller));
    return ring;
}

std::shared_ptr<const KeyRing> KeyRing::without(const Digest& key_hash) const {
    auto ring = with_own_part(key_hash);
    ring->parts_[key_hash[0]]->erase(key_hash);
    return ring;
}

std::size_t KeyRing::size() const noexcept {
    std::size_t count = 0;
    for (const auto& part : parts_) {
        count += part ? part->size() : 0;
    }
    return count;
}

const std::shared_ptr<const Caller>* KeyRing::find(const Digest& key_hash) const noexcept {
    const auto& part = parts_[key_hash[0]];
    if (!part) {
        return nullptr;
    }
    const auto found = part->find(key_hash);
    return found == part->end() ? nullptr : &found->second;
}

template <class Fits>
std::shared_ptr<const Caller> KeyRing::first(Fits fits) const noexcept {
    for (const auto& part : parts_) {
        if (!part) {
            continue;
        }
        for (const auto& [hash, caller] : *part) {
            if (caller && fits(*caller)) {
                return caller;
            }
        }
    }
    return nullptr;
}

bool KeyRing::is_complete() const noexcept {
    return complete_ && std::all_of(parts_.begin(), parts_.end(), [](const auto& part) {
               return !part || std::all_of(part->begin(), part->end(),
                                           [](const auto& entry) { return entry.second != nullptr; });
           });
}

bool KeyRing::has_admin() const noexcept {
    return first([](const Caller& caller) { return caller.admin; }) != nullptr;
}

std::shared_ptr<const Caller> KeyRing::named(std::string_view name) const noexcept {
    return first([&](const Caller& caller) { return caller.name == name; });
}

/// It exists only while every listener is loopback, so it may see how its requests were answered.
std::shared_ptr<const Caller> KeyRing::anonymous() {
    auto caller = std::make_shared<Caller>();
    caller->debug = true;
    return caller;
}

Result<std::shared_ptr<const Caller>> KeyRing::identify(const PresentedKeys& presented, bool required,
                                                        WallTime now) const {
    std::string_view key;
    for (const std::string_view value : presented.values) {
        if (!key.empty() && value != key) {
            return Problem(ProblemKind::invalid_value, "The request carries two different API keys.");
        }
        key = value;
    }
    // Without a key too: hashing and looking up nothing keeps all refusals in one class of time.
    const auto* found = find(sha256(key));
    const bool presentable = !key.empty() && !presented.malformed;
    const bool unreadable = found != nullptr && *found == nullptr;
    if (found != nullptr && !unreadable && presentable && (!(*found)->expires || now < *(*found)->expires)) {
        return *found;
    }
    if (!required) {
        return anonymous_;
    }
    if (presentable && (unreadable || (found == nullptr && !complete_))) {
        return Problem(ProblemKind::storage_unavailable,
                       "The keys that were made at run time cannot be read at the moment.");
    }
    return refused();
}

}  // namespace gatehouse::policy
