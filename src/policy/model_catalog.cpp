#include "gatehouse/policy/model_catalog.hpp"

#include "model_name.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

constexpr std::array<std::string_view, vendor_count> vendor_names = {"openai", "anthropic", "gemini"};

std::size_t index_of(Vendor vendor) noexcept {
    return static_cast<std::size_t>(vendor);
}

}  // namespace

std::string_view name_of(Vendor vendor) noexcept {
    return vendor_names[index_of(vendor)];
}

std::optional<Vendor> vendor_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < vendor_count; ++i) {
        if (vendor_names[i] == name) {
            return static_cast<Vendor>(i);
        }
    }
    return std::nullopt;
}

ModelCatalog::ModelCatalog(CatalogParts parts)
    : as_of_(std::move(parts.as_of)), multipliers_(parts.multipliers), entries_(std::move(parts.entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        entries_[i].multipliers.fill_from(multipliers_[index_of(entries_[i].vendor)]);
        place(i);
    }
    for (Shelf& shelf : shelves_) {
        for (const auto& [name, index] : shelf.names) {
            // Of several dated ones the newest, which sorts last, is what the bare name means.
            shelf.bare_names.insert_or_assign(std::string(without_date(name)), index);
        }
        std::sort(shelf.families.begin(), shelf.families.end(), [](const auto& a, const auto& b) {
            const auto literal_a = a.first.literal_length();
            const auto literal_b = b.first.literal_length();
            return literal_a != literal_b ? literal_a > literal_b : a.second > b.second;
        });
    }
}

void ModelCatalog::place(std::size_t index) {
    const ModelEntry& entry = entries_[index];
    Shelf& shelf = shelves_[index_of(entry.vendor)];
    ModelPattern pattern(entry.name);
    if (pattern.is_pattern()) {
        shelf.families.emplace_back(std::move(pattern), index);
    } else {
        shelf.names.insert_or_assign(entry.name, index);
    }
}

std::optional<std::size_t> ModelCatalog::named(const Shelf& shelf, std::string_view name) const noexcept {
    if (const auto found = shelf.names.find(name); found != shelf.names.end()) {
        return found->second;
    }
    const auto bare = shelf.bare_names.find(name);
    return bare == shelf.bare_names.end() ? std::nullopt : std::optional(bare->second);
}

std::optional<std::size_t> ModelCatalog::variant(const Shelf& shelf, std::string_view name) const noexcept {
    constexpr std::string_view separators = "-:@";
    for (std::size_t cut = name.find_last_of(separators); cut != std::string_view::npos && cut > 0;
         cut = name.find_last_of(separators, cut - 1)) {
        if (is_other_version(name.substr(cut + 1))) {
            continue;
        }
        if (const auto found = named(shelf, name.substr(0, cut))) {
            return found;
        }
    }
    return std::nullopt;
}

KnownModel ModelCatalog::find(Vendor vendor, std::string_view name) const noexcept {
    const Shelf& shelf = shelves_[index_of(vendor)];
    if (const auto found = shelf.names.find(name); found != shelf.names.end()) {
        return known(found->second, Likeness::exact);
    }
    const Likeness same = is_tuned(name) ? Likeness::prefix : Likeness::same;
    const std::string_view owned = without_owner(name);
    if (const auto found = named(shelf, owned)) {
        return known(*found, same);
    }
    const std::string_view bare = without_date(owned);
    if (const auto found = named(shelf, bare)) {
        return known(*found, same);
    }
    if (const auto found = variant(shelf, bare)) {
        return known(*found, Likeness::prefix);
    }
    for (const auto& [pattern, index] : shelf.families) {
        if (pattern.match(bare)) {
            return known(index, Likeness::family);
        }
    }
    return {};
}

const ModelEntry* ModelCatalog::named(Vendor vendor, std::string_view name) const noexcept {
    const Shelf& shelf = shelves_[index_of(vendor)];
    const auto found = shelf.names.find(name);
    return found == shelf.names.end() ? nullptr : &entries_[found->second];
}

}  // namespace gatehouse::policy
