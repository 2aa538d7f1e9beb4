// Any two texts can be compared: the guard says the same either way round and takes a text for itself.
#include "check.hpp"

#include "gatehouse/policy/answer_agreement.hpp"
#include "gatehouse/policy/answer_guard.hpp"
#include "gatehouse/policy/question_context.hpp"
#include "gatehouse/policy/question_signature.hpp"

#include <algorithm>
#include <string>

using namespace gatehouse;
using namespace gatehouse::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = as_text(data, size);
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto one = bytes.substr(0, end);
    const auto other = bytes.substr(std::min(end + 1, bytes.size()));

    const GuardFeatures features(one);
    const GuardFeatures others(other);
    const auto verdict = guard_check(features, others);
    check(verdict.refusal == guard_check(others, features).refusal);
    check(!name_of(verdict.refusal).empty());
    check(guard_check(features, GuardFeatures(one)).refusal ==
          (features.is_comparable() ? GuardRefusal::none : GuardRefusal::not_comparable));

    const auto signature = question_signature(one);
    check(signature.text.empty() == (signature.refusal != SignatureRefusal::none));
    check(signature.text == question_signature(one).text);
    check(agreement_of(one, other) == agreement_of(other, one));
    check(agreement_of(one, one) != Agreement::different);
    check(!name_of(not_cacheable(one, EarlierTurns::none)).empty());
    return 0;
}
