#include "gatehouse/upstream/thought_store.hpp"

#include <utility>

namespace gatehouse::upstream {
namespace {

// What the containers take for an entry besides its texts, about.
constexpr std::size_t entry_cost = 256;

std::size_t size_of(const std::string& key, const dialect::KeptThoughts& thoughts) {
    std::size_t bytes = entry_cost + 2 * key.size() + thoughts.signature.size();
    for (const auto& block : thoughts.blocks) {
        bytes += sizeof(block) + block.text.size() + block.signature.size() + block.redacted.size();
    }
    return bytes;
}

class ScopedThoughts : public dialect::ThoughtMemory {
public:
    ScopedThoughts(ThoughtStore& store, Clock& clock, std::string scope)
        : store_(store), clock_(clock), scope_(std::move(scope)) {}

    std::optional<dialect::KeptThoughts> find(std::string_view call_id) const override {
        return store_.find(key(call_id), clock_.now());
    }
    void keep(std::string_view call_id, dialect::KeptThoughts thoughts) override {
        store_.keep(key(call_id), std::move(thoughts), clock_.now());
    }

    void forget(std::string_view call_id) override { store_.forget(key(call_id)); }

private:
    std::string key(std::string_view call_id) const {
        std::string whole = scope_;
        whole += call_id;
        return whole;
    }

    ThoughtStore& store_;
    Clock& clock_;
    std::string scope_;
};

/// With its length, so that no two lists of names read the same.
void append_name(std::string& scope, std::string_view name) {
    scope += std::to_string(name.size());
    scope += ':';
    scope += name;
}

}  // namespace

void ThoughtStore::Shelf::drop_oldest() {
    const auto [number, key] = std::move(ages.front());
    ages.pop_front();
    const auto found = entries.find(key);
    if (found != entries.end() && found->second.number == number) {
        bytes -= found->second.bytes;
        entries.erase(found);
    }
}

std::optional<dialect::KeptThoughts> ThoughtStore::find(const std::string& key, Instant now) const {
    const auto found = shelf_.with([&](const Shelf& shelf) -> std::shared_ptr<const dialect::KeptThoughts> {
        const auto entry = shelf.entries.find(key);
        const bool alive = entry != shelf.entries.end() && now < entry->second.until;
        return alive ? entry->second.thoughts : nullptr;
    });
    return found ? std::optional(*found) : std::nullopt;
}

void ThoughtStore::keep(const std::string& key, dialect::KeptThoughts thoughts, Instant now) {
    const auto kept = std::make_shared<const dialect::KeptThoughts>(std::move(thoughts));
    if (put(key, kept, now) && archive_ != nullptr) {
        archive_->keep(key, *kept);
    }
}

void ThoughtStore::forget(const std::string& key) {
    const bool there = shelf_.with([&](Shelf& shelf) {
        const auto found = shelf.entries.find(key);
        if (found == shelf.entries.end()) {
            return false;
        }
        shelf.bytes -= found->second.bytes;
        shelf.entries.erase(found);
        return true;
    });
    if (there && archive_ != nullptr) {
        archive_->forget(key);
    }
}

void ThoughtStore::restore(const std::string& key, dialect::KeptThoughts thoughts, Instant at) {
    put(key, std::make_shared<const dialect::KeptThoughts>(std::move(thoughts)), at);
}

bool ThoughtStore::put(const std::string& key, std::shared_ptr<const dialect::KeptThoughts> thoughts,
                       Instant at) {
    Entry entry;
    entry.bytes = size_of(key, *thoughts);
    if (entry.bytes > limit_ / 16) {
        return false;
    }
    entry.thoughts = std::move(thoughts);
    entry.until = at + lifetime;
    shelf_.with([&](Shelf& shelf) {
        entry.number = shelf.next++;
        auto& place = shelf.entries[key];
        shelf.bytes += entry.bytes;
        shelf.bytes -= place.bytes;
        place = std::move(entry);
        shelf.ages.emplace_back(place.number, key);
        while (!shelf.ages.empty()) {
            const auto oldest = shelf.entries.find(shelf.ages.front().second);
            const bool gone =
                oldest == shelf.entries.end() || oldest->second.number != shelf.ages.front().first;
            if (!gone && shelf.bytes <= limit_ && at < oldest->second.until) {
                break;
            }
            shelf.drop_oldest();
        }
    });
    return true;
}

std::size_t ThoughtStore::size() const {
    return shelf_.with([](const Shelf& shelf) { return shelf.bytes; });
}

std::shared_ptr<dialect::ThoughtMemory> thoughts_of(ThoughtStore& store, Clock& clock,
                                                    std::string_view caller, std::string_view provider,
                                                    std::string_view model) {
    std::string scope;
    append_name(scope, caller);
    append_name(scope, provider);
    append_name(scope, model);
    return std::make_shared<ScopedThoughts>(store, clock, std::move(scope));
}

}  // namespace gatehouse::upstream
