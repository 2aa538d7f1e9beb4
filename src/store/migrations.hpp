// What the database looks like, step by step.
//
// Room: store, private.
#pragma once

#include <array>

namespace gatehouse::store {

/// Each brings the database from the version of its place to the next. Never changed once released.
inline constexpr std::array migrations{
    "CREATE TABLE conversation("
    "  caller TEXT NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL,"
    "  kept_at INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE UNIQUE INDEX conversation_key ON conversation(caller, kind, id);"
    "CREATE INDEX conversation_age ON conversation(kept_at, bytes);"
    "CREATE INDEX conversation_caller_age ON conversation(caller, kept_at, bytes);",

    // A request repeats the names of thousands before it, so they stand once in `dimension` and `tag_set`.
    // The sums of a day are kept beside the rows, in the same transaction: a year is answered from them.
    // Money in sums is whole dollars and the millionths of millionths above them: days of many large amounts
    // are more than 64 bits of the latter.
    "CREATE TABLE dimension(id INTEGER PRIMARY KEY, key TEXT NOT NULL, team TEXT NOT NULL,"
    "  organisation TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL,"
    "  upstream_model TEXT NOT NULL, route TEXT NOT NULL);"
    "CREATE UNIQUE INDEX dimension_names ON"
    "  dimension(key, team, organisation, endpoint, model, provider, upstream_model, route);"
    "CREATE TABLE tag_set(id INTEGER PRIMARY KEY, tags TEXT NOT NULL UNIQUE);"
    "CREATE TABLE request(id INTEGER PRIMARY KEY, request_id TEXT NOT NULL,"
    "  finished_ms INTEGER NOT NULL, duration_us INTEGER NOT NULL, first_content_us INTEGER,"
    "  dimension INTEGER NOT NULL, tag_set INTEGER, asked_model TEXT NOT NULL,"
    "  stream INTEGER NOT NULL, attempts INTEGER NOT NULL, usage TEXT NOT NULL,"
    "  input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL,"
    "  cache_write_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL,"
    "  input_image_tokens INTEGER NOT NULL, input_audio_tokens INTEGER NOT NULL,"
    "  input_video_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,"
    "  reasoning_tokens INTEGER NOT NULL, output_audio_tokens INTEGER NOT NULL,"
    "  output_image_tokens INTEGER NOT NULL, cost_pico INTEGER, saved_pico INTEGER NOT NULL, cache TEXT,"
    "  outcome TEXT NOT NULL, status INTEGER NOT NULL, problem TEXT);"
    "CREATE TABLE attempt(request INTEGER NOT NULL, place INTEGER NOT NULL, provider TEXT NOT NULL,"
    "  upstream_model TEXT NOT NULL, reason TEXT NOT NULL, status INTEGER NOT NULL, problem TEXT,"
    "  took_ms INTEGER NOT NULL, cost_pico INTEGER, PRIMARY KEY(request, place)) WITHOUT ROWID;"
    "CREATE TABLE usage_day(day INTEGER NOT NULL, dimension INTEGER NOT NULL,"
    "  requests INTEGER NOT NULL, failed INTEGER NOT NULL, unpriced INTEGER NOT NULL,"
    "  estimated INTEGER NOT NULL, attempts INTEGER NOT NULL, input_tokens INTEGER NOT NULL,"
    "  cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,"
    "  cache_write_1h_tokens INTEGER NOT NULL, input_image_tokens INTEGER NOT NULL,"
    "  input_audio_tokens INTEGER NOT NULL, input_video_tokens INTEGER NOT NULL,"
    "  output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,"
    "  output_audio_tokens INTEGER NOT NULL, output_image_tokens INTEGER NOT NULL,"
    "  cost_usd INTEGER NOT NULL, cost_pico INTEGER NOT NULL, saved_usd INTEGER NOT NULL,"
    "  saved_pico INTEGER NOT NULL, PRIMARY KEY(day, dimension)) WITHOUT ROWID;"
    "CREATE TABLE usage_tag_day(day INTEGER NOT NULL, dimension INTEGER NOT NULL, tag_set INTEGER NOT NULL,"
    "  requests INTEGER NOT NULL, failed INTEGER NOT NULL, unpriced INTEGER NOT NULL,"
    "  estimated INTEGER NOT NULL, attempts INTEGER NOT NULL, input_tokens INTEGER NOT NULL,"
    "  cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,"
    "  cache_write_1h_tokens INTEGER NOT NULL, input_image_tokens INTEGER NOT NULL,"
    "  input_audio_tokens INTEGER NOT NULL, input_video_tokens INTEGER NOT NULL,"
    "  output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,"
    "  output_audio_tokens INTEGER NOT NULL, output_image_tokens INTEGER NOT NULL,"
    "  cost_usd INTEGER NOT NULL, cost_pico INTEGER NOT NULL, saved_usd INTEGER NOT NULL,"
    "  saved_pico INTEGER NOT NULL, PRIMARY KEY(day, dimension, tag_set)) WITHOUT ROWID;"
    // What was spent in days that are no longer kept: budgets without a period count it.
    "CREATE TABLE spent_before(key TEXT NOT NULL, team TEXT NOT NULL, organisation TEXT NOT NULL,"
    "  cost_usd INTEGER NOT NULL, cost_pico INTEGER NOT NULL,"
    "  PRIMARY KEY(key, team, organisation)) WITHOUT ROWID;"
    // For people with a SQLite shell.
    "CREATE VIEW ledger AS SELECT request.id, request_id,"
    "  strftime('%Y-%m-%dT%H:%M:%fZ', finished_ms / 1000.0, 'unixepoch') AS finished, duration_us,"
    "  first_content_us, key, team, organisation, tags, endpoint, asked_model, model, provider,"
    "  upstream_model, route, stream, attempts, usage, input_tokens, cached_input_tokens,"
    "  cache_write_tokens, cache_write_1h_tokens, input_image_tokens, input_audio_tokens,"
    "  input_video_tokens, output_tokens, reasoning_tokens, output_audio_tokens, output_image_tokens,"
    "  cost_pico / 1e12 AS cost_usd, cost_pico,"
    "  saved_pico, cache, outcome, status, problem"
    "  FROM request LEFT JOIN dimension ON dimension.id = dimension"
    "  LEFT JOIN tag_set ON tag_set.id = tag_set;",

    "CREATE TABLE caller_key(id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    "  hash BLOB NOT NULL UNIQUE, settings TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    "  updated_ms INTEGER NOT NULL, updated_by TEXT NOT NULL);"
    "CREATE TABLE audit(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, admin TEXT NOT NULL,"
    "  method TEXT NOT NULL, path TEXT NOT NULL, object TEXT NOT NULL, status INTEGER NOT NULL,"
    "  details TEXT NOT NULL);",

    // Whether a name still has a day, and what one caller's days are, is found without a look at all days.
    // Attempts whose request has gone would be taken for those of a later one that is given its number.
    "CREATE INDEX usage_day_dimension ON usage_day(dimension, day);"
    "CREATE INDEX usage_tag_day_tag_set ON usage_tag_day(tag_set);"
    "DELETE FROM attempt WHERE request NOT IN (SELECT id FROM request);",

    "ALTER TABLE usage_day ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE usage_tag_day ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;",
};

}  // namespace gatehouse::store
