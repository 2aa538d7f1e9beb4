// Answers that are kept, through the official SDKs: asked twice, in every form, of every provider, the second one is a hit.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { drivers } from './drivers.mjs';
import { Gateway, eventually } from './gateway.mjs';
import { AnthropicProvider, anthropicKey } from './providers/anthropic.mjs';
import { GeminiProvider, geminiKey } from './providers/gemini.mjs';
import { OpenAIProvider, openaiKey } from './providers/openai.mjs';

const key = 'gh-cache-test-key-that-opens-everything';
const providers = { openai: new OpenAIProvider(), anthropic: new AnthropicProvider(), gemini: new GeminiProvider() };
const models = { openai: 'gpt-5.1', anthropic: 'claude-sonnet-4-5', gemini: 'gemini-2.5-flash' };
const forms = [[false, false], [true, true], [false, true], [true, false]];  // streamed: first, second

let gateway;

const config = () => `
auth: {required: true}
retry: {attempts: 1}
cache: {max_temperature: 2}
keys: [{name: wide, value: "\${CACHE_KEY}"}]
providers:
  openai: {kind: openai, base_url: "${providers.openai.url}", api_keys: ["\${CACHE_OPENAI_KEY}"]}
  anthropic: {kind: anthropic, base_url: "${providers.anthropic.origin}", api_keys: ["\${CACHE_ANTHROPIC_KEY}"]}
  gemini: {kind: gemini, base_url: "${providers.gemini.url}", api_keys: ["\${CACHE_GEMINI_KEY}"]}
models:
${Object.entries(models).map(([vendor, name]) => `  ${name}: {targets: [{provider: ${vendor}, model: ${name}}]}`).join('\n')}
`;

/** How many requests had that outcome so far. */
async function count(outcome) {
  const text = await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('gatehouse_cache_requests_total{') && line.includes(`outcome="${outcome}"`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

before(async () => {
  await Promise.all(Object.values(providers).map((provider) => provider.start()));
  gateway = await Gateway.start(config(), { env: { CACHE_KEY: key, CACHE_OPENAI_KEY: openaiKey,
    CACHE_ANTHROPIC_KEY: anthropicKey, CACHE_GEMINI_KEY: geminiKey } });
});

after(async () => {
  const code = await gateway?.stop();
  await Promise.all(Object.values(providers).map((provider) => provider.stop()));
  assert.equal(code, 0, `the gateway ends well:\n${gateway?.output}`);
});

for (const driver of drivers) {
  describe(driver.name, () => {
    const client = () => driver.client(gateway.url, key);
    for (const [vendor, model] of Object.entries(models)) {
      for (const [firstStreams, secondStreams] of forms) {
        const name = (streams) => (streams ? 'streamed' : 'whole');
        test(`${vendor}: ${name(firstStreams)}, then ${name(secondStreams)}`, async () => {
          const text = `[echo] ${driver.name} ${vendor} ${firstStreams} ${secondStreams}`;
          const misses = await count('miss');
          const first = await driver.say(client(), model, text, { stream: firstStreams });
          await eventually(async () => await count('miss') === misses + 1, 'the first one is a miss');
          // A stream whose provider has not closed it yet is shared with who asks for it again.
          const free = async () => await count('hit') + await count('coalesced');
          const before = await free();
          const second = await driver.say(client(), model, text, { stream: secondStreams });
          await eventually(async () => await free() === before + 1, 'the second one is a hit');
          assert.equal(await count('miss'), misses + 1);
          assert.ok(first.text);
          assert.deepEqual(second, first);
        });
      }
    }
  });
}
