// Any bytes as a body that goes on from a kept conversation: what is put together from it is a request that
// would be admitted too, and what is kept of it is found again.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/response_state.hpp"
#include "gatehouse/dialect/thread_state.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

namespace chat = gatehouse::chat;
namespace dialect = gatehouse::dialect;

void check_json(std::string_view text) {
    gatehouse::wire::JsonReader json(text, {gatehouse::wire::deepest_json});
    json.skip();
    check(json.finish());
}

void check_response(const std::string& body) {
    if (!dialect::openai().decode_request(chat::Endpoint::responses, body, {})) {
        return;
    }
    const auto ask = dialect::read_response_ask(body, "x");
    check_json("[" + ask.input + "]");
    const dialect::KeptResponse kept{ask.input, R"({"id":"resp_1","output":[{"id":"o"}]})"};
    const auto again = dialect::kept_response(dialect::to_json(kept));
    check(again.input == kept.input && again.response == kept.response);
    const auto whole = dialect::with_history(body, dialect::history_of(kept), ask.input);
    check(static_cast<bool>(dialect::openai().decode_request(chat::Endpoint::responses, whole, {})));
    const auto next = dialect::read_response_ask(whole, "y");
    check(next.previous_id.empty() && next.store == ask.store);
    check(next.input == dialect::history_of(kept) + (ask.input.empty() ? "" : ",") + ask.input);
    const auto page = dialect::input_items_page(next.input, "order=asc&limit=3");
    check(static_cast<bool>(page));
    check_json(*page);
}

void check_thread(const std::string& body) {
    if (!dialect::anthropic().decode_request(chat::Endpoint::messages, body, {})) {
        return;
    }
    const auto ask = dialect::read_thread_ask(body);
    if (!ask) {
        check(!ask.problem().param().empty());
        return;
    }
    const auto kept = dialect::keep_thread(body, R"([{"type":"text","text":"a"}])");
    check_json(kept);
    const auto whole = dialect::whole_thread_request(body, *ask, kept);
    check(static_cast<bool>(dialect::anthropic().decode_request(chat::Endpoint::messages, whole, {})));
    const auto again = dialect::read_thread_ask(whole);
    check(again && again->kind == dialect::ThreadKind::none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(as_text(data, size));
    check_response(text);
    check_thread(text);
    if (const auto page = dialect::input_items_page(R"({"id":"a"},{"id":"b"})", text)) {
        check_json(*page);
    } else {
        check(!page.problem().param().empty());
    }
    const auto response = dialect::response_in(text);
    check(response.empty() || text.find(response) != std::string::npos);
    dialect::ThreadReplyStream thread;
    thread.see(text);
    return 0;
}
