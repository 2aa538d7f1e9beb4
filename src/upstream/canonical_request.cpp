#include "gatehouse/upstream/canonical_request.hpp"

namespace gatehouse::upstream {

std::optional<CanonicalRequest> canonical_request(const chat::Request& request) {
    return dialect::canonical_request(request);
}

}  // namespace gatehouse::upstream
