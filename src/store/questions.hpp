// How many may ask for usage at one time: so many in all, and so many about one key, so that nobody keeps the
// others from asking.
//
// Any thread. Room: store, private.
#pragma once

#include "gatehouse/core/guarded.hpp"

#include <memory>
#include <string>

namespace gatehouse::store {

class Questions {
    struct Asked;

public:
    static constexpr int most = 16;
    static constexpr int most_of_key = 4;

    Questions();

    /// Free again when it goes, also when the questions have gone before it.
    class Place {
    public:
        Place(std::shared_ptr<Guarded<Asked>> asked, std::string key)
            : asked_(std::move(asked)), key_(std::move(key)) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place();

    private:
        std::shared_ptr<Guarded<Asked>> asked_;
        std::string key_;
    };
    /// `key` empty: about all of them. Null when there is no room.
    std::unique_ptr<const Place> take(const std::string& key);

private:
    std::shared_ptr<Guarded<Asked>> asked_;
};

}  // namespace gatehouse::store
