#include "gatehouse/upstream/replay.hpp"

#include "gatehouse/dialect/said_text.hpp"

namespace gatehouse::upstream {

bool is_worth_keeping(chat::Endpoint endpoint, const KeptAnswer& answer) {
    return dialect::is_worth_keeping(endpoint, answer);
}

Result<std::string> replay_whole(const KeptAnswer& answer, const chat::Request& asking) {
    return dialect::replay_whole(answer, asking);
}

std::string said_text(const KeptAnswer& answer, const chat::Request& asking) {
    const auto whole = dialect::replay_whole(answer, asking);
    return whole ? dialect::said_text(asking.endpoint, *whole) : std::string();
}

Result<ReplayedStream> replay_stream(const KeptAnswer& answer, const chat::Request& asking) {
    return dialect::replay_stream(answer, asking);
}

}  // namespace gatehouse::upstream
