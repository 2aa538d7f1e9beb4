#include "usage_cost.hpp"

#include "openai_words.hpp"

namespace gatehouse::dialect {

void UsageCost::show(std::string_view data, wire::ByteRange where, const chat::Usage& usage,
                     std::string_view model, bool last, Edits& edits) {
    if (teller_ == nullptr || where.size() < 2) {
        return;
    }
    text_ = teller_->tell(usage, model);
    const auto value = data.substr(where.begin, where.size());
    wire::JsonReader json(value, reply_limits);
    if (text_.empty() || json.peek() != wire::JsonType::object) {
        return;
    }
    bool any = false;
    json.begin_object();
    while (json.next_member()) {
        const bool cost = json.key() == "cost";
        const auto range = json.skip();
        if (cost) {
            edits.replace({where.begin + range.begin, where.begin + range.end}, text_);
            return;
        }
        any = true;
    }
    if (!last) {
        return;
    }
    text_.insert(0, any ? ",\"cost\":" : "\"cost\":");
    edits.replace({where.end - 1, where.end - 1}, text_);
}

}  // namespace gatehouse::dialect
