// Every curl command of the README, as it is written there, against the configuration that `./gatehouse.sh run` serves.
// Only the ports differ.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import OpenAI from 'openai';

import { Gateway } from './gateway.mjs';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);
let gateway;

before(async () => {
  gateway = await Gateway.start(join(top, 'config/gatehouse.yaml'), { file: true, env: { OPENAI_API_KEY: '' } });
});
after(async () => {
  assert.equal(await gateway?.stop(), 0);
});

async function readmeCommand(part) {
  const readme = await readFile(join(top, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```sh\n([^]*?)```/g)].map((match) => match[1]);
  const found = blocks.filter((block) => block.startsWith('curl') && part(block));
  assert.equal(found.length, 1, 'the README has this command once');
  return found[0].replaceAll('127.0.0.1:8080', `127.0.0.1:${gateway.port}`);
}

async function answer(part) {
  const { stdout } = await run('bash', ['-c', `set -e; ${await readmeCommand(part)}`], { timeout: 20_000 });
  return stdout;
}

test('a chat', async () => {
  const reply = JSON.parse(await answer((text) => text.includes('/chat/completions') && !text.includes('"stream"')));
  assert.match(reply.choices[0].message.content, /simulated/);
  assert.match(reply.choices[0].message.content, /who are you/);
  assert.equal(reply.usage.prompt_tokens + reply.usage.completion_tokens, reply.usage.total_tokens);
});

test('a stream', async () => {
  const reply = await answer((text) => text.includes('"stream": true'));
  assert.ok(reply.endsWith('data: [DONE]\n\n'));
  assert.match(reply, /"usage":\{"prompt_tokens":\d/);
});

test('an embedding', async () => {
  const reply = JSON.parse(await answer((text) => text.includes('/embeddings')));
  assert.equal(reply.data[0].embedding.length, 512);
});

test('the models', async () => {
  const reply = JSON.parse(await answer((text) => text.includes('/models')));
  assert.deepEqual(reply.data.map((model) => model.id).sort(), ['local-embedding', 'sim-chat', 'sim-embedding']);
});

test('the simulated provider pleases the SDK\'s accumulators', async () => {
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const tools = [{ type: 'function', function: { name: 'look', parameters: {
    type: 'object', properties: { where: { type: 'string' } }, required: ['where'] } } }];
  const messages = [{ role: 'user', content: 'Look around' }];
  const chat = await client.chat.completions.stream({ model: 'sim-chat', messages, tools }).finalChatCompletion();
  assert.deepEqual(JSON.parse(chat.choices[0].message.tool_calls[0].function.arguments), { where: 'simulated' });
  const text = await client.responses.stream({ model: 'sim-chat', input: 'Look around' }).finalResponse();
  assert.match(text.output_text, /Look around/);
  const call = await client.responses.stream(
    { model: 'sim-chat', input: 'Look', tools: [{ type: 'function', strict: true, ...tools[0].function }] }).finalResponse();
  assert.equal(call.output[0].arguments, '{"where":"simulated"}');
  const vectors = await client.embeddings.create({ model: 'sim-embedding', input: 'Look', dimensions: 8 });
  assert.equal(vectors.data[0].embedding.length, 8);
  await assert.rejects(client.chat.completions.create(
    { model: 'sim-chat', messages: [{ role: 'user', content: '[[simulate:error 429]]' }] }), OpenAI.RateLimitError);
});
