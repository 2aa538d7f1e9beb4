// JSON values in a form in which those that mean the same are the same bytes, to be digested.
//
// A value's form begins with a byte that says its kind and ends where a reader of it would know, so that no
// two rows of values are one row of bytes. Long strings stand in it as places of the body, and large objects
// as their digests: it is small where the body is text. Room: dialect, private. May include: core, wire.
#pragma once

#include "gatehouse/core/sha256.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

class CanonicalText {
public:
    /// Both must outlive it. The digester may be shared with others: it is in use during calls only.
    CanonicalText(std::string_view body, Sha256& digester) : body_(body), digester_(&digester) {
        out_.reserve(usual_size);
    }

    std::size_t size() const noexcept { return out_.size(); }
    /// One byte below 0x80, to tell what comes next.
    void mark(char kind) { out_.push_back(kind); }
    /// Text in UTF-8, of any length.
    void text(std::string_view value);
    /// Reads the value that comes next. `json` reads the body.
    /// Returns where it stands in the body, with its quotes.
    wire::ByteRange string(wire::JsonReader& json);
    /// Returns where it stands in the body.
    wire::ByteRange number(wire::JsonReader& json);
    void boolean(wire::JsonReader& json) { mark(json.boolean() ? 't' : 'f'); }
    void null(wire::JsonReader& json) {
        json.null();
        mark('z');
    }

    /// Where members of an object begin; they are put in the order of their names when it ends.
    struct Member {
        std::size_t begin{0};      // in here
        std::size_t name_size{0};  // behind its mark
    };
    /// Begins a member. `name` may come from the reader that is about to go on.
    Member member(std::string_view name);
    /// Sorts the members, which reach to the end. Backwards by their names: most messages and parts come in
    /// that order (`role` before `content`, `type` before `text`). False if two have the same name.
    bool sort(std::vector<Member>& members, std::size_t first);

    /// Puts a digest in the place of what begins at `begin` and reaches to the end.
    void fold(std::size_t begin);
    /// Feeds a part into the digester.
    void feed(std::size_t begin, std::size_t end) const;

private:
    static constexpr std::size_t usual_size = 1000;

    void refer(std::string_view inside, bool plain);
    std::string_view name_of(const Member& member) const noexcept {
        return std::string_view(out_).substr(member.begin + 1, member.name_size);
    }

    std::string_view body_;
    Sha256* digester_;
    std::string out_;
    std::string moved_;
};

}  // namespace gatehouse::dialect
