#include "edits.hpp"
#include "gemini_parts.hpp"
#include "gemini_relay.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Delta;
using chat::DeltaKind;

// Gemini gives 8 candidates at most.
constexpr std::int64_t most_candidates = 128;

/// Passes a stream on (wire-formats 6.4). There is no end marker: usage and signatures may come behind a
/// finish reason, and only the close of the connection tells that all was said.
class RelayStream final : public StreamDecoder {
public:
    explicit RelayStream(const RelayOptions& options)
        : json_array_(options.json_array),
          renamed_(options.rename.empty() ? std::string() : wire::json_string(options.rename)) {}

    Result<Delta> feed(const wire::SseEvent& event) override;
    Result<Delta> close() override;
    void next_run() noexcept override { texts_.clear(); }
    bool complete() const noexcept override { return complete_; }
    const chat::Usage& usage() const noexcept override { return usage_; }
    std::string_view finish_reason() const noexcept override { return finish_reason_; }
    std::string_view model() const noexcept override { return model_; }
    std::uint64_t said() const noexcept override { return said_; }

private:
    struct Candidate {
        bool seen{false};
        bool finished{false};
    };

    Status note(const RelayedChunk& chunk);
    Candidate& candidate(std::size_t index);
    std::string_view shown(const wire::SseEvent& event, std::string_view data, wire::ByteRange model);

    bool json_array_;
    std::string renamed_;  // the JSON string to show as `modelVersion`; empty: the provider's own
    std::vector<Candidate> candidates_;
    bool answered_{false};   // something that is no thought was said
    bool begun_{false};      // an element of the array was written
    bool open_line_{false};  // the last event ended with the CR of a CRLF: its LF was in no event
    bool complete_{false};
    GeminiUsage counts_;
    chat::Usage usage_;
    std::string model_;
    std::uint64_t said_{0};
    std::string finish_reason_;  // of the first candidate
    EditedEvents texts_;
};

DeltaKind kind_of(const RelayedChunk& chunk) {
    const auto content = [](const RelayedCandidate& each) { return each.content; };
    const auto finished = [](const RelayedCandidate& each) { return !each.finish_reason.empty(); };
    if (std::any_of(chunk.candidates.begin(), chunk.candidates.end(), content)) {
        return DeltaKind::content;
    }
    if (!chunk.block_reason.empty() ||
        std::any_of(chunk.candidates.begin(), chunk.candidates.end(), finished)) {
        return DeltaKind::finish;
    }
    return chunk.usage && chunk.candidates.empty() ? DeltaKind::usage : DeltaKind::opening;
}

Result<Delta> RelayStream::feed(const wire::SseEvent& event) {
    if (complete_) {
        return Delta{DeltaKind::end, {}};
    }
    const std::string_view data = without_padding(event.data);
    if (data == "[DONE]") {  // some compatible servers end like this
        return Delta{DeltaKind::opening, {}};
    }
    if (event.name == "error" || is_gemini_error_array(data)) {
        return problem_of_event(data);
    }
    RelayedChunk chunk;
    if (!scan_gemini_chunk(data, counts_, chunk)) {
        return no_answer("a stream event that is no JSON object");
    }
    if (chunk.error) {
        return problem_of_event(data);
    }
    usage_ = counts_.usage();
    said_ += chunk.said;
    if (model_.empty() && chunk.model.size() >= 2) {
        model_ = wire::unescape_json(data.substr(chunk.model.begin + 1, chunk.model.size() - 2));
    }
    if (auto status = note(chunk); !status) {
        return std::move(status).problem();
    }
    return Delta{kind_of(chunk), shown(event, data, chunk.model)};
}

Status RelayStream::note(const RelayedChunk& chunk) {
    for (const auto& said : chunk.candidates) {
        if (said.index < 0 || said.index >= most_candidates) {
            return no_answer("a candidate with an impossible index");
        }
        auto& of = candidate(static_cast<std::size_t>(said.index));
        of.seen = true;
        of.finished = of.finished || !said.finish_reason.empty();
        answered_ = answered_ || said.answer;
        if (said.index == 0 && !said.finish_reason.empty()) {
            finish_reason_ = said.finish_reason;
        }
    }
    if (!chunk.block_reason.empty()) {
        candidate(0) = {true, true};
        finish_reason_ = chunk.block_reason;
    }
    return done();
}

RelayStream::Candidate& RelayStream::candidate(std::size_t index) {
    if (index >= candidates_.size()) {
        candidates_.resize(index + 1);
    }
    return candidates_[index];
}

std::string_view RelayStream::shown(const wire::SseEvent& event, std::string_view data,
                                    wire::ByteRange model) {
    Edits edits;
    if (!renamed_.empty() && model.size() != 0 && data.substr(model.begin, model.size()) != renamed_) {
        edits.replace(model, renamed_);
    }
    if (json_array_) {
        return texts_.add_element(std::exchange(begun_, true) ? ",\r\n" : "[", data, edits);
    }
    open_line_ = event.raw.ends_with("\r\n\r");
    return edits.empty() ? event.raw : texts_.add(event, data, edits);
}

/// A turn of thoughts alone sometimes ends without any reason: then the answer is empty.
Result<Delta> RelayStream::close() {
    if (complete_) {
        return Delta{DeltaKind::end, {}};
    }
    const bool reasons_may_lack = !answered_ && counts_.thoughts_only();
    const auto ended = [&](const Candidate& each) { return !each.seen || each.finished || reasons_may_lack; };
    complete_ = !candidates_.empty() && std::all_of(candidates_.begin(), candidates_.end(), ended);
    if (!complete_) {
        return Delta{DeltaKind::opening, {}};
    }
    return Delta{DeltaKind::end, json_array_ ? "]" : open_line_ ? "\n" : ""};
}

}  // namespace

std::unique_ptr<StreamDecoder> gemini_relay_stream(const RelayOptions& options) {
    return std::make_unique<RelayStream>(options);
}

}  // namespace gatehouse::dialect
