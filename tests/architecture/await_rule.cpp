#include "await_rule.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <string>

namespace gatehouse::architecture {
namespace {

constexpr std::string_view await_word = "co_await";

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool is_space(char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// A statement as far as it has been read.
struct Statement {
    std::string text;
    std::vector<std::size_t> awaits;  // where in `text` they stand
    int line{0};                      // of the first await
    int depth{0};        // open round and square brackets, kept over the semicolons of a for or if head
    bool braces{false};  // braces of a literal or a lambda
};

bool begins_with_word(std::string_view text, std::string_view word) {
    return text.starts_with(word) && (text.size() == word.size() || !is_word(text[word.size()]));
}

bool opens_block(std::string_view text) {
    if (text.ends_with("else") || text.ends_with("do")) {
        return true;
    }
    if (text.starts_with("else ")) {
        text.remove_prefix(5);
    }
    static constexpr std::array<std::string_view, 4> heads{"if", "while", "for", "switch"};
    return text.ends_with(')') &&
           std::ranges::any_of(heads, [&](auto head) { return begins_with_word(text, head); });
}

/// May an await stand after `before`, the statement's text up to it?
bool is_whole_side(const std::string& before) {
    static const std::regex allowed(
        R"(^(.*[^=!<>]=|.*\bco_return|(else )?(if|while|switch) ?\( ?!?|for ?\(.*[^:]:|case .*:|default ?:|else|do|)"
        R"(\w+ ?:|\( ?void ?\)|static_cast< ?void ?>\(|(if|while|for) ?\(.*\)|) ?$)");
    return std::regex_match(before, allowed);
}

bool has_connective(const std::string& text) {
    static const std::regex forwarding(R"(\bauto ?&&)");
    const auto plain = std::regex_replace(text, forwarding, "auto");
    return plain.find("&&") != std::string::npos || plain.find("||") != std::string::npos ||
           plain.find('?') != std::string::npos;
}

class Reader {
public:
    explicit Reader(std::string_view text) : code_(code_only(text)), frames_(1) {}

    std::vector<Finding> run() {
        for (at_ = 0; at_ < code_.size(); ++at_) {
            step(code_[at_]);
        }
        return std::move(findings_);
    }

private:
    Statement& now() { return frames_.back(); }

    void step(char c) {
        switch (c) {
            case '{':
                open();
                break;
            case '}':
                close();
                break;
            case ';':
                end_statement();
                break;
            case '(':
            case '[':
                ++now().depth;
                put(c);
                break;
            case ')':
            case ']':
                --now().depth;
                put(c);
                break;
            default:
                if (is_space(c)) {
                    put(' ');
                } else if (is_word(c)) {
                    put_word();
                } else {
                    put(c);
                }
        }
    }

    /// Runs of spaces become one, none stands at the beginning.
    void put(char c) {
        auto& text = now().text;
        if (c != ' ' || (!text.empty() && text.back() != ' ')) {
            text.push_back(c);
        }
    }

    void put_word() {
        const auto begin = at_;
        while (at_ + 1 < code_.size() && is_word(code_[at_ + 1])) {
            ++at_;
        }
        const auto word = std::string_view(code_).substr(begin, at_ + 1 - begin);
        if (word == await_word) {
            if (now().awaits.empty()) {
                now().line = line_at(code_, begin);
            }
            now().awaits.push_back(now().text.size());
        }
        now().text += word;
    }

    void open() {
        auto& statement = now();
        while (statement.text.ends_with(' ')) {
            statement.text.pop_back();
        }
        if (!statement.awaits.empty()) {
            if (statement.depth == 0 && opens_block(statement.text)) {
                judge();
                restart(0);
            } else {
                complain("braces in an awaiting statement");
                statement.braces = true;
                statement.awaits.clear();
            }
        }
        frames_.emplace_back();
    }

    void close() {
        if (!now().awaits.empty()) {
            complain("an await inside the braces of a value");
        }
        if (frames_.size() > 1) {
            frames_.pop_back();
        }
        if (now().depth > 0 || value_goes_on()) {
            now().braces = true;
            put(' ');
        } else {
            restart(0);
        }
    }

    /// After a closing brace: was it a value's (or a lambda's), so that the statement goes on behind it?
    bool value_goes_on() const {
        if (at_ + 1 < code_.size() && (code_[at_ + 1] == '(' || code_[at_ + 1] == '.')) {
            return true;
        }
        const auto next = std::ranges::find_if_not(code_.begin() + static_cast<std::ptrdiff_t>(at_) + 1,
                                                   code_.end(), is_space);
        return next != code_.end() && std::string_view(",)?").find(*next) != std::string_view::npos;
    }

    void end_statement() {
        judge();
        restart(now().depth);
    }

    void restart(int depth) {
        now() = Statement{};
        now().depth = depth;
    }

    void judge() {
        auto& statement = now();
        if (statement.awaits.empty() || statement.text.starts_with("EXPECT_") ||
            statement.text.starts_with("ASSERT_")) {
            return;
        }
        if (statement.awaits.size() > 1) {
            complain("more than one await in a statement");
        }
        if (statement.braces) {
            complain("braces in an awaiting statement");
        }
        if (has_connective(statement.text)) {
            complain("&&, || or ?: in an awaiting statement");
        }
        if (!is_whole_side(statement.text.substr(0, statement.awaits.front()))) {
            complain("the await is not the whole right-hand side");
        }
    }

    void complain(const char* what) { findings_.push_back({now().line, what}); }

    std::string code_;
    std::vector<Statement> frames_;
    std::vector<Finding> findings_;
    std::size_t at_{0};
};

}  // namespace

std::vector<Finding> await_findings(std::string_view text) {
    return Reader(text).run();
}

}  // namespace gatehouse::architecture
