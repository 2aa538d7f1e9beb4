#include "gatehouse/dialect/continuation.hpp"

#include "json_out.hpp"
#include "kept_json.hpp"
#include "seam.hpp"
#include "translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/output_cap.hpp"

#include <string>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

std::string_view list_name(Endpoint endpoint) noexcept {
    switch (endpoint) {
        case Endpoint::responses:
            return "input";
        case Endpoint::generate_content:
            return "contents";
        default:
            return "messages";
    }
}

std::string message_of_model(Endpoint endpoint, std::string_view text) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("role");
    if (endpoint == Endpoint::generate_content) {
        json.string("model").key("parts").begin_array().begin_object().key("text").string(text);
        json.end_object().end_array().end_object();
    } else {
        json.string("assistant").key("content").string(text).end_object();
    }
    return out;
}

wire::ByteRange range_of(std::string_view body, std::string_view name) {
    auto json = kept_reader(body);
    json.begin_object();
    wire::ByteRange range;
    while (json.next_member()) {
        const bool it = json.key() == name;
        const auto value = json.skip();
        range = it ? value : range;
    }
    return range;
}

/// The conversation's list with one message more; empty if it is none.
std::string with_message(std::string_view list, const std::string& message) {
    std::string longer = "[";
    if (list.starts_with('[')) {
        longer += inside_of(list);
        longer += is_blank_json(inside_of(list)) ? "" : ",";
    } else if (list.starts_with('"')) {  // of Responses: what the user says
        longer += R"({"role":"user","content":)";
        longer.append(list).append("},");
    } else {
        return {};
    }
    return longer.append(message).append("]");
}

}  // namespace

bool can_be_continued(const chat::Request& request) {
    const auto conversation = read_conversation(request);
    if (!conversation || conversation->messages.empty()) {
        return false;
    }
    const auto choice = conversation->tool_choice.kind;
    const bool must_call = choice == chat::ToolChoiceKind::required ||
                           choice == chat::ToolChoiceKind::named || conversation->tool_choice.must_call;
    const bool probabilities = conversation->logprobs || conversation->top_logprobs.value_or(0) > 0;
    return conversation->choices == 1 && !probabilities && !must_call &&
           conversation->output.kind == chat::OutputKind::text &&
           conversation->messages.back().role != chat::Role::assistant;
}

Result<chat::Request> with_answer_begun(const chat::Request& request, std::string_view begun,
                                        TokenCount used) {
    const std::string_view body = request.original.bytes;
    const auto text = without_blank_end(begun);
    std::string longer(body);
    if (!text.empty()) {
        const auto range = range_of(body, list_name(request.endpoint));
        const auto list = with_message(text_at(body, range), message_of_model(request.endpoint, text));
        if (list.empty()) {
            return Problem(ProblemKind::invalid_value, "There is no conversation to go on with.");
        }
        longer.replace(range.begin, range.size(), list);
    }
    const wire::JsonLimits as_admitted{wire::deepest_json};
    auto made = dialect_of(request.vendor).decode_request(request.endpoint, std::move(longer), as_admitted);
    if (made && !lessen_output_cap(*made, used.value())) {
        return Problem(ProblemKind::invalid_value, "The answer is as long as it may be.");
    }
    if (made) {
        // What stands beside the body.
        made->model = request.model;
        made->stream = request.stream;
        made->json_array = request.json_array;
        made->strict_params = request.strict_params;
        made->passed_fields = request.passed_fields;
        made->vendor_fields = request.vendor_fields;
        made->previous_response = request.previous_response;
        made->fallbacks = request.fallbacks;
        made->betas = request.betas;
    }
    return made;
}

}  // namespace gatehouse::dialect
