// The parts of the file that this build acts on: server, providers, models, callers, telemetry.
#include "schema.hpp"

namespace gatehouse::config {
namespace {

Field limits_schema() {
    return key(
        "limits",
        object({key("header", size(256, mebibyte), "16KiB", "Request line and header block."),
                key("body", size(1, 4 * gibibyte), "32MiB", "Request body, also when it came compressed."),
                key("json_depth", count(1, 1000), "64", "Nesting of a JSON body."),
                key("connections", count(1, million), "10000", "Client connections in all."),
                key("connections_per_address", count(1, million), "10000",
                    "Client connections from one address."),
                key("header_timeout", duration(1), "10s",
                    "From the first byte of a request to the end of its header."),
                key("body_timeout", duration(1), "60s", "For the whole request body."),
                key("idle_timeout", duration(1), "75s", "A kept-alive connection without a request."),
                key("write_timeout", duration(1), "60s", "A client that takes no bytes.")}),
        "", "What a client may ask of the HTTP server.");
}

Field simulate_schema() {
    return key("simulate",
               object({key("first_token", duration(0), "20ms", "Before the first token."),
                       key("per_token", duration(0), "10ms", "Between tokens of a stream.")}),
               "", "Pace of a `simulated` provider.");
}

Field target_list() {
    return key("targets",
               list(object(
                   {needed("provider", text(), "A name under `providers`."),
                    needed("model", text(), "The provider's name for it; a `*` is what the pattern matched."),
                    key("weight", count(0, million), "1",
                        "Share of the traffic under `weighted`, `least_busy`, `sticky`."),
                    key("price", with_word(token_prices(), "unknown"), "",
                        "USD per million tokens, in place of the price list's; `unknown`: it has none, "
                        "whatever the list says, and that is no cause for a warning."),
                    key("continues", boolean(), "",
                        "Goes on with a last message of the assistant as with an answer of its own, as "
                        "`on_midstream_failure: continue` needs. llama.cpp's server does; OpenAI's models do "
                        "not; vLLM and SGLang want `continue_final_message` for it, DeepSeek and Mistral "
                        "`prefix` in the message, which are not sent. Absent: Anthropic's models for which "
                        "the price list says `prefill`, and nobody else.")})),
               "", "Where requests go, in order. None: the name is served by `routes` only.");
}

}  // namespace

Field server_schema() {
    return key(
        "server",
        object(
            {key("listen", one_or_list(address()), "127.0.0.1:8080",
                 "Where clients connect; `[::]:8080` for all."),
             key("admin_listen", address(), "127.0.0.1:9464",
                 "Where /metrics and /admin are served; never on the client port."),
             key("admin_hosts", list(text()), "[]", "Host names allowed there besides IPs and localhost."),
             key("lanes", with_word(count(1, 256), "auto"), "auto", "I/O threads; `auto` is one per core."),
             key("tls",
                 object({needed("certificate", text(), "PEM file with the chain."),
                         needed("key", text(), "PEM file with the private key.")}),
                 "", "TLS on both listeners; read again on reload."),
             limits_schema(),
             key("cors",
                 object({key("origins", list(text()), "[]", "Origins a browser may call from; `*` is any.")}),
                 "", "Cross-origin requests; refused unless configured."),
             key("keepalive_comment", duration(1), "15s",
                 "A comment when a started stream is silent this long."),
             key("commit_after", duration(1), "30s",
                 "Without content for this long a stream's 200 head goes out."),
             key("drain", duration(0), "30s", "After SIGTERM running requests may finish for this long.")}),
        "", "The HTTP server.");
}

Field providers_schema() {
    Shape provider = object(
        {needed("kind", choice({"openai", "anthropic", "gemini", "simulated", "local"}),
                "The protocol it speaks. What clients of other vendors say is translated."),
         key("base_url", url(), "", "Default: the vendor's own, such as `https://api.openai.com/v1`."),
         key("api_keys", list(secret()), "[]",
             "Its credentials, a pool: the first that is not parked is used."),
         key("optional", boolean(), "false", "Left out, with a warning, while a secret it names is not set."),
         key("headers", table(header()), "", "Added to each request to it."),
         key("timeouts",
             object({key("connect", duration(1), "5s", "TCP and TLS handshake."),
                     key("first_byte", duration(1), "5m", "To the head of its response."),
                     key("first_token", duration(1), "5m", "To the first content of a stream."),
                     key("idle", duration(1), "60s", "Between bytes."),
                     key("total", duration(1), "10m", "One attempt.")}),
             "", "How long to wait for it."),
         key("limits",
             rate_limits({key("response", size(1, 16 * gibibyte), "128MiB", "Bytes of one response.")}), "",
             "What it may be asked for, and may answer."),
         key("stream_usage", boolean(), "true", "`false` for servers that refuse `stream_options`."),
         key("betas", list(text()), "[]",
             "Anthropic: values of a client's `anthropic-beta` that go on to it, with one `*` for any text. "
             "Others are left out and named in `x-gatehouse-dropped-params`."),
         key("ca_file", text(), "", "PEM file with trust anchors besides the system's."), simulate_schema()});
    provider.optional_entry = true;
    return key("providers", table(std::move(provider)), "", "Endpoints and their credentials, by name.");
}

Field models_schema() {
    const std::vector<std::string> strategies = {"ordered",    "weighted", "least_latency",
                                                 "least_busy", "cheapest", "sticky"};
    Shape model = object(
        {key("strategy", choice(strategies), "ordered", "In which order the targets are wanted."),
         target_list(), key("fallbacks", list(text()), "[]", "Other models, tried after the targets."),
         key("context_length_fallbacks", list(text()), "[]", "Other models, when the request is too long."),
         key("content_policy_fallbacks", list(text()), "[]",
             "Other models, when the provider's policy refuses."),
         key("max_output_tokens", count(1, 100 * million), "",
             "For callers with a budget who name no number of tokens: set aside, and said to the provider. "
             "Absent: what the model can do."),
         key("limits", rate_limits({}), "", "What all callers together may ask of it."),
         key("timeouts",
             object({key("first_byte", duration(1), "", "Instead of the provider's."),
                     key("first_token", duration(1), "", "Instead of the provider's."),
                     key("idle", duration(1), "", "Instead of the provider's."),
                     key("total", duration(1), "", "Instead of the provider's.")}),
             "", "Timeouts that differ for this model."),
         key("slow_stream",
             object(
                 {needed("tokens_per_second", count(1, 10000),
                         "Below it the stream is given up, while another target is left. A token is "
                         "counted as four bytes of text."),
                  key("within", duration(1, 60'000), "3s",
                      "From the first content on; what comes in this time is held back until the stream is "
                      "known to be quick enough.")}),
             "", "Streams that begin too slowly are replaced before anything was sent. Absent: off."),
         key("on_midstream_failure", choice({"error", "continue"}), "error",
             "When a stream breaks after some of it was sent: the client is told so, or another target that "
             "takes begun answers goes on with a plain text."),
         model_cache_schema()});
    return key(
        "models", table(std::move(model)), "",
        "What clients may name. One `*` in a name stands for any text; an exact name beats a pattern.");
}

std::vector<Field> caller_schemas() {
    Shape caller = object(
        {needed("name", text(), "Shown in logs and metrics; unique."),
         key("value", secret(), "", "The key itself. Either this or `hash`."),
         key("hash", digest(), "", "Its SHA-256, as `gatehouse key new` prints it."),
         key("models", list(text()), "", "Names and patterns it may use; absent: all; empty: none."),
         key("requests_per_minute", count(0, 1000 * million), "", "`0` blocks; absent: no limit."),
         key("tokens_per_minute", count(0, million * million), "", "`0` blocks; absent: no limit."),
         key("concurrency", count(0, million), "", "Requests at one time; `0` blocks; absent: no limit."),
         key("budget", budget(), "", "What it may spend."), key("team", text(), "", "Its team."),
         key("expires", timestamp(), "", "From then on it is unknown."),
         key("debug", boolean(), "false", "May ask for `x-gatehouse-debug`."),
         key("tags", table(text()), "", "Attribution; they win over tags of a request."),
         key("admin", boolean(), "false", "May use /admin.")});
    Shape organisation =
        object({needed("name", text(), "Unique."), key("limits", rate_limits({}), "", "In all."),
                key("budget", budget(), "", "In all.")});
    Shape team = object({needed("name", text(), "Unique."),
                         key("organisation", text(), "", "A name under `organisations`."),
                         key("limits", rate_limits({}), "", "Of all its keys together."),
                         key("budget", budget(), "", "Of all its keys together.")});
    return {
        key("keys", list(std::move(caller)), "", "Callers."),
        key("organisations", list(std::move(organisation)), "", "Groups of teams."),
        key("teams", list(std::move(team)), "", "Groups of keys."),
        key("auth",
            object({key(
                "required", boolean(), "true",
                "`false` only while every listener is loopback: a missing or unknown key is then the caller "
                "`anonymous`.")}),
            "", "Must callers have a key?"),
        key("limits", rate_limits({}), "", "The whole gateway; a bucket holds one minute's worth.")};
}

Field telemetry_schema() {
    return key(
        "telemetry",
        object(
            {key("log",
                 object({key("level", choice({"debug", "info", "warning", "error"}), "info",
                             "From this level up."),
                         key("format", choice({"json", "text"}), "json", "One JSON object a line, or text."),
                         key("bodies", choice({"off", "errors", "all"}, {"errors", "all"}), "off",
                             "Whether requests and answers are logged.")}),
                 "", "The log, on standard output."),
             key("metrics",
                 object({key("enabled", boolean(), "true", "Serve /metrics on the admin listener.")}), "",
                 "Prometheus metrics."),
             later("otlp", object({needed("endpoint", url(), "Of an OTLP/HTTP collector.")}), "",
                   "Trace export.")}),
        "", "What the gateway tells about itself.");
}

Shape rate_limits(std::vector<Field> more) {
    std::vector<Field> fields = {
        key("requests_per_minute", count(0, 1000 * million), "", "`0` blocks; absent: no limit."),
        key("tokens_per_minute", count(0, million * million), "", "`0` blocks; absent: no limit."),
        key("concurrency", count(0, million), "", "Requests at one time; `0` blocks; absent: no limit.")};
    for (Field& field : more) {
        fields.push_back(std::move(field));
    }
    return object(std::move(fields));
}

Shape budget() {
    return object(
        {needed("usd", money(), "US dollars."),
         key("period", choice({"day", "week", "month", "total"}), "month", "In UTC; weeks begin on Monday."),
         key("warn_at", percent(), "", "Past this share answers carry a warning."),
         key("unknown_price", choice({"refuse", "allow"}), "refuse", "Requests whose price is not known.")});
}

}  // namespace gatehouse::config
