// Scenes of one SDK only: its own parameters, forms of history, ways to force a call, and schemas. Here a provider mostly
// has to take what comes; what it answers is checked where it depends on that.
//
// Each is name → async ({client, model, vendor, native}); `native`: the SDK is that of the model's vendor.

import assert from 'node:assert/strict';

import { Type } from '@google/genai';

import { anthropic, google, googleBeta, highOnly, openaiChat, openaiResponses, picture, pictureText, schema } from './drivers.mjs';
import { sample } from './providers/strict.mjs';

const ownRules = /^(gpt|claude-opus-5-5|gemini-(2|4))/;  // models with rules of their own: not everything goes natively
const everyKeyword = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  title: 'Every keyword',
  properties: {
    text: { type: 'string', minLength: 1, maxLength: 9, pattern: '^a', default: 'a', examples: ['a'], format: 'email' },
    number: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5, maximum: 9 },
    fixed: { const: 'only' },
    either: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    maybe: { type: ['string', 'null'] },
    list: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 2, uniqueItems: true },
    open: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object' },
  },
  required: ['text'],
  $defs: { item: { type: 'object', properties: { id: { type: 'integer' } }, additionalProperties: false } },
};
const bare = { type: 'object', properties: {} };

// The models of OpenAI that think take none, which the gateway answers with 400.
const stops = (vendor, name) => (vendor === 'openai' ? {} : { [name]: ['###'] });
const openaiTool = (name, parameters) => ({ type: 'function', function: { name, ...(parameters && { parameters }) } });
const user = (content) => ({ role: 'user', content });

export const extras = new Map();

extras.set(openaiChat, {
  'parameters that only some take': async ({ client, model, native }) => {
    if (!native) {
      const reply = await client.chat.completions.create({ model, messages: [user('[plain]')], temperature: 0.7, top_p: 0.9, seed: 5,
        presence_penalty: 0.1, frequency_penalty: 0.1, logit_bias: { 50: 1 }, user: 'u-1', stop: ['###'], verbosity: 'low', n: 1,
        metadata: { a: 'b' }, store: true, service_tier: 'auto', prompt_cache_key: 'k', max_tokens: 2000, logprobs: false });
      assert.match(reply.choices[0].message.content, /^Hello/);
    }
  },
  'every effort': async ({ client, model, native }) => {
    for (const reasoning_effort of native ? ['low', 'high'] : ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']) {
      await client.chat.completions.create({ model, messages: [user('[plain]')], reasoning_effort });
    }
  },
  'a long history': async ({ client, model }) => {
    const reply = await client.chat.completions.create({ model, messages: [
      { role: 'developer', content: 'One.' }, { role: 'system', content: [{ type: 'text', text: 'Two.' }] }, user('Hi'), user('Are you there?'),
      { role: 'assistant', content: 'Yes.' }, user('Look it up.'),
      { role: 'assistant', content: '', tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'look', arguments: '' } }] },
      { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'found' }] },
      { role: 'developer', content: 'Three.' }, { role: 'assistant', content: 'It is there.' }, user('[plain]')] });
    assert.match(reply.choices[0].message.content, /^Hello .*One\.\n(.*\n)*Two\./s);
  },
  'a forced call': async ({ client, model }) => {
    const tools = openaiChat.tools.map(({ function: { strict: _, ...about } }) => ({ type: 'function', function: about }));
    for (const tool_choice of ['required', { type: 'function', function: { name: 'get_weather' } }]) {
      const reply = await client.chat.completions.create({ model, messages: [user('[tools]')], tools, tool_choice, parallel_tool_calls: false });
      assert.equal(reply.choices[0].message.tool_calls[0].function.name, 'get_weather');
    }
    await client.chat.completions.create({ model, messages: [user('[plain]')], tools, tool_choice: 'none' });
  },
  'tools with every keyword, and without parameters': async ({ client, model }) => {
    await client.chat.completions.create({ model, messages: [user('[plain]')],
      tools: [openaiTool('every', everyKeyword), openaiTool('bare', bare), openaiTool('none'), openaiTool('1-digit', bare)] });
  },
  'structured output with every keyword': async ({ client, model }) => {
    const call = client.chat.completions.create({ model, messages: [user('[schema]')],
      response_format: { type: 'json_schema', json_schema: { name: 'every', schema: everyKeyword } } });
    if (model === 'claude-opus-5-5') {  // open objects need a forced call there, and this model cannot be forced
      await assert.rejects(call, { status: 400, param: 'response_format' });
      return;
    }
    const reply = await call;
    assert.equal(JSON.parse(reply.choices[0].message.content).fixed, 'only');
  },
  'structured output beside tools': async ({ client, model }) => {
    for (const stream of [false, true]) {
      const body = { model, messages: [user('[schema]')], tools: openaiChat.tools,
                     response_format: { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } } };
      const reply = stream ? await client.chat.completions.stream(body).finalChatCompletion() : await client.chat.completions.create(body);
      assert.equal(reply.choices[0].finish_reason, 'stop');
      assert.deepEqual(JSON.parse(reply.choices[0].message.content), sample(schema));
    }
  },
  'JSON without a schema': async ({ client, model }) => {
    await client.chat.completions.create({ model, messages: [user('JSON, please [plain]')], response_format: { type: 'json_object' } });
  },
});

extras.set(openaiResponses, {
  'parameters that only some take': async ({ client, model, native }) => {
    await client.responses.create({ model, input: '[plain]', max_output_tokens: 2000, metadata: { a: 'b' }, user: 'u-1', truncation: 'auto',
      service_tier: 'auto', prompt_cache_key: 'k', text: { verbosity: 'low' }, ...(!native && { temperature: 0.7, top_p: 0.9 }) });
  },
  'every effort': async ({ client, model, native }) => {
    for (const effort of native ? (highOnly(model) ? ['high'] : ['low', 'high']) : ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']) {
      await client.responses.create({ model, input: '[plain]', reasoning: { effort } });
    }
  },
  'a long history': async ({ client, model }) => {
    const reply = await client.responses.create({ model, instructions: 'One.', store: false, input: [
      { role: 'developer', content: [{ type: 'input_text', text: 'Two.' }] }, user('Hi'),
      { role: 'assistant', content: [{ type: 'output_text', text: 'Yes.', annotations: [] }] }, user('Look it up.'),
      { type: 'function_call', call_id: 'call_a', name: 'look', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_a', output: [{ type: 'input_text', text: 'found' }] },
      { role: 'assistant', content: 'It is there.' }, user('[plain]')] });
    assert.match(reply.output_text, /^Hello .*One\.\n(.*\n)*Two\./s);
  },
  'a forced call': async ({ client, model }) => {
    const tools = openaiResponses.tools.map((tool) => ({ ...tool, strict: false }));
    for (const tool_choice of ['required', { type: 'function', name: 'get_weather' }]) {
      const reply = await client.responses.create({ model, input: '[tools]', tools, tool_choice, store: false });
      assert.ok(reply.output.some(({ type, name }) => type === 'function_call' && name === 'get_weather'));
    }
  },
  'tools with every keyword, and without parameters': async ({ client, model }) => {
    const tool = (name, parameters) => ({ type: 'function', name, parameters, strict: false });
    await client.responses.create({ model, input: '[plain]', tools: [tool('every', everyKeyword), tool('bare', bare)] });
  },
});

const claudeCall = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_a', name: 'look', input: {} }] };
extras.set(anthropic, {
  'its parameters': async ({ client, model, vendor, native }) => {
    const mark = { type: 'ephemeral' };
    const reply = await client.messages.create({ model, max_tokens: 4000, ...stops(vendor, 'stop_sequences'), metadata: { user_id: 'u-1' },
      service_tier: 'auto', cache_control: mark, system: [{ type: 'text', text: 'One.', cache_control: mark }, { type: 'text', text: 'Two.' }],
      messages: [user([{ type: 'text', text: '[plain]', cache_control: mark }])],
      tools: [{ ...anthropic.tools[0], cache_control: mark }, anthropic.tools[1]] });
    assert.match(reply.content.find(({ type }) => type === 'text').text, /^Hello .*One\.\n+Two\./s);
    if (!native) {
      for (const effort of ['low', 'medium', 'high', 'xhigh', 'max']) {
        await client.messages.create({ model, max_tokens: 4000, messages: [user('[plain]')], output_config: { effort } });
      }
      for (const thinking of [{ type: 'disabled' }, { type: 'adaptive' }, { type: 'enabled', budget_tokens: 1024 }, { type: 'between_tools' }]) {
        await client.messages.create({ model, max_tokens: 4000, messages: [user('[plain]')], thinking });
      }
    }
  },
  'a picture in a result, and a result that is an error': async ({ client, model }) => {
    const data = picture.toString('base64');
    const look = { name: 'look', input_schema: bare };
    const reply = await client.messages.create({ model, max_tokens: 4000, tools: [look], messages: [user('Look. [image]'), claudeCall,
      user([{ type: 'tool_result', tool_use_id: 'toolu_a', content: [{ type: 'text', text: 'Here:' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }] }])] });
    assert.equal(reply.content.find(({ type }) => type === 'text').text, pictureText);
    await client.messages.create({ model, max_tokens: 4000, tools: [look], messages: [user('[plain]'), claudeCall,
      user([{ type: 'tool_result', tool_use_id: 'toolu_a', is_error: true, content: 'It broke.' }, { type: 'text', text: 'Go on.' }])] });
  },
  'results without content': async ({ client, model }) => {
    await client.messages.create({ model, max_tokens: 4000, tools: [{ name: 'look', input_schema: bare }],
      messages: [user('[plain]'), claudeCall, user([{ type: 'tool_result', tool_use_id: 'toolu_a' }])] });
  },
  'a forced call': async ({ client, model, native }) => {
    for (const tool_choice of [{ type: 'any' }, { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true }]) {
      if (!native || !ownRules.test(model)) {
        const reply = await client.messages.create({ model, max_tokens: 4000, messages: [user('[tools]')], tools: anthropic.tools, tool_choice });
        assert.ok(reply.content.some(({ type, name }) => type === 'tool_use' && name === 'get_weather'));
      }
    }
    await client.messages.create({ model, max_tokens: 4000, messages: [user('[plain]')], tools: anthropic.tools, tool_choice: { type: 'none' } });
  },
  'tools with every keyword, and without parameters': async ({ client, model }) => {
    await client.messages.create({ model, max_tokens: 4000, messages: [user('[plain]')],
      tools: [{ name: 'every', input_schema: everyKeyword }, { name: 'bare', input_schema: { type: 'object' } }] });
  },
});

const contents = '[plain]';
const googleScenes = {
  'its parameters': async ({ client, model, vendor, native }) => {
    const safety = { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' };
    await client.models.generateContent({ model, contents, config: { temperature: 0.7, topP: 0.9, topK: 40, seed: 5, maxOutputTokens: 2000,
      ...stops(vendor, 'stopSequences'), candidateCount: 1, safetySettings: [safety], ...(!native && { presencePenalty: 0.1, frequencyPenalty: 0.1 }) } });
    if (!native) {
      for (const thinkingConfig of [{ thinkingBudget: 0 }, { thinkingBudget: -1 }, { thinkingBudget: 5000 }, { thinkingLevel: 'MINIMAL' },
                                    { thinkingLevel: 'HIGH', includeThoughts: true }]) {
        await client.models.generateContent({ model, contents, config: { thinkingConfig } });
      }
    }
  },
  'schemas in Google\'s own words': async ({ client, model }) => {
    const own = { type: Type.OBJECT, properties: {
      name: { type: Type.STRING, nullable: true, description: 'A name' }, list: { type: Type.ARRAY, items: { type: Type.INTEGER }, minItems: '1' },
      kind: { type: Type.STRING, enum: ['small', 'large'], format: 'enum' } }, required: ['name', 'list', 'kind'],
      propertyOrdering: ['kind', 'name', 'list'] };
    await client.models.generateContent({ model, contents, config: { tools: [{ functionDeclarations: [
      { name: 'own', description: 'Own words', parameters: own }, { name: 'bare', description: 'No parameters' }] }] } });
    const reply = await client.models.generateContent({ model, contents: '[schema]',
      config: { responseMimeType: 'application/json', responseSchema: own } });
    const found = JSON.parse(reply.text);
    assert.deepEqual(Object.keys(found).sort(), ['kind', 'list', 'name']);
    assert.equal(found.kind, 'small');
  },
  'a forced call': async ({ client, model }) => {
    for (const functionCallingConfig of [{ mode: 'ANY' }, { mode: 'ANY', allowedFunctionNames: ['get_weather'] }, { mode: 'VALIDATED' }]) {
      const reply = await client.models.generateContent({ model, contents: '[tools]',
        config: { tools: google.tools, toolConfig: { functionCallingConfig } } });
      assert.equal(reply.functionCalls[0].name, 'get_weather');
    }
    await client.models.generateContent({ model, contents, config: { tools: google.tools, toolConfig: { functionCallingConfig: { mode: 'NONE' } } } });
  },
  'tools with every keyword': async ({ client, model, native }) => {
    if (!native) {
      await client.models.generateContent({ model, contents,
        config: { tools: [{ functionDeclarations: [{ name: 'every', description: 'All', parametersJsonSchema: everyKeyword }] }] } });
    }
  },
  'a history without ids': async ({ client, model, native }) => {
    if (!native || !/3|4/.test(model)) {
      const call = (city) => ({ functionCall: { name: 'get_weather', args: { city } } });
      const answer = (output) => ({ functionResponse: { name: 'get_weather', response: { output } } });
      await client.models.generateContent({ model, config: { tools: google.tools }, contents: [
        { role: 'user', parts: [{ text: 'Both, please. [plain]' }] }, { role: 'model', parts: [call('Rome'), call('Oslo')] },
        { role: 'user', parts: [answer('18'), answer('-3')] }] });
    }
  },
};
extras.set(google, googleScenes);
extras.set(googleBeta, googleScenes);
