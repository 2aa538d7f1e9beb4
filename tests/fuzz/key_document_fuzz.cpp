// The settings of a key as an admin sends them: never a crash; what is accepted is accepted again in the form
// in which it is kept, and says the same there; a patch leaves a document that is one.
#include "check.hpp"

#include "gatehouse/config/key_document.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace config = gatehouse::config;

namespace {

const config::KeyNames& names() {
    static const config::KeyNames known{{"gpt-5", "claude-*"}, {"auto"}, {"search"}};
    return known;
}

void check_kept(const config::KeyDocument& key) {
    check(is_json(key.text()));
    check(!key.name().empty() && key.name().size() <= config::KeyDocumentLimits::name);
    const auto again = config::KeyDocument::restored(key.text());
    check(static_cast<bool>(again));
    check(again->text() == key.text() && again->changes_to(key) == "{}");
    check(again->options().models == key.options().models && again->options().tags == key.options().tags);
    check(again->options().expires == key.options().expires && again->options().admin == key.options().admin);
}

}  // namespace

/// A document, a zero byte, a patch.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text(data, size);
    const auto end = text.find('\0');
    const auto key = config::KeyDocument::read(text.substr(0, end), names());
    if (!key) {
        check(!key.problem().message().empty());
        return 0;
    }
    check_kept(*key);
    if (end == std::string_view::npos) {
        return 0;
    }
    const auto patched = key->patched(text.substr(end + 1), names());
    if (patched) {
        check_kept(*patched);
        check(patched->name() == key->name());
        check(is_json(key->changes_to(*patched)));
    }
    return 0;
}
