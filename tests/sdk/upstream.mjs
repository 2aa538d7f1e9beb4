// A scripted OpenAI-compatible provider: what it answers depends on the model it is asked for, and it remembers what it
// was asked and which callers left early.

import { once } from 'node:events';
import { createServer } from 'node:http';

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
export const embedding = [0.25, -0.5, 0.125, 1];
export const speech = Buffer.from([0x49, 0x44, 0x33, 0, 255, 254, 1, 2, 3]);

const chunk = (model, choices, more = {}) =>
  ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1700000000, model, choices, ...more });
const delta = (model, content, finish = null) =>
  chunk(model, [{ index: 0, delta: content, finish_reason: finish, logprobs: null }]);

function completion(model, message, finish = 'stop') {
  return {
    id: 'chatcmpl-1', object: 'chat.completion', created: 1700000000, model,
    choices: [{ index: 0, message: { role: 'assistant', refusal: null, ...message }, logprobs: null, finish_reason: finish }],
    usage,
  };
}

const toolCall = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } };

const errors = {
  'up-400': [400, { message: 'Bad thing.', type: 'invalid_request_error', param: 'temperature', code: 'unsupported_value' }],
  'up-401': [401, { message: 'Incorrect API key provided: sk-upstream-canary.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' }],
  'up-404': [404, { message: 'No such model.', type: 'invalid_request_error', param: null, code: 'model_not_found' }],
  'up-413': [413, { message: 'Too big.', type: 'invalid_request_error', param: null, code: null }],
  'up-429': [429, { message: 'Slow down.', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' }],
  'up-quota': [429, { message: 'You exceeded your current quota.', type: 'insufficient_quota', param: null, code: 'insufficient_quota' }],
  'up-500': [500, { message: 'Oops.', type: 'server_error', param: null, code: null }],
  'up-503': [503, { message: 'Overloaded.', type: 'server_error', param: null, code: null }],
};

export class Upstream {
  constructor() {
    this.requests = [];  // {path, headers, body, raw, closed: Promise<time>}
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${this.server.address().port}/v1`;
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** The requests for `model` so far. */
  of(model) {
    return this.requests.filter((request) => request.model === model);
  }

  async #answer(request, response) {
    const parts = [];
    const record = { path: request.url, method: request.method, headers: request.headers };
    record.left = new Promise((resolve) => {
      response.once('close', () => { if (!response.writableFinished) resolve(performance.now()); });
    });
    try {
      for await (const part of request) {
        parts.push(part);
      }
    } catch {
      return;  // the caller left while sending
    }
    record.raw = Buffer.concat(parts);
    const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
    record.body = isJson ? JSON.parse(record.raw) : null;
    record.model = record.body?.model ?? /name="model"\r\n\r\n([^\r]*)/.exec(record.raw.toString('latin1'))?.[1];
    this.requests.push(record);

    const error = errors[record.model];
    if (error) {
      return this.#json(response, error[0], { error: error[1] });
    }
    switch (request.url) {
      case '/v1/chat/completions':
        return record.body.stream ? this.#chatStream(record, response) : this.#chat(record, response);
      case '/v1/embeddings':
        return this.#embeddings(record, response);
      case '/v1/responses':
        return this.#responses(record, response);
      case '/v1/moderations':
        return this.#json(response, 200, {
          id: 'modr-1', model: record.model,
          results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.01 } }],
        });
      case '/v1/images/generations':
        return this.#json(response, 200, { created: 1700000000, data: [{ b64_json: 'aW1hZ2U=' }] });
      case '/v1/audio/transcriptions':
        return this.#json(response, 200, { text: `heard ${record.raw.length > 0 ? 'you' : 'nothing'}` });
      case '/v1/audio/speech':
        response.writeHead(200, { 'content-type': 'audio/mpeg' });
        return response.end(speech);
      default:
        return this.#json(response, 404, { error: { message: 'No such path.', type: 'invalid_request_error', param: null, code: null } });
    }
  }

  #json(response, status, body) {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_upstream' });
    response.end(JSON.stringify(body));
  }

  #chat(record, response) {
    switch (record.model) {
      case 'silent':
        return;  // never a word: for timeouts and for callers that leave
      case 'up-tools':
        return this.#json(response, 200, completion(record.model, { content: null, tool_calls: [toolCall] }, 'tool_calls'));
      default:
        return this.#json(response, 200, completion(record.model, { content: 'Hello there.' }));
    }
  }

  #chatStream(record, response) {
    const { model } = record;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (data) => response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    send(delta(model, { role: 'assistant', content: model === 'up-tools' ? null : '' }));
    if (model === 'silent') {
      return;
    }
    if (model === 'up-tools') {
      const call = (fields) => delta(model, { tool_calls: [{ index: 0, ...fields }] });
      send(call({ id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }));
      for (const piece of ['{"ci', 'ty":"R', 'ome"}']) {
        send(call({ function: { arguments: piece } }));
      }
      send(delta(model, {}, 'tool_calls'));
    } else {
      for (const word of ['Hello', ' there', '.']) {
        send(delta(model, { content: word }));
      }
      if (model === 'endless') {
        return;  // more would come, but does not
      }
      if (model === 'torn') {
        return setTimeout(() => response.destroy(), 20);
      }
      if (model === 'mid-error') {
        send({ error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } });
        return response.end();
      }
      send(delta(model, {}, 'stop'));
    }
    if (record.body.stream_options?.include_usage) {
      send(chunk(model, [], { usage }));
    }
    send('[DONE]');
    response.end();
  }

  #embeddings(record, response) {
    const inputs = Array.isArray(record.body.input) ? record.body.input : [record.body.input];
    const coded = Buffer.from(Float32Array.from(embedding).buffer).toString('base64');
    this.#json(response, 200, {
      object: 'list', model: record.model,
      data: inputs.map((_, index) => ({
        object: 'embedding', index, embedding: record.body.encoding_format === 'base64' ? coded : embedding,
      })),
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  }

  #responses(record, response) {
    const item = (status, content) => ({ id: 'msg_1', type: 'message', status, role: 'assistant', content });
    const part = (text) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
    const whole = (status, output, use = null) => ({
      id: 'resp_1', object: 'response', created_at: 1700000000, status, model: record.model, output, error: null,
      incomplete_details: null, instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1,
      tool_choice: 'auto', tools: [], top_p: 1, usage: use,
    });
    const use = { input_tokens: 5, input_tokens_details: { cached_tokens: 0 }, output_tokens: 2,
                  output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 7 };
    const finished = whole('completed', [item('completed', [part('Hello you')])], use);
    if (!record.body.stream) {
      return this.#json(response, 200, finished);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    let number = 0;
    const send = (type, fields) =>
      response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...fields })}\n\n`);
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    send('response.created', { response: whole('in_progress', []) });
    send('response.in_progress', { response: whole('in_progress', []) });
    send('response.output_item.added', { output_index: 0, item: item('in_progress', []) });
    send('response.content_part.added', { ...at, part: part('') });
    for (const piece of ['Hello', ' you']) {
      send('response.output_text.delta', { ...at, delta: piece, logprobs: [] });
    }
    send('response.output_text.done', { ...at, text: 'Hello you', logprobs: [] });
    send('response.content_part.done', { ...at, part: part('Hello you') });
    send('response.output_item.done', { output_index: 0, item: item('completed', [part('Hello you')]) });
    send('response.completed', { response: finished });
    response.end();
  }
}
