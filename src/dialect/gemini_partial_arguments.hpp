// The arguments of a call that Vertex AI streams leaf by leaf: `{"jsonPath":"$.location","stringValue":"Bos",
// "willContinue":true}`. A client gets JSON fragments in order, so that they must be put together first.
//
// Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/wire/json_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

class PartialArguments {
public:
    /// Takes the elements of a `partialArgs` array. False: a path that makes no sense, one that jumps over
    /// elements of an array, or more members or levels than arguments have.
    bool add(std::string_view array);
    /// What is there so far as a JSON object, members in the order in which they came. Empty: nothing came.
    std::string json() const;

private:
    enum class Kind : std::uint8_t { nothing, object, array, text, other };
    struct Node {
        Kind kind{Kind::nothing};
        bool open{false};   // text that goes on
        std::string value;  // text, or JSON of another leaf
        std::vector<std::string> names;
        std::vector<Node> children;
    };
    struct Leaf {
        std::string path;
        std::string value;
        Kind kind{Kind::nothing};
        bool will_continue{false};
    };

    static Leaf read_leaf(wire::JsonReader& json, std::string_view text);
    bool put(const Leaf& leaf);
    /// One step down; null: there is no way. `path` loses what was read.
    static Node* step(Node& from, std::string_view& path);
    static Node* member(Node& from, std::string name);
    static Node* element(Node& from, std::string_view digits);
    static void write(const Node& node, std::string& out);

    Node root_;
};

}  // namespace gatehouse::dialect
