#include "gatehouse/upstream/conversation_key.hpp"

#include "gatehouse/dialect/conversation_key.hpp"

namespace gatehouse::upstream {

std::string conversation_key(const chat::Request& request) {
    return dialect::conversation_key(request);
}

}  // namespace gatehouse::upstream
