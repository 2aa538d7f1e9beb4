// What is known of Gemini's generations, as tests of requests need it.
#pragma once

#include "gatehouse/chat/model_facts.hpp"

namespace gatehouse::dialect::test {

inline chat::ModelFacts gemini_4() {
    chat::ModelFacts facts;
    facts.max_output = 65'536;
    facts.efforts = {chat::Effort::low, chat::Effort::medium, chat::Effort::high};
    facts.signatures_required = true;
    facts.least_output = 1024;
    return facts;
}

inline chat::ModelFacts gemini_3() {
    auto facts = gemini_4();
    facts.efforts = {chat::Effort::minimal, chat::Effort::low, chat::Effort::medium, chat::Effort::high};
    facts.sampling = true;
    facts.several_choices = true;
    facts.penalties = true;
    facts.prefill = true;
    facts.least_output = 0;
    return facts;
}

inline chat::ModelFacts gemini_25() {
    auto facts = gemini_3();
    facts.efforts = {};
    facts.budget_range = {{128, 32'768}};
    facts.penalties = false;
    facts.schema_with_tools = false;
    facts.signatures_required = false;
    facts.call_ids = false;
    facts.links = false;
    facts.media_in_results = false;
    facts.image_detail = false;
    return facts;
}

inline chat::ModelFacts gemini_20() {
    auto facts = gemini_25();
    facts.budget_range.reset();
    facts.json_schemas = false;
    return facts;
}

}  // namespace gatehouse::dialect::test
