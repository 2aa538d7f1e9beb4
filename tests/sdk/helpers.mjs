// Helpers of the SDKs that run a whole loop of tools by themselves.

import assert from 'node:assert/strict';

import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

import { runTool, toolsText } from './drivers.mjs';
import { weatherTools } from './providers/strict.mjs';

const asText = (result) => (typeof result === 'string' ? result : JSON.stringify(result));

/** Sends each turn on a message thread, and goes on without threads when the server says that it has none. */
export async function anthropicToolRunner({ client, model, t }) {
  const tools = weatherTools.map(({ name, description, schema }) => betaTool(
    { name, description, inputSchema: schema, run: (args) => asText(runTool(name, args)) }));
  for (const options of [{}, { stream: true }, { thread: false }]) {
    const runner = client.beta.messages.toolRunner(
      { model, max_tokens: 4000, messages: [{ role: 'user', content: '[tools]' }], tools, ...options });
    const message = await runner.runUntilDone();
    t.diagnostic(`${JSON.stringify(options)}: the last turn has ${runner.params.messages.length} messages`);
    assert.equal(message.content.filter(({ type }) => type === 'text').map(({ text }) => text).join(''), toolsText);
  }
}

/** The loop that runs functions, whole and streamed. */
export async function openaiHelpers({ client, model }) {
  const tools = weatherTools.map(({ name, description, schema: parameters }) => ({ type: 'function', function: {
    name, description, parameters, parse: JSON.parse, function: (args) => asText(runTool(name, args)) } }));
  const messages = [{ role: 'user', content: '[tools]' }];
  assert.equal(await client.chat.completions.runTools({ model, messages, tools }).finalContent(), toolsText);
  assert.equal(await client.chat.completions.runTools({ model, messages, tools, stream: true }).finalContent(), toolsText);
}
