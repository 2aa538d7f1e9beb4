// What the strict scripted providers share: a server that keeps every request and every refusal, the play that all three
// perform, and checks for JSON schemas, images and signatures.
//
// A strict provider takes what its own vendor's SDK sends and refuses all else, with its vendor's own error object. What
// it answers depends on a word in brackets in the newest text of the user: see `play`.

import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { crc32, deflateSync } from 'node:zlib';

/** Tokens that every provider counts, in its own way. The input is the same for every request. */
export const inputTokens = 40;
export const cachedTokens = 8;

export const greeting = 'Grüße, 世界 🌍.';
export const thought = 'The user asks for the weather; one look at the station will do.';
export const weatherTools = [
  { name: 'get_weather', description: 'The weather of a city', schema: {
    type: 'object', properties: { city: { type: 'string', description: 'Its name' } }, required: ['city'],
    additionalProperties: false } },
  { name: 'get_time', description: 'The time of a zone', schema: {
    type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'], additionalProperties: false } },
];

/** A request that the provider does not take, or an error that the play asks for. */
export class Refusal extends Error {
  constructor(status, body, { headers = {}, scripted = false } = {}) {
    super(JSON.stringify(body));
    Object.assign(this, { status, body, headers, scripted });
  }
}

export class StrictProvider {
  constructor() {
    this.requests = [];  // {method, path, query, headers, body, left: Promise<time at which the caller went away>}
    this.refusals = [];  // sentences that say what was wrong with which request
    this.server = createServer((request, response) => this.#serve(request, response));
  }

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  async #serve(request, response) {
    const url = new URL(request.url, 'http://provider');
    const record = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers };
    record.left = new Promise((resolve) => {
      response.once('close', () => { if (!response.writableFinished) resolve(performance.now()); });
    });
    const parts = [];
    try {
      for await (const part of request) {
        parts.push(part);
      }
    } catch {
      return;  // the caller left while sending
    }
    record.raw = Buffer.concat(parts).toString();
    this.requests.push(record);
    try {
      try {
        record.body = record.raw === '' ? undefined : JSON.parse(record.raw);
      } catch {
        this.refuse('The body is not JSON.');
      }
      await this.answer(record, response);
    } catch (error) {
      const known = error instanceof Refusal;
      if (!known || !error.scripted) {
        this.refusals.push(`${record.method} ${request.url}: ${known ? error.message : error.stack}\n    ${record.raw}`);
      }
      if (response.headersSent) {
        return response.destroy();
      }
      response.writeHead(known ? error.status : 500, { 'content-type': 'application/json', ...error.headers });
      response.end(JSON.stringify(known ? this.errorBody(error, record) : { error: { message: 'The script broke.' } }));
    }
  }

  errorBody(error) {
    return error.body;
  }

  /** Fails the request when `value` is no object or has a key that is not in `known`. */
  only(value, known, path) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      this.refuse(`${path || 'body'}: an object is expected.`, path);
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) {
        this.refuseUnknown(key, path);
      }
    }
    return value;
  }

  list(value, path) {
    if (!Array.isArray(value) || value.length === 0) {
      this.refuse(`${path}: an array with at least one element is expected.`, path);
    }
    return value;
  }

  string(value, path, pattern = /[^]/) {
    if (typeof value !== 'string' || !pattern.test(value)) {
      this.refuse(`${path}: a string that matches ${pattern} is expected.`, path);
    }
    return value;
  }

  json(response, body, headers = {}) {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  }

  /** Fails when a node of a JSON schema, of which anything else goes, has a type that JSON does not have. */
  types(node, path) {
    if (node === null || typeof node !== 'object') {
      return;
    }
    const names = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
    if (!Array.isArray(node) && typeof (node.type ?? '') !== 'object') {
      if (node.type !== undefined && !names.includes(node.type)) {
        this.refuse(`${path}.type: '${node.type}' is not one of ${names}`, path);
      }
      for (const wrong of ['nullable', 'propertyOrdering'].filter((name) => name in node)) {
        this.refuse(`${path}: '${wrong}' is no keyword of JSON schemas.`, path);
      }
    }
    for (const [name, child] of Object.entries(node)) {
      if (name === 'properties' || name === '$defs') {
        Object.entries(child).forEach(([key, one]) => this.types(one, `${path}.${name}.${key}`));
      } else if (!['enum', 'const', 'default', 'examples', 'required', 'type'].includes(name)) {
        this.types(child, `${path}.${name}`);
      }
    }
  }

  /**
   * Walks a schema. `rules.keywords` are those that may stand in a node; `closed`: every object says that it has no more
   * properties; `allRequired`: and requires all it has.
   */
  schema(node, rules, path, depth = 0) {
    if (depth > 32) {
      this.refuse(`${path}: the schema is nested too deeply.`, path);
    }
    this.only(node, rules.keywords, path);
    const each = (child, name) => this.schema(child, rules, `${path}.${name}`, depth + 1);
    for (const bag of ['properties', '$defs', 'definitions']) {
      Object.entries(node[bag] ?? {}).forEach(([name, child]) => each(child, `${bag}.${name}`));
    }
    for (const row of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
      node[row]?.forEach((child, i) => each(child, `${row}.${i}`));
    }
    if (node.items !== undefined) {
      each(node.items, 'items');
    }
    if ([node.type].flat().includes('object') || node.properties) {
      if (rules.closed && node.additionalProperties !== false) {
        this.refuse(`${path}: 'additionalProperties' is required to be supplied and to be false.`, path);
      }
      const missing = Object.keys(node.properties ?? {}).filter((name) => !node.required?.includes(name));
      if (rules.allRequired && missing.length > 0) {
        this.refuse(`${path}: 'required' must hold every key of properties; missing: ${missing}.`, path);
      }
    }
    rules.more?.(node, path);
  }
}

/** The base-64 text of an image and the type that its sender claims, or why this is none. */
export function image(base64, claimed) {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) {
    return { wrong: 'The image is not canonical base64.' };
  }
  const type = bytes.subarray(1, 4).toString() === 'PNG' ? 'image/png' : 'unknown';
  if (type !== claimed) {
    return { wrong: `The image is said to be ${claimed}, but is ${type}.` };
  }
  return { text: `${type} ${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)} ${bytes.length} bytes` };
}

/** A PNG of one colour. */
export function png(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc((width * 3 + 1) * height, 0);
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk('IHDR', head),
                        chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** What only the vendor can write over `content`, as base64. */
export function sign(vendor, ...content) {
  return createHmac('sha256', `the secret of ${vendor}`).update(JSON.stringify(content)).digest('base64');
}

export function digest(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** Of tools among which a model has to choose to answer to a schema, the one that is for that. */
export function answering(tools) {
  return tools.find(({ name }) => weatherTools.every((tool) => tool.name !== name)) ?? tools[0];
}

/** A value that satisfies `schema` (of those that the tests use). */
export function sample(schema, root = schema) {
  if (schema.$ref) {
    return sample(schema.$ref.split('/').slice(1).reduce((node, name) => node[name], root), root);
  }
  if ('const' in schema) {
    return schema.const;
  }
  if (schema.enum) {
    return schema.enum[0];
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    return sample(choices[0], root);
  }
  const type = [schema.type].flat()[0]?.toLowerCase();
  switch (type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, child]) => [name, sample(child, root)]));
    case 'array':
      return Array.from({ length: Math.max(1, Number(schema.minItems ?? 1)) }, () => sample(schema.items, root));
    case 'integer':
    case 'number':
      return Number(schema.minimum ?? 7);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'été "quoted"\n';
  }
}

/** Which scene the newest marked text asks for: its name, its number if it has one, and where the text stands. */
export function sceneOf(texts) {
  for (let at = texts.length - 1; at >= 0; --at) {
    const found = /\[([a-z-]+)(?: (\d+))?\]/.exec(texts[at] ?? '');
    if (found) {
      return { name: found[1], number: Number(found[2]), at };
    }
  }
  return { name: 'plain', at: texts.length - 1 };
}

/**
 * The answer of a model, in no vendor's words: {thought?, text?, calls: [{name, args}], finish, tokens}.
 *
 * `results` are the tools' results since the scene began, in the order of their calls: {args, text}; `rounds` the number
 * of turns with calls since then; `signature` says whether the thoughts of these turns came back.
 */
export function play({ scene, vendor, system = '', results = [], rounds = 0, schema, images = [], signature, thinks }) {
  const answer = { text: '', calls: [], finish: 'stop' };
  switch (scene.name) {
    case 'long':
      answer.text = Array.from({ length: 400 }, (_, i) => `word${i} ${greeting}`).join('\n');
      break;
    case 'limit':
      answer.text = 'This is cut';
      answer.finish = 'length';
      break;
    case 'tools':
    case 'think':
      if (rounds === 0) {
        const cities = scene.name === 'tools' ? ['Rome', 'Oslo'] : ['Rome'];
        answer.calls = cities.map((city) => ({ name: 'get_weather', args: { city } }));
      } else if (scene.name === 'think') {
        answer.text = `signature ${signature}`;
      } else if (rounds === 1) {
        answer.calls = [{ name: 'get_time', args: { zone: 'Europe/Rome' } }];
      } else {
        answer.text = results.map(({ args, text }) => `${args.city ?? args.zone}=${text}`).join('; ');
      }
      break;
    case 'schema':
      answer.text = schema ? JSON.stringify(sample(schema)) : 'no schema came';
      break;
    case 'image':
      answer.text = images.join(', ') || 'no image came';
      break;
    default:
      answer.text = `Hello from ${vendor}. ${greeting} System: ${system}`;
  }
  if (thinks) {
    answer.thought = thought;
  }
  const words = answer.text.split(/\s+/).filter(Boolean).length;
  answer.tokens = { text: words + 10 * answer.calls.length + 1, thought: answer.thought ? 12 : 0 };
  return answer;
}

/** The text in small pieces that never cut a character. */
export const pieces = (text) => text.match(/[^]{1,9}/gu) ?? [];
