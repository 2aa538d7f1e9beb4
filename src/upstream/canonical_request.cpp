#include "gatehouse/upstream/canonical_request.hpp"

namespace gatehouse::upstream {

std::optional<CanonicalRequest> canonical_request(const chat::Request& request, const CanonicalUse& use) {
    return dialect::canonical_request(request, use);
}

}  // namespace gatehouse::upstream
