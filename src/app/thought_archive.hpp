// Thoughts in the store, so that a restart in the middle of a tool loop costs no model its own. Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/upstream/thought_store.hpp"

#include <string>

namespace gatehouse::app {

class StoredThoughts : public upstream::ThoughtArchive {
public:
    /// REQUIRES: both outlive it.
    StoredThoughts(store::ConversationStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    void keep(const std::string& key, const dialect::KeptThoughts& thoughts) override;
    void forget(const std::string& key) override;
    /// Gives back what an earlier process kept and what still counts. Waits for the disk.
    void bring_back(upstream::ThoughtStore& thoughts);

private:
    store::ConversationStore& store_;
    const Clock& clock_;
};

}  // namespace gatehouse::app
