#include "gatehouse/upstream/replay.hpp"

namespace gatehouse::upstream {

bool is_worth_keeping(chat::Endpoint endpoint, const KeptAnswer& answer) {
    return dialect::is_worth_keeping(endpoint, answer);
}

Result<std::string> replay_whole(const KeptAnswer& answer, const chat::Request& asking) {
    return dialect::replay_whole(answer, asking);
}

Result<ReplayedStream> replay_stream(const KeptAnswer& answer, const chat::Request& asking) {
    return dialect::replay_stream(answer, asking);
}

}  // namespace gatehouse::upstream
