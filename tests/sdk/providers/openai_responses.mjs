// The Responses API of the strict OpenAI: items, thoughts as encrypted content, stored replies.

import { cachedTokens, inputTokens, pieces, play, sceneOf, sign } from './strict.mjs';

const fields = ['access_programs', 'background', 'context_management', 'conversation', 'image', 'include', 'input', 'instructions',
                'max_output_tokens', 'max_tool_calls', 'metadata', 'model', 'moderation', 'parallel_tool_calls',
                'previous_response_id', 'prompt', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'reasoning',
                'safety_identifier', 'service_tier', 'store', 'stream', 'stream_options', 'temperature', 'text', 'tool_choice',
                'tools', 'top_logprobs', 'top_p', 'truncation', 'user'];
const countFields = ['conversation', 'input', 'instructions', 'model', 'parallel_tool_calls', 'personality', 'previous_response_id',
                     'reasoning', 'text', 'tool_choice', 'tools', 'truncation'];
const itemFields = {
  message: ['type', 'role', 'content', 'id', 'status', 'phase'],
  function_call: ['type', 'id', 'call_id', 'name', 'arguments', 'status', 'namespace', 'async', 'caller'],
  function_call_output: ['type', 'id', 'call_id', 'output', 'status', 'caller'],
  reasoning: ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'],
};

export class Responses {
  #provider;
  #kept = new Map();  // id → all items up to and with the reply's
  #count = 0;

  constructor(provider) {
    this.#provider = provider;
  }

  count({ body }, response) {
    this.#provider.only(body, countFields, '');
    this.#provider.json(response, { object: 'response.input_tokens', input_tokens: inputTokens });
  }

  answer(record, response) {
    const { body } = record;
    const provider = this.#provider;
    provider.only(body, fields, '');
    provider.checkModel(body, body.reasoning?.effort ?? undefined);
    this.#checkOptions(body);
    const own = typeof body.input === 'string' ? [{ type: 'message', role: 'user', content: body.input }]
      : provider.list(body.input, 'input').map((item) => ({ type: 'message', ...item }));
    const before = !body.previous_response_id ? [] : this.#kept.get(body.previous_response_id)
      ?? provider.refuse(`Previous response with id '${body.previous_response_id}' not found.`, 'previous_response_id', 400,
                         'previous_response_not_found');
    const items = [...before, ...own];
    const images = this.#check(items);
    const textOf = (content) => (typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n'));
    const scene = sceneOf(items.map((item) => (item.type === 'message' && item.role === 'user' ? textOf(item.content) : '')));
    record.scene = scene.name;
    if (scene.name === 'error') {
      provider.refuseScripted(scene.number);
    }
    const since = items.slice(scene.at + 1);
    const calls = since.filter(({ type }) => type === 'function_call');
    const thoughts = since.filter(({ type }) => type === 'reasoning');
    const answer = play({
      scene, vendor: 'openai', images, schema: body.text?.format?.schema, thinks: (body.reasoning?.effort ?? 'none') !== 'none',
      system: [body.instructions, ...items.filter(({ role }) => /system|developer/.test(role)).map(({ content }) => textOf(content))]
        .filter(Boolean).join('\n'),
      // Calls of one turn stand together; each run of results ends a round.
      rounds: since.filter((item, i) => item.type === 'function_call_output' && since[i + 1]?.type !== 'function_call_output').length,
      signature: thoughts.some((item) => item.encrypted_content || before.includes(item)) ? 'ok' : 'missing',
      results: calls.map((call) => ({
        args: JSON.parse(call.arguments),
        text: textOf(since.find((item) => item.type === 'function_call_output' && item.call_id === call.call_id).output),
      })),
    });
    const reply = this.#reply(body, answer);
    if (body.store !== false) {
      this.#kept.set(reply.id, [...items, ...reply.output]);
    }
    if (body.stream) {
      return this.#stream(reply, scene, response);
    }
    if (scene.name !== 'endless') {
      provider.json(response, reply, { 'x-request-id': 'req_strict' });
    }
  }

  #checkOptions(body) {
    const provider = this.#provider;
    body.tools?.forEach((tool, i) => {
      provider.only(tool, ['type', 'name', 'description', 'parameters', 'strict', 'allowed_callers', 'async', 'defer_loading',
                           'output_schema'], `tools[${i}]`);
      provider.checkFunction(tool, `tools[${i}]`);
    });
    if (body.text) {
      provider.only(body.text, ['format', 'verbosity'], 'text');
      if (body.text.format?.type === 'json_schema') {
        provider.checkSchemaFormat(body.text.format, 'text.format');
      }
    }
    if (body.reasoning) {
      provider.only(body.reasoning, ['effort', 'summary', 'context', 'mode', 'generate_summary'], 'reasoning');
    }
  }

  #check(items) {
    const provider = this.#provider;
    const images = [];
    items.forEach((item, i) => {
      const path = `input[${i}]`;
      provider.only(item, itemFields[item.type] ?? provider.refuse(`Invalid value: '${item.type}'.`, `${path}.type`), path);
      if (item.type === 'message') {
        this.#checkMessage(item, path, images);
      } else if (item.type === 'function_call') {
        provider.string(item.call_id, `${path}.call_id`, /^.{1,64}$/);
        provider.string(item.arguments, `${path}.arguments`);
        if (item.id !== undefined) {
          provider.string(item.id, `${path}.id`, /^fc_/);
        }
        if (items.filter((other) => other.type === 'function_call_output' && other.call_id === item.call_id).length !== 1) {
          provider.refuse(`No tool output found for function call ${item.call_id}.`, 'input');
        }
      } else if (item.type === 'function_call_output') {
        if (Array.isArray(item.output)) {
          this.#checkParts(item.output, 'user', `${path}.output`, images);
        }
        if (!items.slice(0, i).some((other) => other.type === 'function_call' && other.call_id === item.call_id)) {
          provider.refuse(`No tool call found for function call output with call_id ${item.call_id}.`, 'input');
        }
      } else {
        provider.string(item.id, `${path}.id`, /^rs_/);
        if (item.encrypted_content && item.encrypted_content !== sign('openai', item.id)) {
          provider.refuse('The encrypted content could not be verified.', path, 400, 'invalid_encrypted_content');
        }
        if (!['function_call', 'message'].includes(items[i + 1]?.type)) {
          provider.refuse(`Item '${item.id}' of type 'reasoning' was provided without its required following item.`, 'input');
        }
      }
    });
    return images;
  }

  #checkMessage(item, path, images) {
    const provider = this.#provider;
    if (!['user', 'assistant', 'system', 'developer'].includes(item.role)) {
      provider.refuse(`Invalid value: '${item.role}'.`, `${path}.role`);
    }
    if (typeof item.content === 'string') {
      return;
    }
    this.#checkParts(item.content, item.role, `${path}.content`, images);
  }

  #checkParts(parts, role, path, images) {
    const provider = this.#provider;
    provider.list(parts, path).forEach((part, at) => {
      const where = `${path}[${at}]`;
      const known = role === 'assistant'
        ? { output_text: ['type', 'text', 'annotations', 'logprobs'], refusal: ['type', 'refusal'] }
        : { input_text: ['type', 'text', 'prompt_cache_breakpoint'], input_image: ['type', 'image_url', 'file_id', 'detail'],
            input_file: ['type', 'file_data', 'file_id', 'file_url', 'filename', 'detail'] };
      provider.only(part, known[part?.type] ?? provider.refuse(`Invalid value: '${part?.type}'.`, `${where}.type`), where);
      if (part.type === 'input_image') {
        images.push(provider.checkImage(part.image_url, `${where}.image_url`));
      }
    });
  }

  #reply(body, answer) {
    const number = ++this.#count;
    const output = [];
    if (answer.thought) {
      const id = `rs_strict${number}`;
      const shown = body.reasoning?.summary ? [{ type: 'summary_text', text: answer.thought }] : [];
      const sealed = body.include?.includes('reasoning.encrypted_content');
      output.push({ id, type: 'reasoning', summary: shown, ...(sealed && { encrypted_content: sign('openai', id) }) });
    }
    if (answer.text) {
      output.push({ id: `msg_strict${number}`, type: 'message', status: 'completed', role: 'assistant',
                    content: [{ type: 'output_text', text: answer.text, annotations: [], logprobs: [] }] });
    }
    answer.calls.forEach(({ name, args }, i) => output.push(
      { id: `fc_strict${number}x${i}`, type: 'function_call', status: 'completed', call_id: `call_strict${number}r${i}`, name,
        arguments: JSON.stringify(args) }));
    const tokens = answer.tokens.text + answer.tokens.thought;
    const cut = answer.finish === 'length';
    return {
      id: `resp_strict${number}`, object: 'response', created_at: 1700000000 + number, status: cut ? 'incomplete' : 'completed',
      background: false, error: null, incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
      instructions: body.instructions ?? null, max_output_tokens: body.max_output_tokens ?? null, model: body.model, output,
      parallel_tool_calls: body.parallel_tool_calls ?? true, previous_response_id: body.previous_response_id ?? null,
      reasoning: { effort: body.reasoning?.effort ?? null, summary: null }, store: body.store ?? true, temperature: 1,
      text: body.text ?? { format: { type: 'text' } }, tool_choice: body.tool_choice ?? 'auto', tools: body.tools ?? [], top_p: 1,
      truncation: 'disabled', metadata: {},
      usage: { input_tokens: inputTokens, input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 2 },
               output_tokens: tokens, output_tokens_details: { reasoning_tokens: answer.tokens.thought }, total_tokens: inputTokens + tokens },
    };
  }

  #stream(reply, scene, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_strict' });
    let number = 0;
    const send = (type, more) => response.write(
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...more })}\n\n`);
    const begun = { ...reply, status: 'in_progress', output: [], usage: null, incomplete_details: null };
    send('response.created', { response: begun });
    send('response.in_progress', { response: begun });
    reply.output.forEach((item, output_index) => {
      const at = { output_index, item_id: item.id };
      const opened = { message: { content: [], status: 'in_progress' }, function_call: { arguments: '', status: 'in_progress' },
                       reasoning: { summary: [] } }[item.type];
      send('response.output_item.added', { output_index, item: { ...item, ...opened } });
      if (item.type === 'message') {
        const [part] = item.content;
        send('response.content_part.added', { ...at, content_index: 0, part: { ...part, text: '' } });
        pieces(part.text).forEach((delta) => send('response.output_text.delta', { ...at, content_index: 0, delta, logprobs: [] }));
        if (scene.name === 'endless') {
          return;
        }
        send('response.output_text.done', { ...at, content_index: 0, text: part.text, logprobs: [] });
        send('response.content_part.done', { ...at, content_index: 0, part });
      } else if (item.type === 'function_call') {
        pieces(item.arguments).forEach((delta) => send('response.function_call_arguments.delta', { ...at, delta }));
        send('response.function_call_arguments.done', { ...at, arguments: item.arguments, name: item.name });
      } else {
        item.summary.forEach((part, summary_index) => {
          send('response.reasoning_summary_part.added', { ...at, summary_index, part: { ...part, text: '' } });
          send('response.reasoning_summary_text.delta', { ...at, summary_index, delta: part.text });
          send('response.reasoning_summary_text.done', { ...at, summary_index, text: part.text });
          send('response.reasoning_summary_part.done', { ...at, summary_index, part });
        });
      }
      send('response.output_item.done', { output_index, item });
    });
    if (scene.name === 'endless') {
      return;
    }
    if (scene.name === 'torn') {
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (scene.name === 'mid-error') {
      send('error', { error: { type: 'server_error', code: 'server_error', message: 'scripted', param: null } });
      response.end();
      return;
    }
    send(`response.${reply.status}`, { response: reply });
    response.end();
  }
}
