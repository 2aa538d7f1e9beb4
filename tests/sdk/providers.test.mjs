// Each strict provider with the SDK of its own vendor, without a gateway: what the SDK does is right by definition, so a
// provider that refuses it is wrong.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { anthropic, google, openaiChat, openaiResponses } from './drivers.mjs';
import { extras } from './extras.mjs';
import { anthropicToolRunner, openaiHelpers } from './helpers.mjs';
import { AnthropicProvider, anthropicKey } from './providers/anthropic.mjs';
import { GeminiProvider, dimensions, geminiKey } from './providers/gemini.mjs';
import { OpenAIProvider, openaiKey, responsesOnly, vector } from './providers/openai.mjs';
import { inputTokens } from './providers/strict.mjs';
import { explained, scenes, thinking } from './scenes.mjs';

const families = [
  { vendor: 'openai', provider: new OpenAIProvider(), key: openaiKey, drivers: [openaiChat, openaiResponses],
    models: ['gpt-5.1', 'gpt-5-mini', ...responsesOnly], statuses: [400, 401, 403, 404, 429, 500, 503] },
  { vendor: 'anthropic', provider: new AnthropicProvider(), key: anthropicKey, drivers: [anthropic],
    models: ['claude-sonnet-4-5', 'claude-sonnet-5', 'claude-opus-5-5'], statuses: [400, 401, 403, 404, 429, 500, 529] },
  { vendor: 'gemini', provider: new GeminiProvider(), key: geminiKey, drivers: [google],
    models: ['gemini-2.5-flash', 'gemini-3.5-flash', 'gemini-4-argon'], statuses: [400, 401, 403, 404, 429, 500, 503] },
];

before(() => Promise.all(families.map(({ provider }) => provider.start())));
after(() => Promise.all(families.map(({ provider }) => provider.stop())));

for (const { vendor, provider, key, drivers, models, statuses } of families) {
  for (const driver of drivers) {
    describe(`${driver.name} at its own vendor`, () => {
      let client;
      before(() => { client = driver.client(provider.origin, key); });

      for (const model of models.filter((name) => driver !== openaiChat || !responsesOnly.includes(name))) {
        const cell = (name, run) => test(`${model}: ${name}`, (t) => {
          const on = { driver, client, model, provider, vendor, native: true, t };
          return explained(on, () => run(on));
        });
        Object.entries({ ...scenes, ...extras.get(driver) }).forEach(([name, run]) => cell(name, run));
        cell('thoughts with tools', (on) => thinking(on, driver === openaiChat ? 'signature none' : 'signature ok'));
        if (driver.count) {
          cell('counted tokens', async () => assert.equal(await driver.count(client, model), inputTokens));
        }
        if (driver === anthropic) {
          cell('the tool runner, on threads', (on) => anthropicToolRunner(on));
        }
        if (driver === openaiChat) {
          cell('helpers', (on) => openaiHelpers(on));
        }
        if (driver === openaiResponses) {
          cell('tools over stored replies', async () => {
            assert.equal((await driver.loop(client, model, '[tools]', { chained: true })).rounds, 2);
          });
        }
      }
      for (const status of statuses) {
        test(`an error of status ${status}`, async () => {
          for (const stream of [false, true]) {
            const error = await driver.say(client, models[0], `[error ${status}]`, { stream })
              .then(() => assert.fail('no error came'), (thrown) => thrown);
            assert.equal(driver.statusOf(error), status);
          }
        });
      }
      test('models', async () => {
        assert.ok((await driver.models(client)).includes(models[0]));
      });
    });
  }
}

describe('embeddings', () => {
  test('openai', async () => {
    const client = openaiChat.client(families[0].provider.origin, openaiKey);
    const reply = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    assert.deepEqual(reply.data.map(({ embedding }) => embedding), [vector, vector]);
  });
  test('google', async () => {
    const client = google.client(families[2].provider.origin, geminiKey);
    const reply = await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
    assert.deepEqual(reply.embeddings.map(({ values }) => values.length), [dimensions, dimensions]);
  });
});

describe('what is refused', () => {
  const user = (content) => ({ role: 'user', content });
  const claude = { model: 'claude-sonnet-4-5', max_tokens: 2000 };
  const gemini = (more) => ({ model: 'gemini-3.5-flash', ...more });
  const call = { functionCall: { id: 'a', name: 'f', args: {} } };
  const result = { functionResponse: { id: 'a', name: 'f', response: {} } };
  const cases = {
    openai: [
      ['an unknown field', { model: 'gpt-5.1', messages: [user('a')], thinking: {} }, /Unknown parameter: 'thinking'/],
      ['an unknown field of a call', { model: 'gpt-5.1', messages: [user('a'), { role: 'assistant', tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: {} }] }] }, /extra_content/],
      ['a missing result', { model: 'gpt-5.1', messages: [user('a'), { role: 'assistant', tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] }] }, /must be followed/],
      ['an orphan result', { model: 'gpt-5.1', messages: [user('a'), { role: 'tool', tool_call_id: 'a', content: 'b' }] }, /preceding/],
      ['a model of the other API', { model: 'gpt-5-pro', messages: [user('a')] }, /only supported in v1\/responses/],
      ['the old limit', { model: 'gpt-5.1', messages: [user('a')], max_tokens: 5 }, /max_completion_tokens/],
      ['sampling of a model that thinks', { model: 'gpt-5.1', messages: [user('a')], temperature: 0.5 }, /temperature/],
    ],
    anthropic: [
      ['no limit', { model: 'claude-sonnet-4-5', messages: [user('a')] }, /max_tokens: Field required/],
      ['an unknown field', { ...claude, messages: [user('a')], seed: 1 }, /seed: Extra inputs/],
      ['sampling in the newer version', { ...claude, messages: [user('a')], temperature: 1 }, /temperature: Extra inputs/],
      ['empty text', { ...claude, messages: [user(' ')] }, /non-empty/],
      ['a foreign signature', { ...claude, messages: [user('a'), { role: 'assistant', content: [
        { type: 'thinking', thinking: 'b', signature: 'Yw==' }, { type: 'text', text: 'c' }] }, user('d')] }, /Invalid `signature`/],
      ['results that are not first', { ...claude, tools: anthropic.tools, messages: [user('a'),
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        user([{ type: 'text', text: 'b' }, { type: 'tool_result', tool_use_id: 'a', content: 'c' }])] }, /not first/],
      ['a schema that the grammar does not know', { ...claude, messages: [user('a')], output_config: { format: { type: 'json_schema',
        schema: { type: 'object', properties: { a: { type: 'string', pattern: 'b' } }, additionalProperties: false } } } }, /pattern/],
    ],
    gemini: [
      ['an unknown field', gemini({ contents: 'a', config: { httpOptions: { extraBody: { seed: 1 } } } }), /Unknown name .{1,3}seed/],
      ['no signature', gemini({ contents: [{ role: 'user', parts: [{ text: 'a' }] }, { role: 'model', parts: [call] },
        { role: 'user', parts: [result] }] }), /missing a thought_signature/],
      ['a foreign signature', gemini({ contents: [{ role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ ...call, thoughtSignature: 'Yw==' }] }, { role: 'user', parts: [result] }] }), /Corrupted/],
      ['text beside a response', gemini({ contents: [{ role: 'user', parts: [{ text: 'a' }] },
        { role: 'model', parts: [{ ...call, thoughtSignature: 'skip_thought_signature_validator' }] },
        { role: 'user', parts: [result, { text: 'b' }] }] }), /number of function response parts/],
      ['a budget where there are levels', gemini({ contents: 'a', config: { thinkingConfig: { thinkingBudget: 5 } } }), /budget/],
    ],
  };
  const senders = {
    openai: (client, body) => client.chat.completions.create(body),
    anthropic: (client, body) => client.messages.create(body),
    gemini: (client, body) => client.models.generateContent(body),
  };
  for (const { vendor, provider, key, drivers: [driver] } of families) {
    for (const [name, body, reason] of cases[vendor]) {
      test(`${vendor}: ${name}`, async () => {
        await assert.rejects(senders[vendor](driver.client(provider.origin, key), body), reason);
      });
    }
    test(`${vendor}: a wrong key`, async () => {
      const error = await driver.say(driver.client(provider.origin, 'wrong'), 'any', 'a').catch((thrown) => thrown);
      assert.equal(driver.statusOf(error), vendor === 'gemini' ? 400 : 401);
    });
  }
});
