// Which model answers a request that names one that rules decide on: the first rule that matches chooses.
//
// Pure: facts come in through an interface and are asked for only when a rule needs them, so that a request
// is read no further than its rules look. Room: policy. May include: core, chat.
#pragma once

#include "gatehouse/chat/request_traits.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/policy/week_time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::policy {

/// Names and values that a request is filed under.
using Tags = std::map<std::string, std::string>;

/// `>= 60k`, `<= 500`.
struct Bound {
    bool at_least{true};  // else: at most
    std::int64_t value{0};
    constexpr bool holds(std::int64_t number) const noexcept {
        return at_least ? number >= value : number <= value;
    }
};

/// One entry of `routes`. Every condition that is there must hold.
struct RouteRule {
    std::string name;
    std::vector<std::string> models;  // the names it serves
    std::string use;
    chat::Contents has;  // all of them
    std::optional<Bound> prompt_tokens;
    std::optional<Bound> max_tokens;                           // a request that names none meets no bound
    std::vector<std::pair<std::string, std::string>> tags;     // all of them
    std::vector<std::string> keys;                             // names of keys or teams, one of them
    std::vector<std::string> classes;                          // one of them
    std::vector<std::pair<std::string, std::string>> headers;  // all of them; names in lower case
    std::vector<std::string> languages;                        // one of them
    std::optional<WeekTime> time;
    std::optional<Bound> budget_used;  // hundredths of a percent
};

/// What a prompt is about, as a classifier sees it.
struct Classification {
    std::string name;
    double probability{0};
};

/// What a rule may ask about a request. Answers do not change between two questions; finding one may be work,
/// so the maker of the facts finds each once at most.
class RequestFacts {
public:
    virtual ~RequestFacts() = default;
    /// Names of the caller's key and of its team; empty: it has none.
    virtual std::string_view key() = 0;
    virtual std::string_view team() = 0;
    /// `name` is in lower case. Several fields of one name are joined by `, `.
    virtual std::optional<std::string_view> header(std::string_view name) = 0;
    virtual WallTime now() = 0;
    virtual chat::Contents contents() = 0;
    virtual std::optional<std::int64_t> max_tokens() = 0;
    virtual std::optional<std::string_view> tag(std::string_view name) = 0;
    virtual TokenCount prompt_tokens() = 0;
    /// ISO 639 code; empty: not known for sure.
    virtual std::string_view language() = 0;
    /// Nothing: no classifier ran, or it could not tell.
    virtual std::optional<Classification> classification() = 0;
    /// Hundredths of a percent of the caller's budget; nothing: it has none.
    virtual std::optional<std::int64_t> budget_used() = 0;
};

enum class Condition : std::uint8_t {
    key,
    header,
    time,
    has,
    max_tokens,
    tags,
    prompt_tokens,
    language,
    prompt_class,
    budget_used,
};
inline constexpr std::size_t condition_count = 10;

/// Its name under `when`.
std::string_view name_of(Condition condition) noexcept;

/// The first condition, in the order from cheap to costly, that the request does not meet; nothing: the rule
/// matches.
std::optional<Condition> first_unmet(const RouteRule& rule, RequestFacts& facts);

/// Why a condition of the rule is not met, or by what it is, in words for the operator.
std::string explain_condition(const RouteRule& rule, Condition condition, RequestFacts& facts);
/// Does the rule ask for it?
bool asks_for(const RouteRule& rule, Condition condition) noexcept;

/// One rule that was looked at.
struct RouteLook {
    const RouteRule* rule;
    std::string_view model;          // the name that was asked for at this point
    std::optional<Condition> unmet;  // nothing: it matched
};

struct RouteDecision {
    const RouteRule* rule{nullptr};  // that decided; null: none matched
    std::string_view model;          // what answers; without a rule the name that was asked for
};

class RouteTable {
public:
    explicit RouteTable(std::vector<RouteRule> rules = {});
    RouteTable(const RouteTable&) = delete;
    RouteTable& operator=(const RouteTable&) = delete;

    bool empty() const noexcept { return rules_.empty(); }
    /// Does any rule list the name?
    bool serves(std::string_view name) const noexcept {
        return !empty() && by_name_.find(name) != by_name_.end();
    }
    /// The rules for a name, in order.
    std::vector<const RouteRule*> rules_for(std::string_view name) const;
    /// All names that rules list, in the order of the file.
    const std::vector<std::string>& names() const noexcept { return names_; }
    /// The request headers that rules ask about, in lower case.
    const std::vector<std::string>& headers() const noexcept { return headers_; }

    /// The first rule for the name that matches; where its `use` is a name that rules list too, theirs in
    /// turn, until no other name comes out. `looked`: filled with every rule that was looked at. What is
    /// returned points into the table and `asked`.
    RouteDecision decide(std::string_view asked, RequestFacts& facts,
                         std::vector<RouteLook>* looked = nullptr) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    const RouteRule* first_match(std::string_view name, RequestFacts& facts,
                                 std::vector<RouteLook>* looked) const;

    std::vector<RouteRule> rules_;
    std::vector<std::string> names_;
    std::vector<std::string> headers_;
    std::unordered_map<std::string, std::vector<std::size_t>, Hash, std::equal_to<>> by_name_;
};

}  // namespace gatehouse::policy
