#include "gatehouse/upstream/canonical_request.hpp"

namespace gatehouse::upstream {

std::optional<CanonicalRequest> canonical_request(const chat::Request& request) {
    return dialect::canonical_request(request);
}

std::optional<double> temperature_of(const chat::Request& request) {
    return dialect::temperature_of(request);
}

}  // namespace gatehouse::upstream
