// A strict Messages API: both versions, threads, thinking with signatures, structured output, counting, models.

import { AnthropicRequests, countFields, fields, models, statuses } from './anthropic_requests.mjs';
import { Refusal, answering, cachedTokens, image, inputTokens, pieces, play, sceneOf } from './strict.mjs';

export const anthropicKey = 'sk-ant-strict-canary';
const threadsBeta = 'message-threads-2026-08-12';
const tail = (text) => `${text}  `;  // the API pads its data lines

export class AnthropicProvider extends AnthropicRequests {
  #threads = new Map();  // id of a reply → the request that led to it, its answer included
  #count = 0;

  get url() {
    return this.origin;
  }

  answer(record, response) {
    const { path, headers, body } = record;
    const key = headers['x-api-key'] ?? /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
    if (key !== anthropicKey) {
      this.refuse('invalid x-api-key', null, 401);
    }
    if (!['2023-06-01', '2026-10-21'].includes(headers['anthropic-version'])) {
      this.refuse(`anthropic-version: "${headers['anthropic-version']}" is not a valid version`);
    }
    if (path === '/v1/messages' && record.method === 'POST') {
      return this.#messages(record, response);
    }
    if (path === '/v1/messages/count_tokens' && record.method === 'POST') {
      this.check(body, headers, countFields);
      return this.json(response, { input_tokens: inputTokens });
    }
    const found = /^\/v1\/models(?:\/(.+))?$/.exec(path);
    if (found && record.method === 'GET') {
      const data = Object.keys(models).map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
      if (found[1]) {
        const one = data.find(({ id }) => id === found[1]) ?? this.refuse(`model: ${found[1]}`, null, 404);
        return this.json(response, one);
      }
      return this.json(response, { data, has_more: false, first_id: data[0].id, last_id: data.at(-1).id });
    }
    return this.refuse('Not Found', null, 404);
  }

  #messages(record, response) {
    const { headers } = record;
    const betas = (headers['anthropic-beta'] ?? '').split(',').map((name) => name.trim());
    let body = record.body;
    const thread = body?.thread;
    if (thread) {
      if (!betas.includes(threadsBeta)) {
        this.refuse('thread: Extra inputs are not permitted');
      }
      body = this.#unthread(body);
    }
    const model = this.check(body, headers, fields);
    if (!Number.isInteger(body.max_tokens)) {
      this.refuse('max_tokens: Field required');
    }
    if (body.max_tokens > model.most || body.max_tokens < 1) {
      this.refuse(`max_tokens: ${body.max_tokens} > ${model.most}, which is the maximum allowed number of output tokens for ${body.model}`);
    }
    const scene = this.#scene(body);
    record.scene = scene.name;
    if (scene.name === 'error') {
      const status = scene.number;
      throw new Refusal(status, { type: 'error', request_id: 'req_strict',
        error: { type: statuses[status], message: status === 404 ? `model: ${body.model}` : `scripted ${status}` } },
        { scripted: true, headers: { 'request-id': 'req_strict', ...(status === 429 && { 'retry-after': '20' }) } });
    }
    const turns = body.messages.slice(scene.at + 1).filter(({ role }) => role === 'assistant');
    const blocks = turns.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    const thinks = body.thinking ? !['disabled', 'between_tools'].includes(body.thinking.type) : Boolean(model.thinks);
    const answer = play({
      scene, vendor: 'anthropic', thinks, schema: this.#schemaOf(body),
      system: [body.system ?? []].flat().map((part) => part.text ?? part).join('\n'),
      results: this.#results(body.messages.slice(scene.at + 1)),
      rounds: turns.filter(({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'tool_use')).length,
      signature: blocks.some(({ type }) => type === 'thinking') ? 'ok' : 'missing',
      images: body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []))
        .flatMap((block) => (block.type === 'tool_result' && Array.isArray(block.content) ? block.content : block))
        .filter(({ type }) => type === 'image').map(({ source }) => image(source.data, source.media_type).text),
    });
    const message = this.#message(body, model, answer, scene);
    if (thread) {
      this.#threads.set(message.id, { ...body, messages: [...body.messages, { role: 'assistant', content: message.content }] });
    }
    if (body.stream) {
      return this.#stream(message, scene, response);
    }
    if (scene.name !== 'endless') {
      this.json(response, message, { 'request-id': 'req_strict' });
    }
  }

  /** The whole request that a threaded one stands for. */
  #unthread({ thread, ...body }) {
    this.only(thread, ['type', 'previous_message_id'], 'thread');
    if (thread.type === 'create') {
      return body;
    }
    const kept = this.#threads.get(thread.previous_message_id)
      ?? this.refuse('thread not found', null, 404, { error_code: 'thread_not_found' });
    for (const field of ['system', 'tools']) {
      if (field in body) {
        this.refuse(`${field}: not permitted when a thread is continued`);
      }
    }
    return { ...kept, ...body, messages: [...kept.messages, ...body.messages] };
  }

  #scene(body) {
    return sceneOf(body.messages.map(({ role, content }) => (role !== 'user' ? ''
      : typeof content === 'string' ? content : content.filter(({ type }) => type === 'text').map(({ text }) => text).join('\n'))));
  }

  #schemaOf(body) {
    return body.output_config?.format ? body.output_config.format.schema : this.#forced(body)?.input_schema;
  }

  /** The tool that has to be called, if one has. */
  #forced({ tool_choice: choice, tools = [] }) {
    return choice?.type === 'tool' ? tools.find(({ name }) => name === choice.name) : choice?.type === 'any' ? answering(tools) : undefined;
  }

  #results(messages) {
    const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
    return blocks.filter(({ type }) => type === 'tool_use').map((call) => {
      const { content } = blocks.find((block) => block.tool_use_id === call.id) ?? {};
      return { args: call.input, text: Array.isArray(content) ? content.map(({ text }) => text).join('') : content };
    });
  }

  #message(body, model, answer, scene) {
    const number = ++this.#count;
    const calls = [...answer.calls];
    if (scene.name === 'schema' && !body.output_config?.format && answer.text.startsWith('{')) {
      calls.push({ name: this.#forced(body).name, args: JSON.parse(answer.text) });
      answer.text = '';
    }
    const content = [];
    if (answer.thought) {
      const thinking = body.thinking?.display === 'omitted' ? '' : answer.thought;
      content.push({ type: 'thinking', thinking });
      const said = { ...body, messages: [...body.messages, { role: 'assistant', content }] };
      content[0].signature = this.signature(said, model, body.messages.length);
    }
    if (answer.text) {
      content.push({ type: 'text', text: answer.text, citations: null });
    }
    calls.forEach(({ name, args }, i) => content.push(
      { type: 'tool_use', id: `toolu_strict_${number}_${i}`, name, input: args, caller: { type: 'direct' } }));
    return {
      id: `msg_strict_${number}`, type: 'message', role: 'assistant', model: body.model, content,
      stop_reason: calls.length > 0 ? 'tool_use' : answer.finish === 'length' ? 'max_tokens' : 'end_turn',
      stop_sequence: null, stop_details: null, container: null, diagnostics: null,
      usage: {
        input_tokens: inputTokens - cachedTokens - 2, cache_creation_input_tokens: 2, cache_read_input_tokens: cachedTokens,
        cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 },
        output_tokens: answer.tokens.text + answer.tokens.thought, output_tokens_details: { thinking_tokens: answer.tokens.thought },
        server_tool_use: null, service_tier: 'standard', inference_geo: 'global', speed: null,
      },
    };
  }

  async #stream(message, scene, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req_strict' });
    const send = (type, more) => response.write(`event: ${type}\ndata: ${tail(JSON.stringify({ type, ...more }))}\n\n`);
    const start = { ...message, content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1, output_tokens_details: null } };
    send('message_start', { message: start });
    message.content.forEach((block, index) => {
      const delta = (fields) => send('content_block_delta', { index, delta: fields });
      const empty = { text: { ...block, text: '' }, thinking: { ...block, thinking: '', signature: '' }, tool_use: { ...block, input: {} } };
      send('content_block_start', { index, content_block: empty[block.type] });
      send('ping');
      if (block.type === 'text') {
        pieces(block.text).forEach((text) => delta({ type: 'text_delta', text }));
      } else if (block.type === 'thinking') {
        pieces(block.thinking).forEach((thinking) => delta({ type: 'thinking_delta', thinking }));
        delta({ type: 'signature_delta', signature: block.signature });
      } else {
        ['', ...pieces(JSON.stringify(block.input))].forEach((json) => delta({ type: 'input_json_delta', partial_json: json }));
      }
      if (scene.name !== 'endless') {
        send('content_block_stop', { index });
      }
    });
    if (scene.name === 'endless') {
      return;
    }
    if (scene.name === 'torn') {
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (scene.name === 'mid-error') {
      send('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
      response.end();
      return;
    }
    const { stop_reason, stop_sequence, stop_details, container, usage } = message;
    send('message_delta', { delta: { stop_reason, stop_sequence, stop_details, container }, usage });
    send('message_stop');
    response.end();
  }
}
