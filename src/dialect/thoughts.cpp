#include "gatehouse/dialect/thoughts.hpp"

#include "field_reader.hpp"
#include "json_out.hpp"
#include "turns.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

bool counts(const chat::Part& part) {
    const auto* thought = std::get_if<chat::Reasoning>(&part.what);
    return thought != nullptr && !(thought->signature.empty() && thought->redacted.empty());
}

void drop_foreign(std::vector<chat::Part>& parts, chat::Vendor vendor) {
    std::erase_if(parts, [vendor](const chat::Part& part) {
        const auto* thought = std::get_if<chat::Reasoning>(&part.what);
        return thought != nullptr && thought->origin && *thought->origin != vendor;
    });
}

/// Remembered blocks take the place of thoughts that came back as text alone.
void put_before(std::vector<chat::Part>& parts, std::vector<chat::Reasoning> blocks) {
    std::erase_if(parts,
                  [](const chat::Part& part) { return std::holds_alternative<chat::Reasoning>(part.what); });
    std::vector<chat::Part> whole;
    whole.reserve(blocks.size() + parts.size());
    for (auto& block : blocks) {
        whole.push_back({std::move(block), std::nullopt});
    }
    std::move(parts.begin(), parts.end(), std::back_inserter(whole));
    parts = std::move(whole);
}

void recall(std::vector<chat::Part>& parts, chat::Vendor vendor, const ThoughtMemory& memory) {
    std::vector<chat::Reasoning> blocks;
    for (auto& part : parts) {
        auto* call = std::get_if<chat::ToolCall>(&part.what);
        if (call == nullptr) {
            continue;
        }
        auto found = memory.find(call->id);
        if (!found) {
            continue;
        }
        if (call->signature.empty()) {
            call->signature = std::move(found->signature);
        }
        if (blocks.empty()) {
            blocks = std::move(found->blocks);
        }
    }
    for (auto& block : blocks) {
        block.origin = vendor;  // what another's model made is not found
    }
    // It stood behind a text, and which one is not known.
    std::erase_if(blocks, [](const chat::Reasoning& block) { return is_text_signature(block); });
    if (!blocks.empty() && std::none_of(parts.begin(), parts.end(), counts)) {
        put_before(parts, std::move(blocks));
    }
}

chat::Reasoning read_block(FieldReader& fields) {
    chat::Reasoning block;
    const Place at;
    for (bool any = fields.object(at); any && fields.next_member();) {
        if (fields.key() == "text") {
            block.text = fields.string(at);
        } else if (fields.key() == "signature") {
            block.signature = fields.string(at);
        } else if (fields.key() == "redacted") {
            block.redacted = fields.string(at);
        } else {
            fields.skip();
        }
    }
    return block;
}

}  // namespace

// Without the origin: they are found by the provider's name only.
std::string written(const KeptThoughts& thoughts) {
    std::string text;
    JsonOut json(text);
    json.begin_object().key("signature").string(thoughts.signature).key("blocks").begin_array();
    for (const auto& block : thoughts.blocks) {
        json.begin_object().key("text").string(block.text).key("signature").string(block.signature);
        json.key("redacted").string(block.redacted).end_object();
    }
    json.end_array().end_object();
    return text;
}

std::optional<KeptThoughts> read_kept_thoughts(std::string_view text) {
    KeptThoughts thoughts;
    FieldReader fields(text);
    const Place at;
    for (bool any = fields.object(at); any && fields.next_member();) {
        if (fields.key() == "signature") {
            thoughts.signature = fields.string(at);
        } else if (fields.key() == "blocks") {
            for (bool some = fields.array(at); some && fields.next_element();) {
                thoughts.blocks.push_back(read_block(fields));
            }
        } else {
            fields.skip();
        }
    }
    return fields.status() ? std::optional(std::move(thoughts)) : std::nullopt;
}

void recall_thoughts(chat::Conversation& conversation, chat::Vendor vendor, const ThoughtMemory* memory) {
    for (auto& message : conversation.messages) {
        if (message.role != chat::Role::assistant) {
            continue;
        }
        drop_foreign(message.parts, vendor);
        if (memory != nullptr) {
            recall(message.parts, vendor, *memory);
        }
    }
}

std::vector<std::string> leave_out_thoughts(chat::Conversation& conversation) {
    std::vector<std::string> calls;
    for (auto& message : conversation.messages) {
        std::erase_if(message.parts, [](const chat::Part& part) {
            return std::holds_alternative<chat::Reasoning>(part.what);
        });
        for (auto& part : message.parts) {
            if (auto* call = std::get_if<chat::ToolCall>(&part.what)) {
                call->signature.clear();
                calls.push_back(call->id);
            }
        }
    }
    return calls;
}

bool refuses_thoughts(const Problem& problem) {
    if (problem.kind() != ProblemKind::upstream_rejected || problem.upstream_status() != 400) {
        return false;
    }
    constexpr std::array words{"signature", "redacted_thinking", "encrypted_content", "encrypted content",
                               "of type 'reasoning'"};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return problem.message().find(word) != std::string::npos;
    });
}

void ThoughtKeeper::see(std::span<const chat::Event> events) {
    if (memory_ == nullptr) {
        return;
    }
    for (const auto& event : events) {
        if (event.choice == 0) {
            see(event);
        }
    }
}

chat::Reasoning& ThoughtKeeper::open_block() {
    if (!block_open_) {
        blocks_.emplace_back();
        block_open_ = true;
    }
    return blocks_.back();
}

void ThoughtKeeper::see(const chat::Event& event) {
    switch (event.kind) {
        case chat::EventKind::reasoning:
            open_block().text += event.text;
            break;
        case chat::EventKind::signature:
            open_block().signature = event.text;
            block_open_ = false;
            break;
        case chat::EventKind::redacted:
            blocks_.emplace_back().redacted = event.text;
            block_open_ = false;
            break;
        case chat::EventKind::tool_start: {
            KeptThoughts thoughts;
            thoughts.signature = event.signature;
            std::erase_if(blocks_, [](const chat::Reasoning& block) {
                return block.signature.empty() && block.redacted.empty();
            });
            thoughts.blocks = std::move(blocks_);
            blocks_.clear();
            block_open_ = false;
            if (!thoughts.signature.empty() || !thoughts.blocks.empty()) {
                calls_.emplace_back(event.id, std::move(thoughts));
            }
            break;
        }
        default:
            break;
    }
}

void ThoughtKeeper::keep() {
    for (const auto& id : doubted_) {
        if (memory_ != nullptr) {
            memory_->forget(id);
        }
    }
    doubted_.clear();
    for (auto& [id, thoughts] : calls_) {
        memory_->keep(id, std::move(thoughts));
    }
    calls_.clear();
}

}  // namespace gatehouse::dialect
