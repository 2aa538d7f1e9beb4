// Embeddings asked of a provider of another vendor: one request of the client may be several calls, whose
// vectors become one answer.
//
// No I/O. Room: upstream, private.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/embeddings_translation.hpp"
#include "gatehouse/tokens/estimate.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class EmbeddingSpeech {
public:
    /// Can these two be translated at all?
    static bool knows(const chat::Request& request, const Provider& provider) noexcept;
    /// Problems: those of the readers in dialect/embeddings_translation.hpp, and unsupported_parameter for
    /// what a strict request would lose. REQUIRES: `knows`.
    /// `counter` estimates what a provider that reports no usage took; null: 0 is told.
    static Result<std::unique_ptr<EmbeddingSpeech>> make(const chat::Request& request, const Target& target,
                                                         const tokens::TokenCounter* counter);

    std::string_view path() const noexcept { return path_; }
    std::string_view body() const noexcept { return bodies_[next_]; }
    const std::vector<std::string>& dropped() const noexcept { return dropped_; }

    /// Takes the answer of the present call in. Empty bytes: there is another one to make.
    Result<dialect::WholeReply> decode_reply(std::string_view body, std::string& written);
    bool more() const noexcept { return next_ < bodies_.size(); }

private:
    EmbeddingSpeech(const chat::Request& request, dialect::EmbeddingsWish wish)
        : request_(request), wish_(std::move(wish)) {}
    void estimate_usage(const tokens::TokenCounter& counter, std::string_view model);

    const chat::Request& request_;
    dialect::EmbeddingsWish wish_;
    std::string path_;
    std::vector<std::string> bodies_;
    std::vector<std::string> dropped_;
    std::size_t next_{0};
    dialect::Embeddings found_;
    TokenCount estimated_;
};

}  // namespace gatehouse::upstream
