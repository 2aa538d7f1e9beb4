#include "thought_archive.hpp"

#include "gatehouse/dialect/thoughts.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gatehouse::app {

// The key names the caller already; under one caller of its own here, thoughts cannot drive out responses.
void StoredThoughts::keep(const std::string& key, const dialect::KeptThoughts& thoughts) {
    store_.keep({{}, store::ConversationKind::thought, key}, dialect::written(thoughts), clock_.wall());
}

void StoredThoughts::forget(const std::string& key) {
    store_.forget({{}, store::ConversationKind::thought, key}, clock_.wall());
}

void StoredThoughts::bring_back(upstream::ThoughtStore& thoughts) {
    const auto wall = clock_.wall();
    const auto now = clock_.now();
    const auto since = wall - upstream::ThoughtStore::lifetime;
    for (auto& kept :
         store_.recall(store::ConversationKind::thought, since, upstream::ThoughtStore::default_limit)) {
        const auto age = std::max(wall - kept.at, WallTime::duration::zero());
        if (auto read = dialect::read_kept_thoughts(kept.body)) {
            thoughts.restore(kept.key.id, std::move(*read),
                             now - std::chrono::duration_cast<Instant::duration>(age));
        }
    }
}

}  // namespace gatehouse::app
