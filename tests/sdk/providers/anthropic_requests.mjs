// What the strict Messages API takes and what it refuses.

import { Refusal, StrictProvider, digest, image, sign } from './strict.mjs';

const allEfforts = ['low', 'medium', 'high', 'xhigh', 'max'];

// wire-format facts of the models that the tests use
export const models = {
  'claude-sonnet-4-5': { thinking: ['enabled', 'disabled'], sampling: true, forced: true, prefill: true, efforts: [], most: 64000 },
  'claude-sonnet-5': { thinking: ['adaptive', 'disabled'], thinks: true, forced: true, system: true, efforts: allEfforts, most: 128000 },
  'claude-opus-5-5': { thinking: ['adaptive'], thinks: true, bound: true, system: true, efforts: allEfforts, most: 128000 },
};

export const fields = ['model', 'max_tokens', 'messages', 'system', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k', 'tools',
                'tool_choice', 'thinking', 'output_config', 'metadata', 'service_tier', 'speed', 'cache_control', 'container',
                'inference_geo', 'diagnostics'];
export const countFields = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control'];
const toolFields = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control', 'eager_input_streaming',
                    'defer_loading', 'input_examples', 'allowed_callers'];
const formats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'];
export const statuses = { 400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 404: 'not_found_error',
                   413: 'request_too_large', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' };

export class AnthropicRequests extends StrictProvider {
  refuse(message, path, status = 400, details = undefined) {
    const error = { type: statuses[status], message, ...(details && { details }) };
    throw new Refusal(status, { type: 'error', error, request_id: 'req_strict' }, { headers: { 'request-id': 'req_strict' } });
  }

  refuseUnknown(key, path) {
    this.refuse(`${path ? `${path}.` : ''}${key}: Extra inputs are not permitted`);
  }

  /** Everything that is wrong with a request is found here. Gives the facts of its model. */
  check(body, headers, known) {
    this.only(body, known, '');
    const model = models[body.model] ?? this.refuse(`model: ${body.model}`, null, 404);
    const sampling = ['temperature', 'top_p', 'top_k'].filter((name) => name in body);
    if (sampling.length > 0) {
      if (headers['anthropic-version'] !== '2023-06-01') {
        this.refuse(`${sampling[0]}: Extra inputs are not permitted`);
      }
      if (!model.sampling) {
        this.refuse(`\`${sampling[0]}\` is deprecated for this model.`);
      }
      if (sampling.includes('temperature') && sampling.includes('top_p')) {
        this.refuse('`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
      }
      if (body.temperature < 0 || body.temperature > 1) {
        this.refuse('temperature: range: 0..1');
      }
      if (body.thinking && body.thinking.type !== 'disabled') {
        this.refuse('`temperature` may only be set to 1 when thinking is enabled.');
      }
    }
    this.#checkThinking(body, model);
    this.#checkTools(body, model);
    if (body.metadata) {
      this.only(body.metadata, ['user_id'], 'metadata');
    }
    body.stop_sequences?.forEach((text, i) => this.string(text, `stop_sequences.${i}`, /\S/));
    if (Array.isArray(body.system)) {
      body.system.forEach((block, i) => this.#block(block, `system.${i}`, ['text']));
    } else if (body.system !== undefined) {
      this.string(body.system, 'system', /./s);
    }
    this.#checkMessages(body, model);
    return model;
  }

  #checkThinking(body, model) {
    const config = this.only(body.output_config ?? {}, ['effort', 'format', 'task_budget'], 'output_config');
    if (config.effort !== undefined && !model.efforts.includes(config.effort)) {
      this.refuse(`This model does not support the effort parameter "${config.effort}".`);
    }
    if (config.format) {
      this.only(config.format, ['type', 'schema'], 'output_config.format');
      this.#strictSchema(config.format.schema, 'output_config.format.schema');
    }
    const { thinking } = body;
    if (!thinking) {
      return;
    }
    this.only(thinking, ['type', 'budget_tokens', 'display'], 'thinking');
    if (!model.thinking.includes(thinking.type)) {
      this.refuse(`thinking.type.${thinking.type} is not supported on this model.`);
    }
    if ((thinking.type === 'enabled') !== ('budget_tokens' in thinking)) {
      this.refuse('thinking.budget_tokens: belongs to `enabled`, and only there');
    }
    if (thinking.type === 'enabled' && (thinking.budget_tokens < 1024 || thinking.budget_tokens >= body.max_tokens)) {
      this.refuse('`max_tokens` must be greater than `thinking.budget_tokens`, and that at least 1024.');
    }
  }

  #checkTools(body, model) {
    const { tools, tool_choice: choice } = body;
    if (tools !== undefined) {
      this.list(tools, 'tools').forEach((tool, i) => {
        const path = `tools.${i}.custom`;
        this.only(tool, toolFields, path);
        this.string(tool.name, `${path}.name`, /^[a-zA-Z0-9_-]{1,64}$/);
        if (tool.input_schema?.type !== 'object') {
          this.refuse(`${path}.input_schema.type: Input should be 'object'`);
        }
        if (['oneOf', 'anyOf', 'allOf'].some((name) => name in tool.input_schema)) {
          this.refuse(`${path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`);
        }
        this.types(tool.input_schema, `${path}.input_schema`);
        if (tool.strict) {
          this.#strictSchema(tool.input_schema, `${path}.input_schema`);
        }
      });
      if (new Set(tools.map(({ name }) => name)).size !== tools.length) {
        this.refuse('tools: Tool names must be unique.');
      }
    }
    if (choice) {
      this.only(choice, choice.type === 'tool' ? ['type', 'name', 'disable_parallel_tool_use']
        : choice.type === 'none' ? ['type'] : ['type', 'disable_parallel_tool_use'], 'tool_choice');
      if (!tools) {
        this.refuse('tool_choice: may only be specified while providing tools.');
      }
      if (['any', 'tool'].includes(choice.type) && (!model.forced || body.thinking?.type === 'enabled')) {
        this.refuse('tool_choice: Thinking may not be enabled when tool_choice forces tool use.');
      }
    }
  }

  #strictSchema(schema, path) {
    this.schema(schema, {
      keywords: ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', 'anyOf', 'allOf', '$ref', '$defs',
                 'definitions', 'description', 'title', 'default', 'format', 'minItems'],
      closed: true,
      more: (node, where) => {
        if (node.minItems > 1) {
          this.refuse(`${where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported`);
        }
        if (node.format !== undefined && !formats.includes(node.format)) {
          this.refuse(`${where}: format '${node.format}' is not supported`);
        }
        if (!['type', 'anyOf', 'allOf', '$ref', 'enum', 'const'].some((name) => name in node)) {
          this.refuse(`${where}: Schema type is missing`);
        }
      },
    }, path);
  }

  #block(block, path, types) {
    const known = {
      text: ['type', 'text', 'cache_control', 'citations'],
      image: ['type', 'source', 'cache_control', 'transformations'],
      document: ['type', 'source', 'title', 'context', 'citations', 'cache_control'],
      thinking: ['type', 'thinking', 'signature'],
      redacted_thinking: ['type', 'data'],
      tool_use: ['type', 'id', 'name', 'input', 'cache_control', 'caller', 'toolset_name'],
      tool_result: ['type', 'tool_use_id', 'content', 'is_error', 'cache_control', 'toolset_name'],
    };
    if (!types.includes(block?.type)) {
      this.refuse(`${path}: Input tag '${block?.type}' found using 'type' does not match any of the expected tags: ${types}`);
    }
    this.only(block, known[block.type], `${path}.${block.type}`);
    if (block.type === 'text' && !/\S/.test(block.text ?? '')) {
      this.refuse(`${path}: text content blocks must be non-empty`);
    }
    if (block.type === 'image') {
      const source = this.only(block.source, ['type', 'media_type', 'data'], `${path}.image.source`);
      const { wrong } = image(source.data ?? '', source.media_type);
      if (wrong) {
        this.refuse(`${path}.image.source: ${wrong}`);
      }
    }
    if (block.type === 'tool_use') {
      this.string(block.id, `${path}.tool_use.id`, /^[a-zA-Z0-9_-]{1,64}$/);
      if (block.input === null || typeof block.input !== 'object' || Array.isArray(block.input)) {
        this.refuse(`${path}.tool_use.input: Input should be a valid dictionary`);
      }
    }
    if (block.type === 'tool_result' && Array.isArray(block.content)) {
      block.content.forEach((inner, i) => this.#block(inner, `${path}.content.${i}`, ['text', 'image', 'document']));
    }
  }

  #checkMessages(body, model) {
    const { messages } = body;
    this.list(messages, 'messages');
    let open = [];  // calls of the message before
    messages.forEach((message, i) => {
      const path = `messages.${i}`;
      this.only(message, ['role', 'content'], path);
      if (!['user', 'assistant', ...(model.system && i > 0 ? ['system'] : [])].includes(message.role)) {
        this.refuse(`${path}: role '${message.role}' is not supported on this model`);
      }
      const types = { user: ['text', 'image', 'document', 'tool_result'], system: ['text'],
                      assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'] }[message.role];
      const content = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
      this.list(content, `${path}.content`).forEach((block, at) => this.#block(block, `${path}.content.${at}`, types));
      const results = content.filter(({ type }) => type === 'tool_result').map((block) => block.tool_use_id);
      if (!results.every((id, at) => content[at].type === 'tool_result' && open.includes(id)) ) {
        this.refuse(`${path}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks, or results that are not first: ${results}`);
      }
      if (new Set(results).size !== results.length) {
        this.refuse(`${path}.content: each tool_use must have a single result.`);
      }
      const without = open.filter((id) => !results.includes(id));
      if (without.length > 0) {
        this.refuse(`${path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${without}.`);
      }
      open = content.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
      if (open.length > 0 && !body.tools) {
        this.refuse('Requests which include `tool_use` or `tool_result` blocks must define tools');
      }
      content.forEach((block, at) => this.#checkThought(body, model, i, block, `${path}.content.${at}`));
      if (message.role === 'assistant' && open.length > 0 && body.thinking?.type === 'enabled' && i >= messages.length - 2
          && !/thinking/.test(content[0].type)) {
        this.refuse(`${path}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${content[0].type}\`.`);
      }
    });
    if (open.length > 0) {
      this.refuse(`messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open}.`);
    }
    if (messages.at(-1).role === 'assistant' && !model.prefill) {
      this.refuse('This model does not support assistant message prefill. The conversation must end with a user message.');
    }
  }

  #checkThought(body, model, at, block, path) {
    if (block.type === 'redacted_thinking') {
      this.refuse(`${path}: Invalid \`data\` in \`redacted_thinking\` block`);
    }
    if (block.type === 'thinking' && block.signature !== this.signature(body, model, at)) {
      this.refuse(`${path}: Invalid \`signature\` in \`thinking\` block.${model.bound ? ' The block is bound to a different conversation.' : ''}`);
    }
  }

  /** Bound models sign all that stood before, the others what they thought. Both stand at `messages[at]`. */
  signature(body, model, at) {
    if (!model.bound) {
      const said = body.messages[at]?.content?.find?.(({ type }) => type === 'thinking')?.thinking;
      return sign('anthropic', said ?? '');
    }
    const plain = (content) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content ?? [])
      .map(({ cache_control: _, caller: __, citations: ___, ...block }) => block);
    const before = body.messages.slice(0, at).map(({ role, content }) => [role, plain(content)]);
    return sign('anthropic', body.model, digest([plain(body.system), body.tools ?? [], before]));
  }
}
