#include "gatehouse/policy/key_check.hpp"

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
    callers_.insert_or_assign(key_hash, std::move(caller));
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
    const auto found = callers_.find(sha256(key));
    const bool known = found != callers_.end() && !key.empty() && !presented.malformed;
    if (known && (!found->second->expires || now < *found->second->expires)) {
        return found->second;
    }
    if (required) {
        return refused();
    }
    return anonymous_;
}

}  // namespace gatehouse::policy
