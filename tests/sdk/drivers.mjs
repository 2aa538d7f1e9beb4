// The official SDKs behind one face, so that a test can say the same to each of them.
//
// A driver has `client(url, key)`, and, with that client and a model's name:
//   say(client, model, text, {system, image, stream, limit, signal, onText}) → {text, input, output, finish}; tokens as numbers
//   loop(client, model or a list of them that take turns, text, {stream, think}) → {text, rounds, thoughts?}: calls tools until there is an answer; `thoughts`: those of
//     the first turn, asked for by `think`, of SDKs that have a place for them
//   structured(client, model) → the object that satisfies `schema`
//   count(client, model) → tokens, models(client) → names
//   statusOf(error) → HTTP status, after checking that the exception is of the class that belongs to it

import assert from 'node:assert/strict';

import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

import { png, weatherTools } from './providers/strict.mjs';

export const picture = png(3, 2);
export const pictureText = `image/png 3x2 ${picture.length} bytes`;
export const toolsText = 'Rome=18 degrees; Oslo={"degrees":-3}; Europe/Rome=noon';
export const schema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'A name' },
    kind: { type: 'string', enum: ['small', 'large'] },
    size: { type: 'integer' },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    parts: { type: 'array', items: { type: 'object', properties: { weight: { type: 'number' }, spare: { type: 'boolean' } },
                                     required: ['weight', 'spare'], additionalProperties: false } },
  },
  required: ['name', 'kind', 'size', 'note', 'parts'],
  additionalProperties: false,
};

/** What the tools of the loop answer: text, or an object. */
export function runTool(name, args) {
  const found = { 'get_weather Rome': '18 degrees', 'get_weather Oslo': { degrees: -3 }, 'get_time Europe/Rome': 'noon' }[
    `${name} ${args.city ?? args.zone}`];
  assert.ok(found, `no such call is expected: ${name} ${JSON.stringify(args)}`);
  return found;
}

/** Of those that take turns. */
const turnOf = (models, rounds) => [models].flat()[rounds % [models].flat().length];

const asText = (result) => (typeof result === 'string' ? result : JSON.stringify(result));

const classes = (sdk) => ({ 400: sdk.BadRequestError, 401: sdk.AuthenticationError, 403: sdk.PermissionDeniedError,
                            404: sdk.NotFoundError, 429: sdk.RateLimitError });
function statusIn(sdk, error) {
  assert.ok(error instanceof sdk.APIError, `no error of the API: ${error.stack}`);
  const expected = classes(sdk)[error.status] ?? sdk.InternalServerError;
  assert.ok(error instanceof expected, `${error.status} is a ${error.constructor.name}`);
  return error.status;
}

/** Reads a stream, hands its texts on, and gives what `read` made of its events. */
async function drain(stream, textOf, onText) {
  const events = [];
  let text = '';
  for await (const event of stream) {
    events.push(event);
    const piece = textOf(event);
    if (piece) {
      text += piece;
      onText?.(piece);
    }
  }
  return { events, text };
}

/** Of OpenAI's models, which its own clients must ask as it wants to be asked. */
export const highOnly = (model) => model === 'gpt-5-pro';

export const openaiChat = {
  name: 'openai chat',
  client: (url, key) => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 }),
  tools: weatherTools.map(({ name, description, schema: parameters }) => (
    { type: 'function', function: { name, description, parameters, strict: true } })),

  async say(client, model, text, { system, image, stream = false, limit, signal, onText } = {}) {
    const url = image && `data:image/png;base64,${image.toString('base64')}`;
    const content = image ? [{ type: 'text', text }, { type: 'image_url', image_url: { url } }] : text;
    const body = { model, messages: [...(system ? [{ role: 'system', content: system }] : []), { role: 'user', content }],
                   ...(limit && { max_completion_tokens: limit }) };
    if (!stream) {
      const reply = await client.chat.completions.create(body, { signal });
      const [choice] = reply.choices;
      return { text: choice.message.content, input: reply.usage.prompt_tokens, output: reply.usage.completion_tokens,
               finish: choice.finish_reason === 'length' ? 'length' : 'stop' };
    }
    const parts = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, { signal });
    const { events, text: all } = await drain(parts, (event) => event.choices[0]?.delta.content, onText);
    const { usage } = events.at(-1);
    const reason = events.map((event) => event.choices[0]?.finish_reason).find(Boolean);
    return { text: all, input: usage.prompt_tokens, output: usage.completion_tokens, finish: reason === 'length' ? 'length' : 'stop' };
  },

  async loop(client, models, text, { stream = false, think = false } = {}) {
    const messages = [{ role: 'user', content: text }];
    for (let rounds = 0; rounds < 5; ++rounds) {
      const model = turnOf(models, rounds);
      const body = { model, messages, tools: this.tools, ...(think && { reasoning_effort: 'medium' }) };
      const reply = stream ? await client.chat.completions.stream(body).finalChatCompletion()
        : await client.chat.completions.create(body);
      const [{ message, finish_reason: reason }] = reply.choices;
      const calls = message.tool_calls ?? [];
      assert.equal(reason, calls.length > 0 ? 'tool_calls' : 'stop');
      if (calls.length === 0) {
        return { text: message.content, rounds };
      }
      // A loop with thoughts gives the message back as it came, the other one only what is in OpenAI's documentation.
      const { role, content, tool_calls: _, parsed: __, ...more } = message;
      const plain = ({ id, function: { name, arguments: args } }) => ({ id, type: 'function', function: { name, arguments: args } });
      messages.push(think
        ? { role, content, ...more, tool_calls: calls.map(({ index: ___, ...call }) => ({ ...call, ...plain(call) })) }
        : { role, content, tool_calls: calls.map(plain) });
      messages.push(...calls.map((call) => ({ role: 'tool', tool_call_id: call.id,
        content: asText(runTool(call.function.name, JSON.parse(call.function.arguments))) })).reverse());
    }
    return assert.fail('the loop does not end');
  },

  async structured(client, model) {
    const reply = await client.chat.completions.parse({ model, messages: [{ role: 'user', content: '[schema]' }],
      response_format: { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } } });
    return JSON.parse(reply.choices[0].message.content);
  },

  async models(client) {
    return (await client.models.list()).data.map(({ id }) => id);
  },

  statusOf: (error) => statusIn(OpenAI, error),
};

export const openaiResponses = {
  name: 'openai responses',
  client: openaiChat.client,
  models: openaiChat.models,
  statusOf: openaiChat.statusOf,
  tools: weatherTools.map(({ name, description, schema: parameters }) => (
    { type: 'function', name, description, parameters, strict: true })),

  async say(client, model, text, { system, image, stream = false, limit, signal, onText } = {}) {
    const url = image && `data:image/png;base64,${image.toString('base64')}`;
    const content = [{ type: 'input_text', text }, { type: 'input_image', image_url: url, detail: 'auto' }];
    const input = image ? [{ role: 'user', content }] : text;
    const body = { model, input, ...(system && { instructions: system }), ...(limit && { max_output_tokens: limit }) };
    const of = (reply, all) => ({ text: all, input: reply.usage.input_tokens, output: reply.usage.output_tokens,
      finish: reply.incomplete_details?.reason === 'max_output_tokens' ? 'length' : reply.status === 'completed' ? 'stop' : reply.status });
    if (!stream) {
      const reply = await client.responses.create(body, { signal });
      return of(reply, reply.output_text);
    }
    const parts = await client.responses.create({ ...body, stream: true }, { signal });
    const { events, text: all } = await drain(parts, ({ type, delta }) => (type === 'response.output_text.delta' ? delta : ''), onText);
    const { type, response } = events.at(-1);
    assert.match(type, /^response\.(completed|incomplete)$/, JSON.stringify(events.at(-1)));
    assert.deepEqual(events.map(({ sequence_number: number }) => number), events.map((_, i) => i));
    return of(response, all);
  },

  async loop(client, models, text, { stream = false, think = false, chained = false } = {}) {
    let input = [{ role: 'user', content: text }];
    let previous;
    let thoughts;
    for (let rounds = 0; rounds < 5; ++rounds) {
      const model = turnOf(models, rounds);
      const body = { model, input, tools: this.tools, store: chained, ...(previous && { previous_response_id: previous }),
                     ...(think && { reasoning: { effort: highOnly(model) ? 'high' : 'medium', summary: 'auto' }, include: ['reasoning.encrypted_content'] }) };
      let reply;
      if (stream) {
        const { events } = await drain(await client.responses.create({ ...body, stream: true }), () => '');
        reply = events.at(-1).response;
      } else {
        reply = await client.responses.create(body);
      }
      const calls = reply.output.filter(({ type }) => type === 'function_call');
      thoughts ??= reply.output.flatMap(({ summary }) => summary ?? []).map((part) => part.text).join('');
      if (calls.length === 0) {
        const said = reply.output.filter(({ type }) => type === 'message').flatMap(({ content }) => content);
        return { ...(think && { thoughts }), text: said.map((part) => part.text).join(''), rounds };
      }
      const results = calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id,
        output: asText(runTool(call.name, JSON.parse(call.arguments))) })).reverse();
      input = chained ? results : [...input, ...reply.output, ...results];
      previous = chained ? reply.id : undefined;
    }
    return assert.fail('the loop does not end');
  },

  async structured(client, model) {
    const reply = await client.responses.parse({ model, input: '[schema]',
      text: { format: { type: 'json_schema', name: 'thing', strict: true, schema } } });
    return JSON.parse(reply.output_text);
  },

  async count(client, model) {
    return (await client.responses.inputTokens.count({ model, input: 'How long is this?' })).input_tokens;
  },
};

export const anthropic = {
  name: 'anthropic',
  client: (url, key) => new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 }),
  tools: weatherTools.map(({ name, description, schema: input_schema }) => ({ name, description, input_schema })),

  async say(client, model, text, { system, image, stream = false, limit = 4000, signal, onText } = {}) {
    const source = image && { type: 'base64', media_type: 'image/png', data: image.toString('base64') };
    const content = image ? [{ type: 'text', text }, { type: 'image', source }] : text;
    const body = { model, max_tokens: limit, ...(system && { system }), messages: [{ role: 'user', content }] };
    const of = ({ usage, stop_reason: reason, content: blocks }) => ({
      text: blocks.filter(({ type }) => type === 'text').map((block) => block.text).join(''),
      input: usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens, output: usage.output_tokens,
      finish: { end_turn: 'stop', max_tokens: 'length' }[reason] ?? reason });
    if (!stream) {
      return of(await client.messages.create(body, { signal }));
    }
    const parts = client.messages.stream(body, { signal });
    const { text: all } = await drain(parts, (event) => (event.type === 'content_block_delta' ? event.delta.text : ''), onText);
    const whole = of(await parts.finalMessage());
    assert.equal(all, whole.text);
    return whole;
  },

  async loop(client, models, text, { stream = false, think = false } = {}) {
    const messages = [{ role: 'user', content: text }];
    let thoughts;
    for (let rounds = 0; rounds < 5; ++rounds) {
      const model = turnOf(models, rounds);
      const thinking = /opus|sonnet-5/.test(model) ? { type: 'adaptive', display: 'summarized' } : { type: 'enabled', budget_tokens: 1024 };
      const body = { model, max_tokens: 4000, messages, tools: this.tools, ...(think && { thinking }) };
      const reply = stream ? await client.messages.stream(body).finalMessage() : await client.messages.create(body);
      const calls = reply.content.filter(({ type }) => type === 'tool_use');
      assert.equal(reply.stop_reason, calls.length > 0 ? 'tool_use' : 'end_turn');
      thoughts ??= reply.content.map((block) => block.thinking ?? '').join('');
      if (calls.length === 0) {
        const said = reply.content.filter(({ type }) => type === 'text').map((block) => block.text).join('');
        return { ...(think && { thoughts }), text: said, rounds };
      }
      messages.push({ role: 'assistant', content: reply.content });
      messages.push({ role: 'user', content: calls.map((call) => (
        { type: 'tool_result', tool_use_id: call.id, content: asText(runTool(call.name, call.input)) })).reverse() });
    }
    return assert.fail('the loop does not end');
  },

  async structured(client, model) {
    const reply = await client.messages.parse({ model, max_tokens: 4000, messages: [{ role: 'user', content: '[schema]' }],
      output_config: { format: { type: 'json_schema', schema } } });
    return JSON.parse(reply.content.find(({ type }) => type === 'text').text);
  },

  async count(client, model) {
    const messages = [{ role: 'user', content: 'How long is this?' }];
    return (await client.messages.countTokens({ model, messages, tools: this.tools })).input_tokens;
  },

  async models(client) {
    return (await client.models.list()).data.map(({ id }) => id);
  },

  statusOf: (error) => statusIn(Anthropic, error),
};

export const google = {
  name: 'google',  // speaks to /v1, the default since 3.0
  client: (url, key) => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } }),
  tools: [{ functionDeclarations: weatherTools.map(({ name, description, schema: parametersJsonSchema }) => (
    { name, description, parametersJsonSchema })) }],

  async say(client, model, text, { system, image, stream = false, limit, signal, onText } = {}) {
    const contents = image ? [{ text }, { inlineData: { mimeType: 'image/png', data: image.toString('base64') } }] : text;
    const request = { model, contents, config: { ...(system && { systemInstruction: system }), ...(limit && { maxOutputTokens: limit }),
                                                 ...(signal && { abortSignal: signal }) } };
    const of = ({ usageMetadata: usage, candidates }, all) => ({ text: all, input: usage.promptTokenCount,
      output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
      finish: { STOP: 'stop', MAX_TOKENS: 'length' }[candidates[0].finishReason] ?? candidates[0].finishReason });
    if (!stream) {
      const reply = await client.models.generateContent(request);
      return of(reply, reply.text);
    }
    const { events, text: all } = await drain(await client.models.generateContentStream(request), (event) => event.text, onText);
    return of(events.at(-1), all);
  },

  async loop(client, models, text, { stream = false, think = false } = {}) {
    let chat;
    let message = text;
    let thoughts;
    for (let rounds = 0; rounds < 5; ++rounds) {
      const model = turnOf(models, rounds);
      const level = /2\.5/.test(model) ? { thinkingBudget: 2048 } : { thinkingLevel: 'LOW' };
      const shows = think && { thinkingConfig: { includeThoughts: true, ...level } };
      chat = client.chats.create({ model, config: { tools: this.tools, ...shows }, history: chat?.getHistory() });
      const chunks = [];
      if (stream) {
        chunks.push(...(await drain(await chat.sendMessageStream({ message }), () => '')).events);
      } else {
        chunks.push(await chat.sendMessage({ message }));
      }
      const parts = chunks.flatMap(({ candidates }) => candidates[0].content?.parts ?? []);
      const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
      const said = (shown) => parts.filter((part) => Boolean(part.thought) === shown).map((part) => part.text ?? '').join('');
      thoughts ??= said(true);
      if (calls.length === 0) {
        return { ...(think && { thoughts }), text: said(false), rounds };
      }
      message = calls.map((call) => {
        const result = runTool(call.name, call.args);
        return { functionResponse: { ...(call.id && { id: call.id }), name: call.name,
                                     response: typeof result === 'string' ? { output: result } : result } };
      });
    }
    return assert.fail('the loop does not end');
  },

  async structured(client, model) {
    const reply = await client.models.generateContent({ model, contents: '[schema]',
      config: { responseMimeType: 'application/json', responseJsonSchema: schema } });
    return JSON.parse(reply.text);
  },

  async count(client, model) {
    return (await client.models.countTokens({ model, contents: 'How long is this?' })).totalTokens;
  },

  async models(client) {
    const names = [];
    for await (const { name } of await client.models.list()) {
      names.push(name.replace(/^models\//, ''));
    }
    return names;
  },

  statusOf(error) {
    assert.ok(error instanceof ApiError, `no error of the API: ${error.stack}`);
    const { code } = JSON.parse(error.message).error ?? {};
    assert.equal(code, error.status, 'the code in the body is the status');
    return error.status;
  },
};

export const googleBeta = {
  ...google,
  name: 'google v1beta',
  client: (url, key) => new GoogleGenAI({ apiKey: key, apiVersion: 'v1beta', httpOptions: { baseUrl: url } }),
};

export const drivers = [openaiChat, openaiResponses, anthropic, google, googleBeta];
