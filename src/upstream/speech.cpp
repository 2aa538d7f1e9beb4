#include "speech.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/http1_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

/// What OpenAI's chat completions refuse, and responses take.
bool needs_responses(const chat::Request& request, const chat::ModelFacts& facts) noexcept {
    const bool reasons = !facts.efforts.empty() && !facts.sampling;
    if (facts.responses_only || !reasons) {
        return facts.responses_only;
    }
    if (request.effort == chat::Effort::max && facts.efforts.back() == chat::Effort::max) {
        return true;
    }
    return request.offers_tools && !facts.tools_with_reasoning && request.effort != chat::Effort::none;
}

/// The operator's word on the version of Anthropic's protocol counts more than the client's.
bool names_version(const ProviderOptions& options) {
    return std::any_of(options.headers.begin(), options.headers.end(), [](const auto& header) {
        return equals_ignoring_case(header.first, "anthropic-version");
    });
}

}  // namespace

chat::Endpoint conversation_at(chat::Vendor vendor, const chat::ModelFacts* facts,
                               const chat::Request& request) noexcept {
    switch (vendor) {
        case chat::Vendor::anthropic:
            return chat::Endpoint::messages;
        case chat::Vendor::gemini:
            return chat::Endpoint::generate_content;
        case chat::Vendor::openai:
            break;
    }
    const bool responses = request.endpoint == chat::Endpoint::responses ||
                           (facts != nullptr && needs_responses(request, *facts));
    return responses ? chat::Endpoint::responses : chat::Endpoint::chat_completions;
}

bool Speech::translates(const chat::Request& request, const Target& target) noexcept {
    return chat::is_conversation(request.endpoint) &&
           conversation_at(target.provider->vendor(), target.facts, request) != request.endpoint;
}

bool Speech::counts(const chat::Request& request) noexcept {
    return request.endpoint == chat::Endpoint::count_message_tokens ||
           request.endpoint == chat::Endpoint::count_content_tokens ||
           request.endpoint == chat::Endpoint::count_response_tokens;
}

bool Speech::knows_count(const chat::Request& request, const Target& target) noexcept {
    return target.provider->vendor() == request.vendor && !target.provider->in_process();
}

Result<Speech> Speech::make(const chat::Request& request, const Target& target,
                            const std::shared_ptr<dialect::ThoughtMemory>& memory,
                            const tokens::TokenCounter* counter, const std::optional<BrokenStream>& goes_on) {
    const Provider& provider = *target.provider;
    const auto to = chat::is_conversation(request.endpoint)
                        ? conversation_at(provider.vendor(), target.facts, request)
                        : request.endpoint;
    Speech speech(request, target);
    if (goes_on) {
        speech.goes_on_ = goes_on;
        speech.reply_id_ = make_id("");
    }
    if (to == request.endpoint && provider.vendor() == request.vendor) {
        auto relayed = speech.relay();
        if (!relayed) {
            return std::move(relayed.problem());
        }
        return speech;
    }
    if (EmbeddingSpeech::knows(request, provider)) {
        auto translated = speech.translate_embeddings(counter);
        if (!translated) {
            return std::move(translated.problem());
        }
        return speech;
    }
    if (!chat::is_conversation(to)) {
        return Problem(ProblemKind::unsupported_parameter,
                       fmt::format("The model `{}` is served by a provider that has no {}.", request.model,
                                   name_of(request.endpoint)))
            .with_param("model");
    }
    speech.to_ = to;
    speech.memory_ = memory;
    speech.reply_id_ = make_id("");
    auto translated = speech.translate(false);
    if (!translated) {
        return std::move(translated.problem());
    }
    return speech;
}

Status Speech::relay() {
    const auto& words = dialect::dialect_of(request_->vendor);
    const auto& provider = target_->provider->options();
    dialect::EncodeOptions encode;
    encode.model = target_->model;
    encode.stream_usage = provider.stream_usage;
    encode.takes_carriers = target_->facts == nullptr || !target_->facts->newer_fields;
    encode.signatures_required = target_->facts != nullptr && target_->facts->signatures_required;
    pieces_ = words.encode_request(*request_, encode);
    path_ = words.path(*request_, target_->model, made_path_);
    if (request_->vendor != chat::Vendor::anthropic || !names_version(provider)) {
        fields_ = request_->vendor_fields;
    }
    return pass_betas();
}

Status Speech::pass_betas() {
    const Provider& provider = *target_->provider;
    std::string passed;
    for (const auto& beta : request_->betas) {
        if (provider.passes_beta(beta)) {
            passed += passed.empty() ? "" : ",";
            passed += beta;
            continue;
        }
        if (request_->strict_params) {
            return Problem(ProblemKind::unsupported_parameter,
                           fmt::format("The beta `{}` is not passed on to provider `{}`: its `betas` do not "
                                       "name it.",
                                       beta, provider.name()))
                .with_param("anthropic-beta");
        }
        dropped_.push_back("anthropic-beta: " + beta);
    }
    if (!passed.empty()) {
        wire::append_field(fields_, "anthropic-beta", passed);
    }
    return done();
}

Status Speech::translate(bool without_thoughts) {
    const Provider& provider = *target_->provider;
    dialect::TranslateOptions options;
    options.model = target_->model;
    options.facts = target_->facts;
    options.strict = request_->strict_params;
    options.version_given = names_version(provider.options());
    options.memory = memory_;
    options.without_thoughts = without_thoughts;
    auto translation = dialect::translate(*request_, to_, options);
    if (!translation) {
        auto message = fmt::format("{} (provider `{}`)", translation.problem().message(), provider.name());
        return std::move(translation.problem()).with_message(std::move(message));
    }
    translation_ = std::move(*translation);
    pieces_.pieces.assign(1, translation_->body());
    path_ = translation_->path();
    fields_ = translation_->fields();
    return done();
}

Result<bool> Speech::leave_thoughts_out() {
    if (!translation_) {
        return false;
    }
    const auto before = std::move(translation_);
    auto again = translate(true);
    if (!again) {
        return std::move(again.problem());
    }
    return translation_->body() != before->body();
}

Status Speech::translate_embeddings(const tokens::TokenCounter* counter) {
    auto made = EmbeddingSpeech::make(*request_, *target_, counter);
    if (!made) {
        return std::move(made.problem());
    }
    embeddings_ = std::move(*made);
    path_ = embeddings_->path();
    pieces_.pieces.push_back(embeddings_->body());
    return done();
}

bool Speech::next_call() {
    if (!embeddings_ || !embeddings_->more()) {
        return false;
    }
    pieces_.pieces.front() = embeddings_->body();
    return true;
}

std::string_view Speech::path() const noexcept {
    return made_path_.empty() ? path_ : std::string_view(made_path_);
}

std::string_view Speech::fields() const noexcept {
    return fields_;
}

std::span<const std::string> Speech::dropped() const noexcept {
    if (translation_) {
        return translation_->dropped();
    }
    return embeddings_ ? std::span<const std::string>(embeddings_->dropped()) : dropped_;
}

dialect::RelayOptions Speech::relay_options() const {
    dialect::RelayOptions options;
    options.show_usage = request_->wants_usage;
    options.json_array = request_->json_array;
    options.previous_response = request_->previous_response;
    options.cost = cost_;
    if (target_->model != request_->model) {
        options.rename = request_->model;
    }
    return options;
}

dialect::ReplyIdentity Speech::identity(WallTime now) const {
    dialect::ReplyIdentity identity;
    identity.id = reply_id_;
    identity.created = now;
    identity.model = request_->model;
    identity.show_usage = request_->wants_usage;
    identity.origin = target_->provider->vendor();
    identity.json_array = request_->json_array;
    identity.request = request_->original.bytes;
    identity.previous_response = request_->previous_response;
    if (goes_on_) {
        identity.goes_on = goes_on_->so_far;
        identity.used = goes_on_->used;
    }
    identity.cost = cost_;
    return identity;
}

Result<dialect::WholeReply> Speech::decode_reply(std::string_view body, WallTime now,
                                                 std::string& edited) const {
    if (translation_) {
        return translation_->decode_reply(body, identity(now), edited);
    }
    if (embeddings_) {
        return embeddings_->decode_reply(body, edited);
    }
    return dialect::dialect_of(request_->vendor)
        .decode_reply(request_->endpoint, body, relay_options(), edited);
}

Result<dialect::StreamedReply> Speech::stream_whole(std::string_view body, WallTime now) const {
    if (translation_) {
        return translation_->stream_whole(body, identity(now));
    }
    const auto id = make_id("");
    auto told = identity(now);
    told.id = id;
    return dialect::stream_whole(request_->endpoint, body, told);
}

std::unique_ptr<dialect::StreamDecoder> Speech::stream_decoder(WallTime now) const {
    if (translation_) {
        return translation_->stream_decoder(identity(now));
    }
    if (goes_on_) {
        return dialect::joined_stream(request_->endpoint, identity(now));
    }
    return dialect::dialect_of(request_->vendor).stream_decoder(request_->endpoint, relay_options());
}

}  // namespace gatehouse::upstream
