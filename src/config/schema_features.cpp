// Routes, and the parts of the file that this build checks without acting on them: resilience, cache and the
// features on top.
#include "schema.hpp"

namespace gatehouse::config {
namespace {

constexpr std::int64_t ten_years = 3650LL * 86'400'000;

}  // namespace

Field routes_schema() {
    Shape conditions = object(
        {key("model", one_or_list(text()), "", "The names this rule serves. Without one it can never match."),
         key("has", one_or_list(choice({"image", "audio", "file", "tools", "schema"})), "",
             "What the request holds; all of them."),
         key("prompt_tokens", comparison(), "", "Estimated tokens of the prompt."),
         key("max_tokens", comparison(), "", "The output that the request asks for."),
         key("tags", table(text()), "", "All of these tags."),
         key("key", one_or_list(text()), "", "One of these key or team names."),
         key("class", one_or_list(choice({"simple", "general", "complex", "code", "math", "creative"})), "",
             "One of these classes of prompt."),
         key("header", table(text()), "", "All of these request headers."),
         key("language", one_or_list(text()), "",
             "One of these languages (`de`, `en`), as detected in what the user said last."),
         key("time", week_time(), "", "Days, hours, time zone; hours may run over midnight."),
         key("budget_used", comparison(), "", "The caller's spent share of its budget.")});
    Shape rule = object({needed("name", text(), "Unique; shown in `x-gatehouse-route`."),
                         needed("when", std::move(conditions), "All of these must hold."),
                         needed("use", text(), "A name under `models`.")});
    return key("routes", list(std::move(rule), most_rules), "",
               "Rules that choose a model; the first match wins.");
}

std::vector<Field> upstream_schemas() {
    return {
        key("retry",
            object({key("attempts", count(1, 100), "4", "Upstream calls of one request, all together."),
                    key("deadline", duration(1), "2m", "No new attempt starts after it."),
                    key("budget", percent(), "20%", "Retries per first call of the target, last 10 s."),
                    key("backoff",
                        object({key("base", duration(1), "250ms", "First wait."),
                                key("cap", duration(1), "10s", "Longest wait.")}),
                        "", "Between attempts on the same target.")}),
            "", "Further attempts."),
        key("circuit_breaker",
            object({key("failure_rate", percent(), "60%", "Opens at this share of failures."),
                    key("min_calls", count(1, million), "20", "Of at least so many calls."),
                    key("failures", count(1, million), "5", "Or after so many in a row."),
                    key("window", duration(1), "30s", "What counts as recent."),
                    key("open_for", duration(1), "15s", "Then one call tries again."),
                    key("all_open", choice({"try", "fail"}), "try", "When every target is open.")}),
            "", "Targets that fail are left alone for a while."),
        key("hedge",
            object({key("after",
                        with_word(with_word(with_word(with_word(duration(1), "p50"), "p90"), "p95"), "p99"),
                        "p95", "A second call when the first is slower than this."),
                    key("max_share", percent(), "5%", "Of all calls.")}),
            "", "A second call for slow requests. Absent: off.")};
}

namespace {

/// What a model's entry says in place of the global settings, and what there is of the whole cache only.
std::vector<Field> cache_fields(std::vector<Field> more_exact, std::vector<Field> more_semantic) {
    std::vector<Field> exact = {
        key("enabled", boolean(), "true", "Answer identical requests from the cache."),
        key("ttl", duration(0), "10m", "How long an answer is kept.")};
    exact.insert(exact.end(), more_exact.begin(), more_exact.end());
    std::vector<Field> semantic = {
        key("mode", choice({"off", "signature", "semantic"}), "off", "How alike requests are found."),
        key("ttl", duration(0), "1h", "How long an answer is kept."),
        key("embedder", text(), "local", "A name under `embedders`."),
        key("threshold", decimal(0, 1), "0.85", "Least similarity."),
        key("adaptive",
            object({key("max_error", percent(), "1%", "Wrong answers that are put up with."),
                    key("confidence", percent(), "95%", "How sure one must be of that."),
                    key("check_share", percent(), "2%", "Of the hits that a fresh answer checks.")}),
            "",
            "Give answers by meaning only where fresh ones have shown that they are right; takes hundreds of "
            "them. Absent: the guard is enough.")};
    semantic.insert(semantic.end(), more_semantic.begin(), more_semantic.end());
    return {
        key("coalesce", boolean(), "true", "Identical requests in flight share one upstream call."),
        key("max_temperature", decimal(0, 2), "0",
            "Above it nothing is coalesced or cached. A request that names none counts as 1, or as 0 where "
            "the model takes none."),
        key("scope", choice({"key", "team", "organisation", "gateway"}), "key", "Who shares answers."),
        key("store_fallbacks", boolean(), "false", "Keep answers of a fallback model."),
        key("exact", object(std::move(exact)), "", "Identical requests."),
        key("semantic", object(std::move(semantic)), "", "Requests that mean the same.")};
}

}  // namespace

Field model_cache_schema() {
    return key("cache", object(cache_fields({}, {})), "", "Overrides the global settings for this model.");
}

std::vector<Field> feature_schemas() {
    Shape embedder = object(
        {needed("kind", choice({"local", "provider"}), "In process, or a provider's model."),
         key("path", text(), "", "local: the model's file. Absent: the usual places (docs/embedder.md)."),
         key("provider", text(), "", "provider: a name under `providers`."),
         key("model", text(), "", "provider: its model."),
         key("dimensions", count(1, 65'536), "",
             "provider: numbers of a vector; what is longer is cut. Needed there.")});
    return {
        key("cache",
            object(cache_fields(
                {key("max_size", size(0, 1024 * gibibyte), "256MiB", "Memory of all answers together."),
                 key("persist", boolean(), "false", "Keep answers over a restart, in `data_dir`.")},
                {key("max_entries", count(0, 100 * million), "100k", "Answers found by their meaning.")})),
            "", "Answers kept and shared."),
        key("embedders", table(std::move(embedder)), "",
            "What turns text into vectors, by name. `local` is always there."),
        later("rag",
              object({key("embedder", text(), "local", "A name under `embedders`."),
                      key("chunk",
                          object({key("tokens", count(1, million), "400", "Length of a passage."),
                                  key("overlap", count(0, million), "50", "Shared with the next one.")}),
                          "", "How documents are cut."),
                      key("top_k", count(1, 1000), "10", "Passages given to the model.")}),
              "", "Answers from your documents."),
        later("jobs",
              object({key("workers", count(1, 10'000), "16", "Jobs at one time."),
                      key("max_attempts", count(1, 1000), "8", "Then a job has failed."),
                      key("result_ttl", duration(1), "30d", "How long a result is kept."),
                      key("webhook_secret", secret(), "", "Signs the bodies sent to webhooks.")}),
              "", "Requests answered later."),
        later("guardrails", list(text()), "[]", "Request and response hooks, by name."),
        key("ledger",
            object({key("enabled", boolean(), "true", "Changes at a restart only."),
                    key("retention", duration(1, ten_years), "400d", "How long usage records are kept.")}),
            "", "A record of each request of a caller, in `data_dir`."),
        key("classifier",
            object(
                {key("table", text(), "", "Made by `gatehouse classifier train`. Absent: the built-in one."),
                 key("threshold", decimal(0, 1), "0.5", "A prompt has no class below this probability.")}),
            "", "Tells the class of a prompt, where routes ask for it."),
        key("prices", text(), "", "A price list that adds to the built-in one and overrides it."),
    };
}

}  // namespace gatehouse::config
