// The official SDK, as a user has it, through the gateway to a scripted provider.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import OpenAI, { toFile } from 'openai';

import { Gateway, eventually } from './gateway.mjs';
import { Upstream, embedding, speech } from './upstream.mjs';

const key = 'gh-sdk-test-key-that-opens-everything';
const narrowKey = 'gh-sdk-test-key-that-opens-little';
const providerKey = 'sk-upstream-canary';
const abortGoal = 100;      // ms, the goal
const abortDeadline = 500;  // ms, what is asserted: this machine may be busy

const plainModels = ['gpt-real', 'embed', 'mod', 'image', 'whisper', 'voice', 'silent', 'endless', 'torn', 'mid-error'];
const upstream = new Upstream();
let gateway;
let client;

const config = (url) => `
server: {listen: 127.0.0.1:0, admin_listen: 127.0.0.1:0, limits: {body: 1MiB}, lanes: 2}
providers:
  up:
    kind: openai
    base_url: ${url}
    api_keys: ["\${SDK_TEST_PROVIDER_KEY}"]
    timeouts: {connect: 2s, first_byte: 2s, first_token: 2s, idle: 2s, total: 20s}
models:
  alias: {targets: [{provider: up, model: gpt-real}]}
  "up-*": {targets: [{provider: up, model: "up-*"}]}
${plainModels.map((name) => `  ${name}: {targets: [{provider: up, model: ${name}}]}`).join('\n')}
  known/with-slash: {targets: [{provider: up, model: gpt-real}]}
keys:
  - {name: wide, value: "\${SDK_TEST_KEY}"}
  - {name: narrow, value: "\${SDK_TEST_NARROW_KEY}", models: [alias]}
retry: {attempts: 1}  # what the SDK tries again is to be seen
auth: {required: true}
`;

const hello = { messages: [{ role: 'user', content: 'Hello' }] };
const weather = [{ type: 'function', function: { name: 'get_weather', parameters: {
  type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];

/** The error that `call` throws; all four keys of its body are there. */
async function failure(call, type, status) {
  const error = await call.then(() => assert.fail('no error came'), (thrown) => thrown);
  assert.ok(error instanceof type, `${type.name} expected, but it is ${error?.constructor?.name}: ${error?.message}`);
  assert.equal(error.status, status);
  assert.deepEqual(Object.keys(error.error).sort(), ['code', 'message', 'param', 'type']);
  assert.ok(error.requestID, 'x-request-id is there');
  assert.ok(!JSON.stringify(error.error).includes(providerKey), 'the provider\'s key stays hidden');
  return error;
}

before(async () => {
  await upstream.start();
  gateway = await Gateway.start(config(upstream.url), {
    env: { SDK_TEST_PROVIDER_KEY: providerKey, SDK_TEST_KEY: key, SDK_TEST_NARROW_KEY: narrowKey } });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
});

after(async () => {
  const code = await gateway?.stop();
  await upstream.stop();
  assert.equal(code, 0, `the gateway ends well:\n${gateway?.output}`);
  assert.ok(!gateway.output.includes(providerKey) && !gateway.output.includes(key), 'no key is in the log');
});

describe('chat', () => {
  test('whole', async () => {
    const reply = await client.chat.completions.create({ model: 'gpt-real', ...hello });
    assert.equal(reply.choices[0].message.content, 'Hello there.');
    assert.equal(reply.usage.total_tokens, 12);
    const seen = upstream.of('gpt-real').at(-1);
    assert.equal(seen.headers.authorization, `Bearer ${providerKey}`);
    assert.ok(!JSON.stringify(seen.headers).includes(key), 'the caller\'s key stays here');
  });

  test('an alias is answered under its own name', async () => {
    const { data, response, request_id: id } =
      await client.chat.completions.create({ model: 'alias', ...hello }).withResponse();
    assert.equal(data.model, 'alias');
    assert.equal(upstream.requests.at(-1).model, 'gpt-real');
    assert.equal(response.headers.get('x-gatehouse-provider'), 'up');
    assert.ok(id);
  });

  for (const [asked, options] of [[false, undefined], [false, { include_usage: false }], [true, { include_usage: true }]]) {
    test(`streamed, ${JSON.stringify(options) ?? 'without options'}`, async () => {
      const stream = await client.chat.completions.create(
        { model: 'gpt-real', stream: true, ...(options && { stream_options: options }), ...hello });
      let text = '';
      const usages = [];
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta?.content ?? '';
        if (chunk.usage) {
          usages.push(chunk.usage);
        }
        assert.ok(chunk.choices.length > 0 || asked, 'a chunk without choices only when usage was asked for');
      }
      assert.equal(text, 'Hello there.');
      assert.deepEqual(usages.map((usage) => usage.total_tokens), asked ? [12] : []);
      assert.equal(upstream.of('gpt-real').at(-1).body.stream_options.include_usage, true);
    });
  }

  test('tools', async () => {
    const reply = await client.chat.completions.create({ model: 'up-tools', tools: weather, ...hello });
    assert.equal(reply.choices[0].finish_reason, 'tool_calls');
    assert.deepEqual(JSON.parse(reply.choices[0].message.tool_calls[0].function.arguments), { city: 'Rome' });
  });

  test('tools streamed through the SDK\'s accumulator', async () => {
    const stream = client.chat.completions.stream({ model: 'up-tools', tools: weather, ...hello });
    const { choices } = await stream.finalChatCompletion();
    assert.equal(choices[0].message.tool_calls[0].function.name, 'get_weather');
    assert.equal(choices[0].message.tool_calls[0].function.arguments, '{"city":"Rome"}');
  });
});

describe('other endpoints', () => {
  for (const format of ['float', 'base64', undefined]) {
    test(`embeddings, encoding ${format ?? 'of the SDK\'s choice'}`, async () => {
      const reply = await client.embeddings.create(
        { model: 'embed', input: ['a', 'b'], ...(format && { encoding_format: format }) });
      assert.equal(reply.data.length, 2);
      const vector = reply.data[1].embedding;
      const numbers = typeof vector === 'string'
        ? Array.from(new Float32Array(Uint8Array.from(Buffer.from(vector, 'base64')).buffer)) : vector;
      assert.deepEqual(numbers, embedding);
    });
  }

  test('models list and retrieve', async () => {
    const ids = [];
    for await (const model of client.models.list()) {
      ids.push(model.id);
    }
    assert.deepEqual(ids.sort(), ['alias', 'known/with-slash', ...plainModels].sort());  // no patterns
    assert.equal((await client.models.retrieve('alias')).object, 'model');
    assert.equal((await client.models.retrieve('known/with-slash')).id, 'known/with-slash');
    const narrow = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: narrowKey, maxRetries: 0 });
    assert.deepEqual((await narrow.models.list()).data.map((model) => model.id), ['alias']);
    await failure(narrow.models.retrieve('known/with-slash'), OpenAI.PermissionDeniedError, 403);
    await failure(client.models.retrieve('unknown-model'), OpenAI.NotFoundError, 404);
  });

  test('moderations', async () => {
    assert.equal((await client.moderations.create({ model: 'mod', input: 'x' })).results[0].flagged, false);
  });

  test('responses, whole', async () => {
    const reply = await client.responses.create({ model: 'gpt-real', input: 'Hi' });
    assert.equal(reply.output_text, 'Hello you');
  });

  test('responses, streamed through the SDK\'s accumulator', async () => {
    const reply = await client.responses.stream({ model: 'gpt-real', input: 'Hi' }).finalResponse();
    assert.equal(reply.output_text, 'Hello you');
    assert.equal(reply.usage.total_tokens, 7);
  });

  test('images', async () => {
    const reply = await client.images.generate({ model: 'image', prompt: 'a house' });
    assert.equal(reply.data[0].b64_json, 'aW1hZ2U=');
  });

  test('audio transcription: the file arrives byte for byte', async () => {
    const sound = Buffer.alloc(300_000, 'so\r\n--und');
    const reply = await client.audio.transcriptions.create(
      { model: 'whisper', file: await toFile(sound, 'sound.wav') });
    assert.equal(reply.text, 'heard you');
    const seen = upstream.of('whisper').at(-1);
    assert.ok(seen.raw.includes(sound));
    assert.match(seen.headers['content-type'], /^multipart\/form-data; *boundary=/);
  });

  test('audio transcription of an alias names the provider\'s model', async () => {
    await client.audio.transcriptions.create({ model: 'alias', file: await toFile(Buffer.from('x'), 'x.wav') });
    assert.equal(upstream.requests.at(-1).model, 'gpt-real');
  });

  test('speech', async () => {
    const reply = await client.audio.speech.create({ model: 'voice', voice: 'alloy', input: 'Hi' });
    assert.equal(reply.headers.get('content-type'), 'audio/mpeg');
    assert.deepEqual(Buffer.from(await reply.arrayBuffer()), speech);
  });
});

describe('errors', () => {
  test('400 of the gateway names the field', async () => {
    const error = await failure(
      client.chat.completions.create({ model: 'gpt-real', messages: 'no array' }), OpenAI.BadRequestError, 400);
    assert.equal(error.param, 'messages');
  });
  test('400 of the provider keeps its code', async () => {
    const error = await failure(client.chat.completions.create({ model: 'up-400', ...hello }), OpenAI.BadRequestError, 400);
    assert.equal(error.code, 'unsupported_value');
  });
  test('401 for an unknown key', async () => {
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'gh-unknown', maxRetries: 2 });
    const error = await failure(stranger.chat.completions.create({ model: 'gpt-real', ...hello }), OpenAI.AuthenticationError, 401);
    assert.equal(error.code, 'invalid_api_key');
  });
  test('403 for a model that the key may not use', async () => {
    const narrow = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: narrowKey, maxRetries: 0 });
    await narrow.chat.completions.create({ model: 'alias', ...hello });
    const error = await failure(narrow.chat.completions.create({ model: 'gpt-real', ...hello }), OpenAI.PermissionDeniedError, 403);
    assert.equal(error.code, 'model_not_allowed');
  });
  test('404 of the provider', async () => {
    const error = await failure(client.chat.completions.create({ model: 'up-404', ...hello }), OpenAI.NotFoundError, 404);
    assert.equal(error.code, 'model_not_found');
  });
  test('404 for an unknown path', async () => {
    const error = await failure(client.get('/nothing/here'), OpenAI.NotFoundError, 404);
    assert.equal(error.code, 'not_found');
  });
  test('413 for a body above the limit', async () => {
    const big = { messages: [{ role: 'user', content: 'x'.repeat(1_200_000) }] };
    const error = await failure(client.chat.completions.create({ model: 'gpt-real', ...big }), OpenAI.APIError, 413);
    assert.equal(error.code, 'request_too_large');
  });
  test('429 is tried again', async () => {
    const patient = client.withOptions({ maxRetries: 1 });
    await failure(patient.chat.completions.create({ model: 'up-429', ...hello }), OpenAI.RateLimitError, 429);
    assert.equal(upstream.of('up-429').length, 2);
  });
  test('a spent quota is not tried again', async () => {
    const patient = client.withOptions({ maxRetries: 2 });
    const error = await failure(patient.chat.completions.create({ model: 'up-quota', ...hello }), OpenAI.RateLimitError, 429);
    assert.equal(error.headers.get('x-should-retry'), 'false');
    assert.equal(upstream.of('up-quota').length, 1);
  });
  for (const model of ['up-500', 'up-503']) {
    test(`${model} is the provider's fault`, async () => {
      const error = await failure(client.chat.completions.create({ model, ...hello }), OpenAI.InternalServerError, 502);
      assert.equal(error.type, 'upstream_error');
      assert.equal(upstream.of(model).length, 1);
    });
  }
  test('the provider\'s 401 is not the caller\'s, and is not tried again', async () => {
    const patient = client.withOptions({ maxRetries: 2 });
    const error = await failure(patient.chat.completions.create({ model: 'up-401', ...hello }), OpenAI.InternalServerError, 502);
    assert.equal(error.code, 'upstream_credentials_rejected');
    assert.equal(upstream.of('up-401').length, 1);
  });
  test('an error before content is a real status, also for a stream', async () => {
    await failure(client.chat.completions.create({ model: 'up-400', stream: true, ...hello }), OpenAI.BadRequestError, 400);
  });
  test('504 when the provider says nothing', async () => {
    const error = await failure(client.chat.completions.create({ model: 'silent', ...hello }), OpenAI.InternalServerError, 504);
    assert.equal(error.code, 'upstream_timeout');
  });
  test('the SDK\'s own timeout', async () => {
    await assert.rejects(client.chat.completions.create({ model: 'silent', ...hello }, { timeout: 200 }),
                         OpenAI.APIConnectionTimeoutError);
  });
  for (const model of ['torn', 'mid-error']) {
    test(`${model}: an error after the content, never a quiet end`, async () => {
      const stream = await client.chat.completions.create({ model, stream: true, ...hello });
      let text = '';
      await assert.rejects(async () => {
        for await (const chunk of stream) {
          text += chunk.choices[0]?.delta?.content ?? '';
        }
      }, OpenAI.APIError);
      assert.equal(text, 'Hello there.');
    });
  }
});

describe('a caller that leaves', () => {
  /** Aborts when `arrived` says so and gives back how long the provider's connection lived on, in ms. */
  async function abortAfter(model, start) {
    const count = upstream.of(model).length;
    const controller = new AbortController();
    const call = start(controller);
    await eventually(() => upstream.of(model).length > count, 'the provider was asked');
    const left = upstream.of(model).at(-1).left;
    await call.ready?.();
    const began = performance.now();
    controller.abort();
    const deadline = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('the provider\'s connection stayed open')), 5_000).unref();
    });
    const took = (await Promise.race([left, deadline])) - began;
    await call.end;
    return took;
  }

  function report(t, took) {
    t.diagnostic(`the provider's connection closed after ${took.toFixed(1)} ms (goal ${abortGoal} ms)`);
    assert.ok(took <= abortDeadline, `${took} ms`);
  }

  test('while it waits for the answer', async (t) => {
    report(t, await abortAfter('silent', (controller) => ({
      end: assert.rejects(client.chat.completions.create({ model: 'silent', ...hello }, { signal: controller.signal }),
                          OpenAI.APIUserAbortError),
    })));
  });

  test('before the first content of a stream', async (t) => {
    report(t, await abortAfter('silent', (controller) => ({
      end: assert.rejects(
        client.chat.completions.create({ model: 'silent', stream: true, ...hello }, { signal: controller.signal }),
        OpenAI.APIUserAbortError),
    })));
  });

  test('in the middle of a stream', async (t) => {
    report(t, await abortAfter('endless', (controller) => {
      let text = '';
      const read = async () => {
        const stream = await client.chat.completions.create(
          { model: 'endless', stream: true, ...hello }, { signal: controller.signal });
        for await (const chunk of stream) {
          text += chunk.choices[0]?.delta?.content ?? '';
        }
      };
      return { end: read(), ready: () => eventually(() => text === 'Hello there.', 'the content came') };
    }));
  });
});
