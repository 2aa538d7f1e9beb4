#include "speech.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

Result<Speech> Speech::make(const chat::Request& request, const Target& target) {
    const Provider& provider = *target.provider;
    Speech speech(request, target);
    if (provider.vendor() == request.vendor) {
        const auto& words = dialect::openai();
        dialect::EncodeOptions encode;
        encode.model = target.model;
        encode.stream_usage = provider.options().stream_usage;
        speech.pieces_ = words.encode_request(request, encode);
        speech.path_ = words.path(request, target.model, speech.made_path_);
        return speech;
    }
    if (request.endpoint != chat::Endpoint::chat_completions) {
        return Problem(ProblemKind::unsupported_parameter,
                       fmt::format("The model `{}` is served by a provider that has no {}.", request.model,
                                   name_of(request.endpoint)))
            .with_param("model");
    }
    dialect::TranslateOptions options;
    options.model = target.model;
    options.facts = target.facts;
    options.strict = request.strict_params;
    const auto& configured = provider.options().headers;
    options.version_given = std::any_of(configured.begin(), configured.end(), [](const auto& header) {
        return equals_ignoring_case(header.first, "anthropic-version");
    });
    const auto to = provider.vendor() == chat::Vendor::anthropic ? chat::Endpoint::messages
                                                                 : chat::Endpoint::generate_content;
    auto translation = dialect::translate(request, to, options);
    if (!translation) {
        auto message = fmt::format("{} (provider `{}`)", translation.problem().message(), provider.name());
        return std::move(translation.problem()).with_message(std::move(message));
    }
    speech.translation_ = std::move(*translation);
    speech.pieces_.pieces.push_back(speech.translation_->body());
    speech.path_ = speech.translation_->path();
    speech.reply_id_ = make_id("");
    return speech;
}

std::string_view Speech::path() const noexcept {
    return made_path_.empty() ? path_ : std::string_view(made_path_);
}

std::string_view Speech::fields() const noexcept {
    return translation_ ? translation_->fields() : std::string_view(request_->vendor_fields);
}

std::span<const std::string> Speech::dropped() const noexcept {
    return translation_ ? std::span<const std::string>(translation_->dropped())
                        : std::span<const std::string>();
}

dialect::RelayOptions Speech::relay_options() const {
    dialect::RelayOptions options;
    options.show_usage = request_->wants_usage;
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
    return identity;
}

Result<dialect::WholeReply> Speech::decode_reply(std::string_view body, WallTime now,
                                                 std::string& edited) const {
    if (translation_) {
        return translation_->decode_reply(body, identity(now), edited);
    }
    return dialect::openai().decode_reply(request_->endpoint, body, relay_options(), edited);
}

std::unique_ptr<dialect::StreamDecoder> Speech::stream_decoder(WallTime now) const {
    return translation_ ? translation_->stream_decoder(identity(now))
                        : dialect::openai().stream_decoder(request_->endpoint, relay_options());
}

}  // namespace gatehouse::upstream
