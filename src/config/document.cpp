#include "document.hpp"

#include "findings.hpp"
#include "utf8.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace gatehouse::config {
namespace {

// A comment put behind the text. The parser takes the end of the file for a closing quote, which would
// swallow every section after a forgotten one: then this mark stands in the value. No file holds it, control
// characters are refused.
constexpr std::string_view end_mark = "#\x01";

/// Collects the parser's events into nodes. Refusals are thrown as the parser's own exception: it is the only
/// way to stop it, and its caller catches that type anyway.
class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(Findings& findings) : findings_(findings) {}

    NodePtr root() const { return root_; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(std::make_shared<Node>(fresh(mark, Node::Kind::null)), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto known = anchors_.find(anchor);
        if (known == anchors_.end()) {
            throw YAML::ParserException(mark, "an alias may not stand inside what it names");
        }
        count(mark, known->second->weight);
        attach(known->second);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        check_tag(mark, tag);
        auto node = std::make_shared<Node>(fresh(mark, Node::Kind::scalar));
        node->text = value;
        node->in_quotes = tag == "!";
        if (node->in_quotes && value.find(end_mark) != std::string::npos) {
            throw YAML::ParserException(mark, "a quote that is never closed");
        }
        if (!node->in_quotes && (value == "~" || value == "null" || value == "Null" || value == "NULL")) {
            node->kind = Node::Kind::null;
        }
        add(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(mark, Node::Kind::sequence, anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        check_tag(mark, tag);
        open(mark, Node::Kind::mapping, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        std::shared_ptr<Node> node;
        YAML::anchor_t anchor;
        NodePtr key;                                // mapping: waiting for its value
        std::map<std::string_view, NodePtr> known;  // mapping: keys so far
    };

    static Node fresh(const YAML::Mark& mark, Node::Kind kind) {
        Node node;
        node.kind = kind;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }

    static void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!") {
            throw YAML::ParserException(mark, "tags are not used here");
        }
    }

    void count(const YAML::Mark& mark, std::size_t nodes) {
        total_ += nodes;
        if (total_ > DocumentLimits::nodes) {
            throw YAML::ParserException(
                mark, fmt::format("more than {} values (aliases counted each time)", DocumentLimits::nodes));
        }
    }

    void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
        if (open_.size() >= DocumentLimits::depth) {
            throw YAML::ParserException(mark,
                                        fmt::format("nested deeper than {} levels", DocumentLimits::depth));
        }
        open_.push_back({std::make_shared<Node>(fresh(mark, kind)), anchor, nullptr, {}});
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void add(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
        YAML::Mark mark;
        mark.line = node->line - 1;
        mark.column = node->column - 1;
        count(mark, 1);
        NodePtr finished = std::move(node);
        if (anchor != YAML::NullAnchor) {
            anchors_[anchor] = finished;
        }
        attach(finished);
    }

    void attach(const NodePtr& node) {
        if (open_.empty()) {
            root_ = node;
            return;
        }
        Open& parent = open_.back();
        parent.node->weight += node->weight;
        if (parent.node->kind == Node::Kind::sequence) {
            parent.node->items.push_back(node);
        } else if (!parent.key) {
            parent.key = node;
        } else {
            pair(parent, std::exchange(parent.key, nullptr), node);
        }
    }

    void pair(Open& mapping, const NodePtr& key, const NodePtr& value) {
        if (key->kind != Node::Kind::scalar) {
            findings_.error(*key, "a key must be plain text");
            return;
        }
        const auto [first, added] = mapping.known.emplace(key->text, key);
        if (!added) {
            findings_.error(*key, fmt::format("duplicate key {}, first at line {}", quote(key->text),
                                              first->second->line));
            return;
        }
        mapping.node->entries.push_back({key, value});
    }

    Findings& findings_;
    NodePtr root_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
    std::size_t total_{0};
};

/// Bytes that the parser would take for something else (it reads 0x04 as the end of the file) or reads
/// loosely.
bool readable(const std::string& yaml, Findings& findings) {
    if (yaml.size() > DocumentLimits::bytes) {
        findings.error(0, 0, "the file is larger than 4 MiB");
        return false;
    }
    const auto bad = first_unreadable(yaml);
    if (bad) {
        findings.error(bad->line, bad->column, bad->text);
    }
    return !bad;
}

}  // namespace

const Entry* Node::entry(std::string_view key) const noexcept {
    for (const Entry& candidate : entries) {
        if (candidate.key->text == key) {
            return &candidate;
        }
    }
    return nullptr;
}

const Node* Node::find(std::string_view key) const noexcept {
    const Entry* found = entry(key);
    return found == nullptr ? nullptr : found->value.get();
}

NodePtr parse_document(const std::string& yaml, Findings& findings) {
    if (!readable(yaml, findings)) {
        return nullptr;
    }
    TreeBuilder builder(findings);
    try {
        std::istringstream text(yaml + "\n" + std::string(end_mark) + "\n");
        YAML::Parser parser(text);
        if (parser.HandleNextDocument(builder)) {
            TreeBuilder second(findings);
            if (parser.HandleNextDocument(second)) {
                const NodePtr extra = second.root();
                findings.error(extra ? extra->line : 0, extra ? extra->column : 0,
                               "a second document; the file holds one");
                return nullptr;
            }
        }
    } catch (const YAML::Exception& problem) {
        const bool placed = !problem.mark.is_null();
        const auto last_line = static_cast<int>(std::count(yaml.begin(), yaml.end(), '\n')) + 1;
        const bool beyond = placed && problem.mark.line + 1 > last_line;
        findings.error(placed ? std::min(problem.mark.line + 1, last_line) : 0,
                       placed && !beyond ? problem.mark.column + 1 : 1,
                       fmt::format("not valid YAML: {}", problem.msg));
        return nullptr;
    } catch (
        const std::exception& problem) {  // the parser's standard library calls, on text that no test knew
        findings.error(0, 0, fmt::format("not valid YAML: {}", problem.what()));
        return nullptr;
    }
    return builder.root() ? builder.root() : std::make_shared<const Node>();
}

}  // namespace gatehouse::config
