#include "questions.hpp"

#include <map>
#include <utility>

namespace gatehouse::store {

struct Questions::Asked {
    int all{0};
    std::map<std::string, int> of_key{};
};

Questions::Questions() : asked_(std::make_shared<Guarded<Asked>>()) {}

Questions::Place::~Place() {
    asked_->with([&](Asked& asked) {
        --asked.all;
        const auto found = asked.of_key.find(key_);
        if (found != asked.of_key.end() && --found->second == 0) {
            asked.of_key.erase(found);
        }
    });
}

std::unique_ptr<const Questions::Place> Questions::take(const std::string& key) {
    const bool taken = asked_->with([&](Asked& asked) {
        if (asked.all >= most) {
            return false;
        }
        if (!key.empty()) {
            auto& of_key = asked.of_key[key];
            if (of_key >= most_of_key) {
                return false;
            }
            ++of_key;
        }
        ++asked.all;
        return true;
    });
    return taken ? std::make_unique<const Place>(asked_, key) : nullptr;
}

}  // namespace gatehouse::store
