// Every SDK through one gateway to every provider. A cell is SDK × model × scene. When one fails, its message says what the
// provider refused and what it had been sent.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { anthropic, drivers, google, googleBeta, openaiChat, openaiResponses } from './drivers.mjs';
import { extras } from './extras.mjs';
import { Gateway } from './gateway.mjs';
import { anthropicToolRunner, openaiHelpers } from './helpers.mjs';
import { AnthropicProvider, anthropicKey } from './providers/anthropic.mjs';
import { GeminiProvider, geminiKey } from './providers/gemini.mjs';
import { OpenAIProvider, openaiKey, responsesOnly, vector } from './providers/openai.mjs';
import { greeting, inputTokens } from './providers/strict.mjs';
import { explained, scenes, thinking, vendorChanges } from './scenes.mjs';

const key = 'gh-matrix-test-key-that-opens-everything';
const providers = { openai: new OpenAIProvider(), anthropic: new AnthropicProvider(), gemini: new GeminiProvider() };
const keys = { openai: openaiKey, anthropic: anthropicKey, gemini: geminiKey };
const models = {  // name here, which is the provider's, too → vendor
  'gpt-5.1': 'openai', 'gpt-5-pro': 'openai', 'gpt-5.3-codex': 'openai',  // the last two at /responses alone
  'claude-sonnet-4-5': 'anthropic', 'claude-sonnet-5': 'anthropic', 'claude-opus-5-5': 'anthropic',
  'gemini-2.5-flash': 'gemini', 'gemini-3.5-flash': 'gemini', 'gemini-4-argon': 'gemini',
};
const embedders = { 'text-embedding-3-small': 'openai', 'gemini-embedding-001': 'gemini' };
const native = { openai: [openaiChat, openaiResponses], anthropic: [anthropic], gemini: [google, googleBeta] };
const newest = { openai: 'gpt-5.3-codex', anthropic: 'claude-opus-5-5', gemini: 'gemini-4-argon' };
const first = { openai: 'gpt-5.1', anthropic: 'claude-sonnet-4-5', gemini: 'gemini-3.5-flash' };

// What a client gets for a status of the provider. Statuses of one provider entry must not disturb the next, as a refused
// key does: each has an entry of its own.
const shown = {
  400: [400, 400, 400], 401: [502, 502, 500], 403: [502, 502, 500], 404: [404, 404, 404], 429: [429, 429, 429],
  500: [502, 500, 500], 529: [502, 529, 503],
};
const dialect = { [openaiChat.name]: 0, [openaiResponses.name]: 0, [anthropic.name]: 1, [google.name]: 2, [googleBeta.name]: 2 };

let gateway;

function config() {
  const lines = ['auth: {required: true}', 'retry: {attempts: 1}', 'keys: [{name: wide, value: "${MATRIX_KEY}"}]', 'providers:'];
  const entry = (name, vendor) => `  ${name}: {kind: ${vendor}, base_url: "${vendor === 'gemini' || vendor === 'openai'
    ? providers[vendor].url : providers[vendor].origin}", api_keys: ["\${MATRIX_${vendor.toUpperCase()}_KEY}"]}`;
  const routes = [...Object.entries(models), ...Object.entries(embedders)]
    .map(([name, vendor]) => `  ${name}: {targets: [{provider: ${vendor}, model: ${name}}]}`);
  for (const vendor of Object.keys(providers)) {
    lines.push(entry(vendor, vendor));
    for (const status of Object.keys(shown)) {
      lines.push(entry(`${vendor}-${status}`, vendor));
      routes.push(`  ${vendor}-${status}: {targets: [{provider: ${vendor}-${status}, model: ${first[vendor]}}]}`);
    }
  }
  return [...lines, 'models:', ...routes, ''].join('\n');
}

before(async () => {
  await Promise.all(Object.values(providers).map((provider) => provider.start()));
  gateway = await Gateway.start(config(), { env: { MATRIX_KEY: key,
    ...Object.fromEntries(Object.entries(keys).map(([vendor, value]) => [`MATRIX_${vendor.toUpperCase()}_KEY`, value])) } });
});

after(async () => {
  const code = await gateway?.stop();
  await Promise.all(Object.values(providers).map((provider) => provider.stop()));
  assert.equal(code, 0, `the gateway ends well:\n${gateway?.output}`);
  for (const secret of [key, ...Object.values(keys)]) {
    assert.ok(!gateway.output.includes(secret), 'no key is in the log');
  }
});

/** What becomes of the signatures of thoughts. OpenAI's chat completions have none to give back. */
function signature(driver, model) {
  const chat = models[model] === 'openai' && !responsesOnly.includes(model);
  return chat && driver !== openaiResponses ? 'signature none' : 'signature ok';
}

for (const driver of drivers) {
  for (const [model, vendor] of Object.entries(models)) {
    describe(`${driver.name} × ${model}`, () => {
      const provider = providers[vendor];
      const cell = (name, run) => test(`${driver.name} × ${model} × ${name}`, (t) => {
        const on = { driver, client: driver.client(gateway.url, key), model, provider, vendor, native: native[vendor].includes(driver), t };
        return explained(on, () => run(on));
      });
      Object.entries({ ...scenes, ...extras.get(driver) }).forEach(([name, run]) => cell(name, run));
      cell('thoughts with tools', (on) => thinking(on, signature(driver, model)));
      if (driver.count) {
        cell('counted tokens', async ({ client }) => {
          const tokens = await driver.count(client, model);
          assert.ok(Number.isInteger(tokens) && tokens >= 1, `${tokens}`);
          if (native[vendor].includes(driver)) {
            assert.equal(tokens, inputTokens);  // the provider's own count
          }
        });
      }
      if (driver === anthropic) {
        cell('the tool runner, on threads', (on) => anthropicToolRunner(on));
      }
      if (driver === openaiChat) {
        cell('helpers that run tools', (on) => openaiHelpers(on));
        cell('the accumulator of a stream', async ({ client }) => {
          const messages = [{ role: 'user', content: '[limit]' }];
          const reply = await client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } }).finalChatCompletion();
          assert.deepEqual([reply.choices[0].finish_reason, reply.usage.prompt_tokens], ['length', inputTokens]);
        });
      }
      if (driver === openaiResponses) {
        cell('tools over stored replies', async ({ client }) => {
          assert.equal((await driver.loop(client, model, '[tools]', { chained: true })).rounds, 2);
        });
        cell('the accumulator of a stream', async ({ client }) => {
          const reply = await client.responses.stream({ model, input: '[plain]' }).finalResponse();
          assert.match(reply.output_text, new RegExp(`^Hello from ${vendor}`));
          assert.equal(reply.usage.input_tokens, inputTokens);
        });
        for (const scene of ['torn', 'mid-error']) {
          cell(`the accumulator of a stream that fails: ${scene}`, async ({ client }) => {
            const numbers = [];
            const stream = client.responses.stream({ model, input: `[${scene}]` })
              .on('event', ({ sequence_number: number }) => numbers.push(number));
            const reply = await stream.finalResponse();
            assert.equal(reply.status, 'failed');
            assert.equal(reply.error.code, 'server_error');
            assert.ok(reply.error.message, 'it says why');
            assert.equal(reply.output_text, `Hello from ${vendor}. ${greeting} System: `);
            assert.equal(reply.output.at(-1).status, vendor === 'openai' ? 'completed' : 'incomplete');
            assert.deepEqual(numbers, numbers.map((_, i) => i));
          });
        }
      }
    });
  }

  describe(`${driver.name} × vendors that take turns`, () => {
    for (const of of [first, newest]) {
      for (const [one, other] of Object.keys(of).flatMap((a) => Object.keys(of).filter((b) => b !== a).map((b) => [a, b]))) {
        const model = [of[one], of[other]];
        const cell = (name, options) => test(`${driver.name} × ${model.join(' and ')} × ${name}`, () => {
          const on = { driver, client: driver.client(gateway.url, key), model, provider: [providers[one], providers[other]] };
          return explained(on, () => vendorChanges(on, options));
        });
        cell('tools and thoughts');
        if (driver === openaiResponses && one !== 'openai') {  // which keeps its own
          cell('tools and thoughts of stored replies', { chained: true });
        }
      }
    }
  });

  describe(`${driver.name} × errors`, () => {
    for (const vendor of Object.keys(providers)) {
      for (const [status, expected] of Object.entries(shown)) {
        for (const stream of [false, true]) {
          test(`${driver.name} × ${vendor} × status ${status}${stream ? ' of a stream' : ''}`, async () => {
            const provider = providers[vendor];
            const seen = provider.refusals.length;
            const error = await driver.say(driver.client(gateway.url, key), `${vendor}-${status}`, `[error ${status}]`, { stream })
              .then(() => assert.fail('no error came'), (thrown) => thrown);
            assert.deepEqual(provider.refusals.slice(seen), [], 'the provider refused nothing');
            assert.equal(driver.statusOf(error), expected[dialect[driver.name]], error.message);
            assert.ok(!error.message.includes(keys[vendor]), 'the provider\'s key stays hidden');
            if (expected[0] < 500) {
              assert.match(error.message, new RegExp(status === '404' && vendor === 'anthropic' ? 'claude' : `scripted ${status}`));
            }
            if (status === '429') {
              const hint = error.headers?.get('retry-after') ?? /"retryDelay":"(\d+)/.exec(error.message)?.[1];
              assert.ok(Number(hint) >= 15 && Number(hint) <= 21, `the wait hint of 20 s is passed on: ${hint}`);
            }
          });
        }
      }
    }
    test(`${driver.name} × a key that nobody knows`, async () => {
      const error = await driver.say(driver.client(gateway.url, 'gh-unknown'), 'gpt-5.1', 'a').catch((thrown) => thrown);
      assert.equal(driver.statusOf(error), 401);
    });
    test(`${driver.name} × a model that nobody knows`, async () => {
      const error = await driver.say(driver.client(gateway.url, key), 'unknown-model', 'a').catch((thrown) => thrown);
      assert.equal(driver.statusOf(error), 404);
    });
  });

  test(`${driver.name} × models`, async () => {
    const names = await driver.models(driver.client(gateway.url, key));
    for (const name of Object.keys(models)) {
      assert.ok(names.includes(name), `${name} is listed: ${names}`);
    }
  });
}

describe('embeddings', () => {
  const length = (numbers) => Math.hypot(...numbers);

  test('openai × gemini', async () => {
    const client = openaiChat.client(gateway.url, key);
    const whole = await client.embeddings.create({ model: 'gemini-embedding-001', input: ['a', 'b'] });
    assert.deepEqual(whole.data.map(({ index, embedding }) => [index, embedding.length]), [[0, 3072], [1, 3072]]);
    assert.ok(whole.usage.prompt_tokens > 0);
    const short = await client.embeddings.create({ model: 'gemini-embedding-001', input: 'a', dimensions: 256, encoding_format: 'float' });
    assert.equal(short.data[0].embedding.length, 256);
    assert.ok(Math.abs(length(short.data[0].embedding) - 1) < 1e-5, 'a shortened vector is normalised');
  });
  test('openai × gemini, more inputs than one request may hold', async () => {
    const client = openaiChat.client(gateway.url, key);
    const input = Array.from({ length: 150 }, (_, i) => `text ${i}`);
    const reply = await client.embeddings.create({ model: 'gemini-embedding-001', input });
    assert.deepEqual(reply.data.map(({ index }) => index), input.map((_, i) => i));
  });
  for (const driver of [google, googleBeta]) {
    test(`${driver.name} × openai`, async () => {
      const reply = await driver.client(gateway.url, key).models.embedContent({ model: 'text-embedding-3-small', contents: ['a', 'b'] });
      assert.deepEqual(reply.embeddings.map(({ values }) => values), [vector, vector]);
    });
    test(`${driver.name} × gemini`, async () => {
      const reply = await driver.client(gateway.url, key).models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
      assert.deepEqual(reply.embeddings.map(({ values }) => values.length), [3072, 3072]);
    });
  }
});
