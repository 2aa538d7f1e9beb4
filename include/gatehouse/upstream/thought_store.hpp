// KeptThoughts kept for clients that do not bring them back: in memory, bounded, for a while, and in an
// archive for the next start.
//
// Shared by the lanes. What is lost (age, too little room) costs the model its thoughts, never the
// answer. Room: upstream. May include: core, chat, dialect.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/dialect/thoughts.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatehouse::upstream {

/// Where thoughts outlive the process.
class ThoughtArchive {
public:
    virtual ~ThoughtArchive() = default;
    // From any lane. Neither waits.
    virtual void keep(const std::string& key, const dialect::KeptThoughts& thoughts) = 0;
    virtual void forget(const std::string& key) = 0;
};

class ThoughtStore {
public:
    static constexpr std::size_t default_limit = 64 * 1024 * 1024;  // bytes, keys included
    static constexpr std::chrono::hours lifetime{1};                // from when they were kept

    explicit ThoughtStore(std::size_t limit = default_limit) : limit_(limit) {}
    /// Before anybody is served. What is kept from now on goes there as well; null: nowhere.
    void archive_in(ThoughtArchive* archive) noexcept { archive_ = archive; }

    std::optional<dialect::KeptThoughts> find(const std::string& key, Instant now) const;
    /// What is kept anew counts as new; the oldest make room. An entry above a sixteenth of the limit is not
    /// kept, so that one caller's cannot drive out all others'.
    void keep(const std::string& key, dialect::KeptThoughts thoughts, Instant now);
    /// What no longer counts, in the archive too.
    void forget(const std::string& key);
    /// Out of the archive: kept as if it had been so all the time since `at`.
    void restore(const std::string& key, dialect::KeptThoughts thoughts, Instant at);
    std::size_t size() const;  // bytes

private:
    struct Entry {
        std::shared_ptr<const dialect::KeptThoughts> thoughts;
        std::size_t bytes{0};
        Instant until{};
        std::uint64_t number{0};
    };
    struct Shelf {
        std::unordered_map<std::string, Entry> entries;
        std::deque<std::pair<std::uint64_t, std::string>> ages;  // oldest first; numbers that are gone linger
        std::size_t bytes{0};
        std::uint64_t next{0};

        void drop_oldest();
    };

    bool put(const std::string& key, std::shared_ptr<const dialect::KeptThoughts> thoughts, Instant at);

    std::size_t limit_;
    ThoughtArchive* archive_{nullptr};
    Guarded<Shelf> shelf_;
};

/// The memory of one caller and one model at one provider. REQUIRES: store and clock outlive it.
std::shared_ptr<dialect::ThoughtMemory> thoughts_of(ThoughtStore& store, Clock& clock,
                                                    std::string_view caller, std::string_view provider,
                                                    std::string_view model);

}  // namespace gatehouse::upstream
