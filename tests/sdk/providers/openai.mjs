// A strict OpenAI: chat completions here, the Responses API in openai_responses.mjs, embeddings and models.

import { Responses } from './openai_responses.mjs';
import { Refusal, StrictProvider, cachedTokens, image, inputTokens, pieces, play, sceneOf } from './strict.mjs';

export const openaiKey = 'sk-strict-canary';
export const vector = [0.5, -0.25, 0.125, 1];

// all of them think: no sampling unless the effort is none
const models = { 'gpt-5.1': ['none', 'low', 'medium', 'high'], 'gpt-5-mini': ['minimal', 'low', 'medium', 'high'],
                 'gpt-5-pro': ['high'], 'gpt-5.3-codex': ['none', 'low', 'medium', 'high', 'xhigh'] };
export const responsesOnly = ['gpt-5-pro', 'gpt-5.3-codex'];  // refused at /chat/completions
const fields = ['model', 'messages', 'max_completion_tokens', 'max_tokens', 'temperature', 'top_p', 'n', 'stop', 'presence_penalty',
                'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'seed', 'stream', 'stream_options', 'tools',
                'tool_choice', 'parallel_tool_calls', 'functions', 'function_call', 'response_format', 'reasoning_effort',
                'verbosity', 'modalities', 'audio', 'prediction', 'user', 'safety_identifier', 'prompt_cache_key',
                'prompt_cache_options', 'prompt_cache_retention', 'service_tier', 'metadata', 'store', 'moderation',
                'web_search_options'];
const strictKeywords = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'anyOf', '$ref', '$defs',
                        'definitions', 'description', 'title', 'default', 'format', 'pattern', 'minimum', 'maximum', 'multipleOf',
                        'exclusiveMinimum', 'exclusiveMaximum', 'minItems', 'maxItems', 'minLength', 'maxLength', '$schema'];
const errors = {
  400: { type: 'invalid_request_error', param: 'temperature', code: 'unsupported_value' },
  401: { type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
  403: { type: 'invalid_request_error', param: null, code: 'unsupported_country_region_territory' },
  404: { type: 'invalid_request_error', param: null, code: 'model_not_found' },
  429: { type: 'requests', param: null, code: 'rate_limit_exceeded' },
  500: { type: 'server_error', param: null, code: null },
  503: { type: 'server_error', param: null, code: null },
};

export class OpenAIProvider extends StrictProvider {
  #responses = new Responses(this);
  #count = 0;

  get url() {
    return `${this.origin}/v1`;
  }

  refuse(message, param = null, status = 400, code = 'invalid_value') {
    throw new Refusal(status, { error: { message, type: 'invalid_request_error', param, code } }, { headers: { 'x-request-id': 'req_strict' } });
  }

  refuseUnknown(key, path) {
    const name = path ? `${path}.${key}` : key;
    this.refuse(`Unknown parameter: '${name}'.`, name, 400, 'unknown_parameter');
  }

  refuseScripted(number) {
    const status = number === 529 ? 503 : number;
    throw new Refusal(status, { error: { message: `scripted ${number}`, ...errors[status] } },
                      { scripted: true, headers: { 'x-request-id': 'req_strict', ...(status === 429 && { 'retry-after': '20' }) } });
  }

  answer(record, response) {
    const { path, method, headers, body } = record;
    if (headers.authorization !== `Bearer ${openaiKey}`) {
      this.refuse('Incorrect API key provided.', null, 401, 'invalid_api_key');
    }
    switch (`${method} ${path}`) {
      case 'POST /v1/chat/completions':
        return this.#chat(record, response);
      case 'POST /v1/responses':
        return this.#responses.answer(record, response);
      case 'POST /v1/responses/input_tokens':
        return this.#responses.count(record, response);
      case 'POST /v1/embeddings':
        return this.#embeddings(body, response);
      case 'GET /v1/models':
        return this.json(response, { object: 'list', data: Object.keys(models).map((id) => (
          { id, object: 'model', created: 1700000000, owned_by: 'openai' })) });
      default:
        return this.refuse(`Invalid URL (${method} ${path})`, null, 404, null);
    }
  }

  /** What a thinking model does not take, in either of the two APIs. */
  checkModel(body, effort) {
    const efforts = models[body.model] ?? this.refuse(`The model '${body.model}' does not exist.`, null, 404, 'model_not_found');
    if (effort !== undefined && !efforts.includes(effort)) {
      this.refuse(`Unsupported value: '${effort}' is not supported with this model.`, 'reasoning_effort', 400, 'unsupported_value');
    }
    const sampling = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'stop'];
    for (const name of effort === 'none' ? [] : sampling) {
      if (name in body && !(body[name] === 1 && /^t/.test(name))) {
        this.refuse(`Unsupported parameter: '${name}' is not supported with this model.`, name, 400, 'unsupported_parameter');
      }
    }
  }

  checkFunction(tool, path) {
    this.string(tool.name, `${path}.name`, /^[a-zA-Z0-9_-]{1,64}$/);
    if (tool.parameters !== undefined && tool.parameters !== null && tool.parameters.type !== 'object') {
      this.refuse(`Invalid schema for function '${tool.name}': schema must be a JSON Schema of 'type: "object"'.`, `${path}.parameters`);
    }
    this.types(tool.parameters ?? {}, `${path}.parameters`);
    if (tool.strict) {
      this.strictSchema(tool.parameters, `${path}.parameters`);
    }
  }

  checkSchemaFormat(format, path) {
    this.only(format, ['type', 'name', 'description', 'schema', 'strict'], path);
    this.string(format.name, `${path}.name`, /^[a-zA-Z0-9_-]{1,64}$/);
    if (format.schema?.type !== 'object') {
      this.refuse(`Invalid schema for response_format '${format.name}': schema must be of 'type: "object"'.`, path, 400, 'invalid_json_schema');
    }
    this.types(format.schema, `${path}.schema`);
    if (format.strict) {
      this.strictSchema(format.schema, `${path}.schema`);
    }
  }

  strictSchema(schema, path) {
    this.schema(schema, { keywords: strictKeywords, closed: true, allRequired: true }, path);
  }

  checkImage(url, path) {
    const [, type, data] = /^data:([^;]+);base64,(.*)$/s.exec(url ?? '') ?? [];
    const { wrong, text } = image(data ?? '', type);
    if (wrong) {
      this.refuse(`Invalid image: ${wrong}`, path, 400, 'invalid_image_format');
    }
    return text;
  }

  #chat(record, response) {
    const { body } = record;
    const images = this.#check(body);
    const scene = sceneOf(body.messages.map(({ role, content }) => (role !== 'user' ? '' : this.#textOf(content))));
    record.scene = scene.name;
    if (scene.name === 'error') {
      this.refuseScripted(scene.number);
    }
    const since = body.messages.slice(scene.at + 1);
    const calls = since.flatMap((message) => message.tool_calls ?? []);
    const answer = play({
      scene, vendor: 'openai', images, schema: body.response_format?.json_schema?.schema, signature: 'none',
      system: body.messages.filter(({ role }) => /system|developer/.test(role)).map(({ content }) => this.#textOf(content)).join('\n'),
      rounds: since.filter((message) => message.tool_calls).length,
      results: calls.map((call) => ({
        args: JSON.parse(call.function.arguments),
        text: this.#textOf(since.find((message) => message.tool_call_id === call.id)?.content),
      })),
    });
    const number = ++this.#count;
    const head = { id: `chatcmpl-strict${number}`, created: 1700000000 + number, model: body.model, service_tier: 'default',
                   system_fingerprint: null };
    const tools = answer.calls.map(({ name, args }, i) => (
      { id: `call_strict${number}x${i}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }));
    const finish = tools.length > 0 ? 'tool_calls' : answer.finish;
    const usage = this.#usage(answer.tokens.text);
    if (body.stream) {
      return this.#stream({ head, answer, tools, finish, usage, scene, body }, response);
    }
    if (scene.name !== 'endless') {
      const message = { role: 'assistant', content: answer.text || null, refusal: null, annotations: [],
                        ...(tools.length > 0 && { tool_calls: tools }) };
      this.json(response, { ...head, object: 'chat.completion', usage,
        choices: [{ index: 0, message, logprobs: null, finish_reason: finish }] }, { 'x-request-id': 'req_strict' });
    }
  }

  #usage(completion) {
    return {
      prompt_tokens: inputTokens, completion_tokens: completion, total_tokens: inputTokens + completion,
      prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    };
  }

  #textOf(content) {
    return typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');
  }

  /** Everything that is wrong with a request is found here. Gives a line for each image. */
  #check(body) {
    this.only(body, fields, '');
    if (responsesOnly.includes(body.model)) {
      this.refuse('This model is only supported in v1/responses and not in v1/chat/completions.', 'model', 404, 'invalid_request_error');
    }
    this.checkModel(body, body.reasoning_effort ?? undefined);
    if ('max_tokens' in body) {
      this.refuse("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                  'max_tokens', 400, 'unsupported_parameter');
    }
    if (body.stream_options) {
      this.only(body.stream_options, ['include_usage', 'include_obfuscation'], 'stream_options');
      if (!body.stream) {
        this.refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
      }
    }
    if (body.tools !== undefined) {
      this.list(body.tools, 'tools').forEach((tool, i) => {
        this.only(tool, ['type', 'function'], `tools[${i}]`);
        this.only(tool.function, ['name', 'description', 'parameters', 'strict'], `tools[${i}].function`);
        this.checkFunction(tool.function, `tools[${i}].function`);
      });
    } else if ('tool_choice' in body || 'parallel_tool_calls' in body) {
      this.refuse("'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
    }
    if (typeof body.tool_choice === 'object') {
      this.only(body.tool_choice, ['type', 'function', 'allowed_tools', 'custom'], 'tool_choice');
    }
    if (body.response_format) {
      this.only(body.response_format, ['type', 'json_schema'], 'response_format');
      if (body.response_format.type === 'json_schema') {
        this.checkSchemaFormat({ type: 'json_schema', ...body.response_format.json_schema }, 'response_format.json_schema');
      } else if (body.response_format.type === 'json_object' && !/json/i.test(JSON.stringify(body.messages))) {
        this.refuse("'messages' must contain the word 'json' in some form.", 'messages');
      }
    }
    return this.#checkMessages(body.messages);
  }

  #checkMessages(messages) {
    const images = [];
    let open = [];
    const unanswered = (path) => open.length > 0 && this.refuse("An assistant message with 'tool_calls' must be followed by tool "
      + `messages responding to each 'tool_call_id'. The following did not have response messages: ${open}`, path);
    this.list(messages, 'messages').forEach((message, i) => {
      const path = `messages[${i}]`;
      const known = {
        system: ['role', 'content', 'name'], developer: ['role', 'content', 'name'], user: ['role', 'content', 'name'],
        assistant: ['role', 'content', 'name', 'tool_calls', 'refusal', 'audio', 'annotations', 'function_call'],
        tool: ['role', 'content', 'tool_call_id'],
      }[message?.role] ?? this.refuse(`Invalid value: '${message?.role}'.`, `${path}.role`);
      this.only(message, known, path);
      if (message.role === 'tool') {
        if (!open.includes(message.tool_call_id)) {
          this.refuse("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", `${path}.role`);
        }
        open = open.filter((id) => id !== message.tool_call_id);
      } else {
        unanswered(path);
      }
      if (Array.isArray(message.content)) {
        this.list(message.content, `${path}.content`).forEach((part, at) => {
          const text = this.#checkPart(part, message.role, `${path}.content[${at}]`);
          images.push(...(text ? [text] : []));
        });
      } else if (typeof message.content !== 'string' && !(message.role === 'assistant' && (message.tool_calls || message.refusal))) {
        this.refuse(`Invalid value for 'content': expected a string, got ${message.content}.`, `${path}.content`);
      }
      if (message.tool_calls !== undefined) {
        open = this.list(message.tool_calls, `${path}.tool_calls`).map((call, at) => {
          const where = `${path}.tool_calls[${at}]`;
          this.only(call, ['id', 'type', 'function'], where);
          this.only(call.function, ['name', 'arguments'], `${where}.function`);
          this.string(call.function.arguments, `${where}.function.arguments`, /^/);
          return this.string(call.id, `${where}.id`, /^.{1,64}$/);
        });
      }
    });
    unanswered('messages');
    return images;
  }

  #checkPart(part, role, path) {
    const known = { text: ['type', 'text', 'prompt_cache_breakpoint'], refusal: ['type', 'refusal'],
                    image_url: ['type', 'image_url', 'prompt_cache_breakpoint'], file: ['type', 'file'] }[part?.type];
    const allowed = { user: ['text', 'image_url', 'file'], assistant: ['text', 'refusal'] }[role] ?? ['text'];
    if (!known || !allowed.includes(part.type)) {
      this.refuse(`Invalid value: '${part?.type}'.`, `${path}.type`);
    }
    this.only(part, known, path);
    if (part.type === 'text') {
      this.string(part.text, `${path}.text`);
    }
    if (part.type === 'image_url') {
      this.only(part.image_url, ['url', 'detail'], `${path}.image_url`);
      return this.checkImage(part.image_url.url, `${path}.image_url.url`);
    }
    return undefined;
  }

  #stream({ head, answer, tools, finish, usage, scene, body }, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_strict' });
    const wanted = body.stream_options?.include_usage;
    const chunk = (choices, used = null) => response.write(`data: ${JSON.stringify(
      { ...head, object: 'chat.completion.chunk', choices, ...(wanted && { usage: used }), obfuscation: 'aB3' })}\n\n`);
    const delta = (fields, reason = null) => chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: reason }]);
    delta({ role: 'assistant', content: tools.length > 0 ? null : '', refusal: null });
    pieces(answer.text).forEach((content) => delta({ content }));
    tools.forEach(({ function: { name, arguments: text }, ...call }, index) => {
      delta({ tool_calls: [{ index, ...call, function: { name, arguments: '' } }] });
      pieces(text).forEach((piece) => delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
    });
    if (scene.name === 'endless') {
      return;
    }
    if (scene.name === 'torn') {
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (scene.name === 'mid-error') {
      response.end(`data: ${JSON.stringify({ error: { message: 'scripted', ...errors[500] } })}\n\n`);
      return;
    }
    delta({}, finish);
    if (wanted) {
      chunk([], usage);
    }
    response.end('data: [DONE]\n\n');
  }

  #embeddings(body, response) {
    this.only(body, ['model', 'input', 'encoding_format', 'dimensions', 'user'], '');
    if (body.model !== 'text-embedding-3-small') {
      this.refuse(`The model '${body.model}' does not exist.`, null, 404, 'model_not_found');
    }
    const inputs = this.list([body.input].flat(), 'input');
    inputs.forEach((text, i) => this.string(text, `input[${i}]`));
    const numbers = vector.slice(0, body.dimensions ?? vector.length);
    const coded = Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
    this.json(response, {
      object: 'list', model: body.model, usage: { prompt_tokens: 4, total_tokens: 4 },
      data: inputs.map((_, index) => ({ object: 'embedding', index, embedding: body.encoding_format === 'base64' ? coded : numbers })),
    });
  }
}
