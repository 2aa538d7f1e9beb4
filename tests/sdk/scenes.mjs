// What every SDK must get out of every model: run against the scripted providers directly, and through the gateway.

import assert from 'node:assert/strict';

import { eventually } from './gateway.mjs';
import { picture, pictureText, schema, toolsText } from './drivers.mjs';
import { greeting, inputTokens, sample, thought } from './providers/strict.mjs';

const abortGoal = 100;      // ms, the goal
const abortDeadline = 500;  // ms, what is asserted: this machine may be busy
const long = Array.from({ length: 400 }, (_, i) => `word${i} ${greeting}`).join('\n');

/** Both forms of an answer say the same and cost the same. */
async function wholeAndStreamed({ driver, client, model }, text, options = {}) {
  const whole = await driver.say(client, model, text, options);
  const streamed = await driver.say(client, model, text, { ...options, stream: true });
  assert.deepEqual(streamed, whole);
  assert.equal(whole.input, inputTokens);
  assert.ok(whole.output > 0);
  return whole;
}

async function abort({ driver, client, model, provider, t }, stream) {
  const count = provider.requests.length;
  const controller = new AbortController();
  let began = stream ? undefined : true;
  const call = driver.say(client, model, '[endless]', { stream, signal: controller.signal, onText: () => { began = true; } });
  const end = assert.rejects(call);
  await Promise.race([eventually(() => began && provider.requests.length > count, 'the answer began'), end.then(() => {
    throw new Error('the call ended by itself');
  })]);
  const { left } = provider.requests.at(-1);
  const start = performance.now();
  controller.abort();
  let patience;
  const deadline = new Promise((_, reject) => {
    patience = setTimeout(() => reject(new Error('the provider\'s connection stayed open')), 5_000);
  });
  const took = (await Promise.race([left, deadline])) - start;
  clearTimeout(patience);
  await end;
  t.diagnostic(`the provider's connection closed after ${took.toFixed(1)} ms (goal ${abortGoal} ms)`);
  assert.ok(took <= abortDeadline, `${took} ms`);
}

/** The client gets what there was, and then an exception: never a quiet end. */
async function broken({ driver, client, model, vendor }, text) {
  let said = '';
  await assert.rejects(driver.say(client, model, text, { stream: true, onText: (piece) => { said += piece; } }));
  assert.equal(said, `Hello from ${vendor}. ${greeting} System: `);
}

/** name → test of {driver, client, model, provider, vendor, t}. */
export const scenes = {
  'chat, whole and streamed': async (on) => {
    const { text, finish } = await wholeAndStreamed(on, 'Say hello. [plain]', { system: 'Be brief.' });
    assert.equal(text, `Hello from ${on.vendor}. ${greeting} System: Be brief.`);
    assert.equal(finish, 'stop');
  },
  'a long answer': async (on) => {
    assert.equal((await wholeAndStreamed(on, '[long]')).text, long);
  },
  'an answer that is cut by the limit': async (on) => {
    const { text, finish } = await wholeAndStreamed(on, '[limit]', { limit: 2000 });
    assert.deepEqual([text, finish], ['This is cut', 'length']);
  },
  'a picture': async (on) => {
    assert.equal((await wholeAndStreamed(on, 'What is this? [image]', { image: picture })).text, pictureText);
  },
  'three turns of tools, whole': async ({ driver, client, model }) => {
    assert.deepEqual(await driver.loop(client, model, '[tools]'), { text: toolsText, rounds: 2 });
  },
  'three turns of tools, streamed': async ({ driver, client, model }) => {
    assert.deepEqual(await driver.loop(client, model, '[tools]', { stream: true }), { text: toolsText, rounds: 2 });
  },
  'structured output': async ({ driver, client, model }) => {
    assert.deepEqual(await driver.structured(client, model), sample(schema));
  },
  'an abort while waiting': (on) => abort(on, false),
  'an abort in the middle of a stream': (on) => abort(on, true),
  'a stream that is torn': (on) => broken(on, '[torn]'),
  'an error after the content of a stream': (on) => broken(on, '[mid-error]'),
};

/** The client may read what was thought, it comes back with the next request, and its signature holds. */
export async function thinking({ driver, client, model, t }, expected) {
  for (const stream of [false, true]) {
    const { text, rounds, thoughts } = await driver.loop(client, model, '[think]', { stream, think: true });
    t.diagnostic(`${stream ? 'streamed' : 'whole'}: ${text}`);
    assert.deepEqual([text, rounds], [expected, 1], stream ? 'streamed' : 'whole');
    if (expected === 'signature ok' && thoughts !== undefined) {
      assert.equal(thoughts, thought, stream ? 'streamed' : 'whole');
    }
  }
}

/** Two vendors answer a conversation with tools by turns, and neither must see what the other one thought. */
export async function vendorChanges({ driver, client, model }, options = {}) {
  for (const stream of [false, true]) {
    const { text, rounds } = await driver.loop(client, model, '[tools]', { stream, think: true, ...options });
    assert.deepEqual([text, rounds], [toolsText, 2], stream ? 'streamed' : 'whole');
  }
}

/** Runs `scene`; when it fails, the error says what the provider, or one of several, refused meanwhile. */
export async function explained({ provider }, scene) {
  const all = [provider].flat();
  const seen = all.map(({ refusals }) => refusals.length);
  const refused = () => all.flatMap(({ refusals }, i) => refusals.slice(seen[i]));
  try {
    await scene();
  } catch (error) {
    const why = refused();
    error.message += why.length > 0 ? `\n  REFUSED ${why.join('\n  REFUSED ')}` : '\n  (the provider refused nothing)';
    throw error;
  }
  assert.deepEqual(refused(), [], 'the provider refused nothing');
}
