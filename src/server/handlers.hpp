// The handlers: one per action of the path table. Each answers its request, refusals
// included; a Problem means that the answer could not be delivered.
// Room: server, private.
#pragma once

#include "incoming.hpp"

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

namespace gatehouse::server {

/// The inference endpoints: reads the body, walks the stages, answers whole or streamed.
Task<Status> infer(Incoming& in);

/// `GET /v1/responses/{id}` and `/input_items` below it; DELETE.
Task<Status> show_response(Incoming& in);
Task<Status> delete_response(Incoming& in);

/// `/admin/usage`, of everybody; `/v1/usage`, of the caller.
Task<Status> show_usage(Incoming& in);
Task<Status> show_own_usage(Incoming& in);

/// `/v1/cache/feedback`: was an answer right that the caller got from the cache?
Task<Status> take_feedback(Incoming& in);

Task<Status> list_models(Incoming& in);
Task<Status> show_model(Incoming& in);

Task<Status> health_live(Incoming& in);
Task<Status> health_ready(Incoming& in);
Task<Status> show_metrics(Incoming& in);
Task<Status> show_config(Incoming& in);
Task<Status> reload(Incoming& in);
Task<Status> show_targets(Incoming& in);
Task<Status> order_target(Incoming& in);
Task<Status> explain_request(Incoming& in);

/// Answers that are kept: what they did, and fewer of them.
Task<Status> show_cache(Incoming& in);
Task<Status> purge_cache(Incoming& in);

/// Keys that are made at run time.
Task<Status> create_key(Incoming& in);
Task<Status> list_keys(Incoming& in);
Task<Status> show_key(Incoming& in);
Task<Status> change_key(Incoming& in);
Task<Status> revoke_key(Incoming& in);
Task<Status> rotate_key(Incoming& in);
Task<Status> show_audit(Incoming& in);

/// OPTIONS: which methods a path takes; the preflight of CORS.
Task<Status> show_options(Incoming& in);

}  // namespace gatehouse::server
