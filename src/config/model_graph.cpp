// Which model leads to which: `fallbacks` of models and `use` of routes. Unknown names and cycles are errors.
//
// Rules decide on exact names, fallbacks belong to entries. So both are nodes: a name leads to what its rules
// choose, and to the entry that serves it; an entry to its fallbacks. An exact entry and its name are one.
#include "nearest.hpp"
#include "readers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace gatehouse::config {
namespace {

struct Edge {
    std::string to;
    const Node* where;
};

class Graph {
public:
    Graph(View root, Findings& findings) : root_(root), names_(model_names(root)), findings_(findings) {}

    void add(const std::string& from, const Node& reference) {
        const Entry* model = find_model(root_, reference.text);
        if (model == nullptr) {
            findings_.error(reference, fmt::format("unknown model {}{}", quote(reference.text),
                                                   suggestion(reference.text, names_)));
            return;
        }
        edges_[from].push_back({reference.text, &reference});
        add_entry_of(reference.text, model->key->text, reference);
    }

    /// A name that a pattern serves leads to the pattern's fallbacks. `where`: the name is written there.
    void add_name(const std::string& name, const Node& where) {
        if (const Entry* model = find_model(root_, name)) {
            add_entry_of(name, model->key->text, where);
        }
    }

    /// One error per cycle, at the reference that closes it. Without recursion: chains may be as long as the
    /// file.
    void check_cycles() {
        for (const auto& [start, unused] : edges_) {
            if (!done_.contains(start)) {
                walk(start);
            }
        }
    }

private:
    void add_entry_of(const std::string& name, const std::string& entry, const Node& where) {
        if (entry != name && served_.insert(name).second) {
            edges_[name].push_back({entry, &where});
        }
    }

    struct Step {
        std::string name;
        std::size_t next{0};
    };

    void walk(const std::string& start) {
        std::vector<Step> path{{start}};
        std::set<std::string> on_path{start};
        while (!path.empty()) {
            Step& step = path.back();
            const auto found = edges_.find(step.name);
            if (found == edges_.end() || step.next >= found->second.size()) {
                done_.insert(step.name);
                on_path.erase(step.name);
                path.pop_back();
                continue;
            }
            const Edge& edge = found->second[step.next++];
            if (on_path.contains(edge.to)) {
                report(path, edge);
            } else if (!done_.contains(edge.to)) {
                on_path.insert(edge.to);
                path.push_back({edge.to});
            }
        }
    }

    void report(const std::vector<Step>& path, const Edge& closing) {
        constexpr std::size_t most_named = 10;
        const auto from =
            std::find_if(path.begin(), path.end(), [&](const Step& s) { return s.name == closing.to; });
        std::vector<std::string> names;
        for (auto step = from; step != path.end() && names.size() < most_named; ++step) {
            names.push_back(quote(step->name));
        }
        if (static_cast<std::size_t>(path.end() - from) > most_named) {
            names.emplace_back("...");
        }
        names.push_back(quote(closing.to));
        findings_.error(*closing.where, fmt::format("a cycle of fallbacks: {}", fmt::join(names, " -> ")));
    }

    View root_;
    std::vector<std::string> names_;
    Findings& findings_;
    std::map<std::string, std::vector<Edge>> edges_;
    std::set<std::string> served_;  // names that lead to a pattern's entry
    std::set<std::string> done_;
};

}  // namespace

void check_model_graph(View root, Findings& findings) {
    Graph graph(root, findings);
    for (const Entry& entry : root["models"].entries()) {
        const View model(entry.value.get());
        for (const char* list : {"fallbacks", "context_length_fallbacks", "content_policy_fallbacks"}) {
            for (const Node* reference : model[list].scalars()) {
                graph.add(entry.key->text, *reference);
            }
        }
    }
    for (const View rule : root["routes"].mappings()) {
        const View use = rule["use"];
        if (!use.is_scalar()) {
            continue;
        }
        bool named = false;
        for (const Node* name : rule["when"]["model"].scalars()) {
            graph.add_name(name->text, *name);
            // A rule may leave a request with the model it asked for.
            if (name->text != use.text()) {
                graph.add(name->text, use.node());
            }
            named = true;
        }
        if (!named) {
            graph.add("", use.node());
        }
    }
    graph.check_cycles();
}

}  // namespace gatehouse::config
