// What is known of the providers' models: how a request must be written for one, and what it costs. Found by
// the vendor and the name that the provider is asked for.
//
// Holds data that configuration read; knows no model itself.
// Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/chat/model_facts.hpp"
#include "gatehouse/policy/model_match.hpp"
#include "gatehouse/policy/prices.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::policy {

/// Whose model it is. A server that speaks OpenAI's way counts as openai.
enum class Vendor : std::uint8_t { openai, anthropic, gemini };
inline constexpr std::size_t vendor_count = 3;

std::string_view name_of(Vendor vendor) noexcept;
std::optional<Vendor> vendor_named(std::string_view name) noexcept;

struct ModelEntry {
    Vendor vendor{Vendor::openai};
    std::string name;                              // upstream name, or the pattern of a family, with one `*`
    ModelPrices prices;                            // none: not known
    Multipliers multipliers;                       // its own; in a catalog, the vendor's too
    std::optional<std::int64_t> context_window;    // tokens, prompt and answer
    std::optional<std::int64_t> max_input;         // tokens, where less than the window
    std::optional<std::int64_t> max_output_whole;  // tokens, where a reply that is no stream may have less
    chat::ModelFacts facts;
    bool searches{false};  // looks things up while it answers: tomorrow the same question has another answer
};

struct CatalogParts {
    std::string as_of;                                  // the day of the prices
    std::array<Multipliers, vendor_count> multipliers;  // of each vendor
    std::vector<ModelEntry> entries;                    // of two for one model the later counts
};

/// How sure it is that an entry speaks of the model asked for.
enum class Likeness : std::uint8_t {
    exact,    // by its name
    same,     // by its name without what a platform or a date adds
    prefix,   // a variant of a known model: facts likely, prices a guess
    family,   // a model nobody knows, of a known family
    unknown,  // neither: `entry` is null, the facts are the defaults
};

struct KnownModel {
    const ModelEntry* entry{nullptr};
    Likeness likeness{Likeness::unknown};
};

class ModelCatalog {
public:
    ModelCatalog() : ModelCatalog(CatalogParts{}) {}
    explicit ModelCatalog(CatalogParts parts);
    ModelCatalog(const ModelCatalog&) = delete;
    ModelCatalog& operator=(const ModelCatalog&) = delete;

    /// The entry for an upstream name; lives as long as the catalog.
    KnownModel find(Vendor vendor, std::string_view name) const noexcept;
    /// The entry of just that name; null: there is none. Much quicker than `find`.
    const ModelEntry* named(Vendor vendor, std::string_view name) const noexcept;
    /// Facts for any name: never a failure. They live as long as the catalog.
    const chat::ModelFacts& facts(Vendor vendor, std::string_view name) const noexcept {
        return facts(find(vendor, name));
    }
    const chat::ModelFacts& facts(const KnownModel& model) const noexcept {
        return model.entry == nullptr ? unknown_ : model.entry->facts;
    }
    /// What ways of serving cost with a vendor, where a model has nothing of its own.
    const Multipliers& multipliers(Vendor vendor) const noexcept {
        return multipliers_[static_cast<std::size_t>(vendor)];
    }
    const std::string& as_of() const noexcept { return as_of_; }
    const std::vector<ModelEntry>& entries() const noexcept { return entries_; }

private:
    struct Shelf {
        std::map<std::string, std::size_t, std::less<>> names;
        std::map<std::string, std::size_t, std::less<>> bare_names;  // without their dates
        std::vector<std::pair<ModelPattern, std::size_t>> families;  // longest literal first
    };
    void place(std::size_t index);
    KnownModel known(std::size_t index, Likeness likeness) const noexcept {
        return {&entries_[index], likeness};
    }
    std::optional<std::size_t> named(const Shelf& shelf, std::string_view name) const noexcept;
    std::optional<std::size_t> variant(const Shelf& shelf, std::string_view name) const noexcept;

    std::string as_of_;
    std::array<Multipliers, vendor_count> multipliers_;
    std::vector<ModelEntry> entries_;
    std::array<Shelf, vendor_count> shelves_;
    chat::ModelFacts unknown_;
};

}  // namespace gatehouse::policy
