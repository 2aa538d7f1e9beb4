// Writes down a reply while it passes, and says when it is complete: before the client has the last of it.
// Room: pipeline, private.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/pipeline/recording_room.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::pipeline {

/// Who wants a reply when it is complete.
class ReplyKeeper {
public:
    virtual ~ReplyKeeper() = default;
    /// All that went out, once.
    virtual void complete(std::string bytes) = 0;
};

class RecordingSink : public chat::ReplySink {
public:
    /// All outlive it. `most`: bytes; a longer reply is not written down, nor is one that `room` has no place
    /// for.
    RecordingSink(chat::ReplySink& inner, ReplyKeeper& keeper, std::size_t most, RecordingRoom& room)
        : inner_(inner), keeper_(keeper), most_(most), room_(room) {}
    RecordingSink(const RecordingSink&) = delete;
    RecordingSink& operator=(const RecordingSink&) = delete;
    ~RecordingSink() override { stop(); }

    void head(chat::ReplyHead head) override {
        if (!head.content_type.empty()) {
            stop();  // of another media type: nobody asks for such a reply again
        }
        inner_.head(std::move(head));
    }
    // Not a coroutine: a chunk costs no frame more.
    Task<Status> push(std::span<const chat::Delta> run) override {
        if (recording_) {
            record(run);
        }
        return inner_.push(run);
    }
    Task<Status> finish() override { return inner_.finish(); }
    Task<Status> fail(const Problem& problem) override { return inner_.fail(problem); }
    bool content_sent() const noexcept override { return inner_.content_sent(); }

    /// The reply went well: streams of Google's have no last event, they are complete when they are over.
    void ended() noexcept;

private:
    void record(std::span<const chat::Delta> run) noexcept;
    /// False: the reply is too long, or there is no room.
    bool add(std::string_view bytes);
    void complete();
    /// Nothing more is written down, and what was is forgotten.
    void stop() noexcept;

    chat::ReplySink& inner_;
    ReplyKeeper& keeper_;
    std::size_t most_;
    RecordingRoom& room_;
    bool recording_{true};
    std::string bytes_;
    std::size_t taken_{0};  // of the room
};

}  // namespace gatehouse::pipeline
