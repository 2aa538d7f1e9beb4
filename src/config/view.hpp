// Reading values out of a checked tree. A value that is absent, or that the checker has refused, reads as the
// default: readers go on, so that all errors come out at once.
// Room: config. May include: core.
#pragma once

#include "check.hpp"
#include "document.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

class View {
public:
    explicit View(const Node* node) : node_(node) {}

    /// REQUIRES: present().
    const Node& node() const noexcept { return *node_; }
    bool present() const noexcept { return node_ != nullptr && node_->kind != Node::Kind::null; }
    bool is_mapping() const noexcept { return present() && node_->kind == Node::Kind::mapping; }
    bool is_scalar() const noexcept { return present() && node_->kind == Node::Kind::scalar; }

    View operator[](std::string_view key) const noexcept {
        return View(node_ == nullptr ? nullptr : node_->find(key));
    }
    /// The entries of a mapping.
    const std::vector<Entry>& entries() const noexcept { return present() ? node_->entries : no_entries(); }
    /// The scalars of a list, or the single one that stands for it.
    std::vector<const Node*> scalars() const;
    /// The items of a list that are mappings.
    std::vector<View> mappings() const;

    std::string text(std::string_view standard = {}) const {
        return std::string(is_scalar() ? node_->text : standard);
    }
    bool flag(bool standard) const noexcept { return is_scalar() ? node_->text == "true" : standard; }
    std::chrono::milliseconds duration(std::chrono::milliseconds standard) const noexcept {
        return std::chrono::milliseconds(number(Type::duration, standard.count()));
    }
    std::size_t size(std::size_t standard) const noexcept {
        return static_cast<std::size_t>(number(Type::size, static_cast<std::int64_t>(standard)));
    }
    /// A percentage, as a share of 1.
    double share(double standard) const noexcept {
        constexpr double whole = 10'000;  // percentages are read in hundredths
        const auto said = is_scalar() ? number_of(Type::percent, node_->text) : std::nullopt;
        return said ? static_cast<double>(*said) / whole : standard;
    }
    double decimal(double standard) const noexcept {
        constexpr double whole = 1'000'000;  // decimals are read in millionths
        const auto said = is_scalar() ? number_of(Type::decimal, node_->text) : std::nullopt;
        return said ? static_cast<double>(*said) / whole : standard;
    }
    std::size_t count(std::size_t standard) const noexcept {
        return static_cast<std::size_t>(number(Type::count, static_cast<std::int64_t>(standard)));
    }

private:
    static const std::vector<Entry>& no_entries() noexcept;
    std::int64_t number(Type type, std::int64_t standard) const noexcept {
        return is_scalar() ? number_of(type, node_->text).value_or(standard) : standard;
    }
    const Node* node_;
};

}  // namespace gatehouse::config
