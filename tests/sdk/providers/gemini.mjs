// A strict Gemini API, under /v1 (which Google's SDKs ask for since 3.0) and /v1beta: generateContent whole, as events and
// as an array, thought signatures, counting, embeddings, models.

import { GeminiRequests, models, sentinel } from './gemini_requests.mjs';
import { Refusal, answering, cachedTokens, image, inputTokens, pieces, play, sceneOf, sign } from './strict.mjs';

export const geminiKey = 'AIza-strict-canary';
export const dimensions = 3072;
const embedders = ['gemini-embedding-001'];

export class GeminiProvider extends GeminiRequests {
  #count = 0;

  get url() {
    return `${this.origin}/v1beta`;
  }

  answer(record, response) {
    const { headers, query, body } = record;
    const path = decodeURIComponent(record.path);
    if ((headers['x-goog-api-key'] ?? query.get('key')) !== geminiKey) {
      this.refuse('API key not valid. Please pass a valid API key.', null, 400,
                  [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }]);
    }
    const [, name, verb] = /^\/v1(?:beta)?\/models\/([^:]+):(\w+)$/.exec(path) ?? [];
    switch (record.method === 'POST' ? verb : 'get') {
      case 'generateContent':
      case 'streamGenerateContent':
        return this.#generate(record, name, verb, response);
      case 'countTokens':
        return this.#countTokens(name, body, response);
      case 'batchEmbedContents':
        this.only(body, ['requests'], '');
        if (this.list(body.requests, 'requests').length > 100) {
          this.refuse('BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch');
        }
        body.requests.forEach((request) => this.#checkEmbed(name, request));
        return this.json(response, { embeddings: body.requests.map((request) => this.#embed(request)) });
      case 'embedContent':
        this.#checkEmbed(name, body);
        return this.json(response, { embedding: this.#embed(body) });
      default:
        return this.#models(path, response);
    }
  }

  #models(path, response) {
    const describe = (id) => ({ name: `models/${id}`, displayName: id, inputTokenLimit: 1048576, outputTokenLimit: 65536,
                                supportedGenerationMethods: ['generateContent', 'countTokens'] });
    const [, name] = /^\/v1(?:beta)?\/models(?:\/(.+))?$/.exec(path) ?? this.refuse('Not found', null, 404);
    if (name && !models[name]) {
      this.refuse(`models/${name} is not found for API version v1beta`, null, 404);
    }
    return this.json(response, name ? describe(name) : { models: Object.keys(models).map(describe) });
  }

  #countTokens(name, body, response) {
    this.only(body, ['contents', 'generateContentRequest'], '');
    if ('contents' in body === 'generateContentRequest' in body) {
      this.refuse('One of contents and generateContentRequest must be given.');
    }
    const { model, ...request } = body.generateContentRequest ?? { model: `models/${name}`, ...body };
    if (model !== `models/${name}`) {
      this.refuse(`The model of the request, ${model}, is not that of the path.`);
    }
    this.check(name, request);
    this.json(response, { totalTokens: inputTokens });
  }

  #checkEmbed(name, request) {
    this.only(request, ['model', 'content', 'taskType', 'title', 'outputDimensionality'], 'requests');
    if (request.model !== `models/${name}` || !embedders.includes(name)) {
      this.refuse(`models/${name} is not found for API version v1beta, or is not the model of the request: ${request.model}`, null, 404);
    }
    this.list(request.content?.parts, 'content.parts').forEach((part) => this.string(part.text, 'content.parts.text'));
  }

  /** Not normalised, as vectors below full length are not. */
  #embed({ outputDimensionality = dimensions }) {
    return { values: Array.from({ length: outputDimensionality }, (_, i) => (i < 2 ? 3 - 7 * i : 0)) };
  }

  #generate(record, name, verb, response) {
    const { body } = record;
    const model = this.check(name, body);
    const scene = sceneOf(body.contents.map(({ role, parts }) => (role === 'model' ? '' : parts.map(({ text }) => text ?? '').join('\n'))));
    record.scene = scene.name;
    if (scene.name === 'error') {
      const status = scene.number === 529 ? 503 : scene.number;
      const details = status === 429 ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '20s' }] : undefined;
      throw new Refusal(status, this.error(status, `scripted ${scene.number}`, details), { scripted: true });
    }
    const since = body.contents.slice(scene.at + 1);
    const calls = since.flatMap(({ parts }) => parts.filter(({ functionCall }) => functionCall));
    const responses = since.flatMap(({ parts }) => parts.flatMap(({ functionResponse }) => functionResponse ?? []));
    const config = body.generationConfig ?? {};
    const { thinkingConfig: thinking = {} } = config;
    const answer = play({
      scene, vendor: 'gemini', schema: this.#schemaOf(body), thinks: model.thinks && thinking.thinkingBudget !== 0,
      system: (body.systemInstruction?.parts ?? []).map(({ text }) => text).join('\n'),
      rounds: since.filter(({ parts }) => parts.some(({ functionCall }) => functionCall)).length,
      signature: calls.some(({ thoughtSignature: mark }) => mark && mark !== sentinel) ? 'ok' : 'missing',
      images: body.contents.flatMap(({ parts }) => parts)
        .flatMap((part) => part.functionResponse?.parts ?? part)
        .filter(({ inlineData }) => inlineData)
        .map(({ inlineData }) => image(inlineData.data, inlineData.mimeType).text),
      results: calls.map(({ functionCall }, i) => ({ args: functionCall.args, text: this.#resultText(responses[i].response) })),
    });
    const parts = this.#parts(name, model, body, answer, thinking.includeThoughts);
    const finishReason = answer.finish === 'length' ? 'MAX_TOKENS' : 'STOP';
    const reply = { name, parts, finishReason, usage: this.#usage(answer.tokens) };
    if (verb === 'streamGenerateContent') {
      return this.#stream(reply, scene, record.query.get('alt') === 'sse', response);
    }
    if (scene.name !== 'endless') {
      this.json(response, this.#chunk(reply, parts, reply.usage, finishReason));
    }
  }

  #resultText(result) {
    return typeof result.output === 'string' && Object.keys(result).length === 1 ? result.output : JSON.stringify(result);
  }

  #usage({ text, thought }) {
    return { promptTokenCount: inputTokens, cachedContentTokenCount: cachedTokens, candidatesTokenCount: text,
             ...(thought > 0 && { thoughtsTokenCount: thought }), totalTokenCount: inputTokens + text + thought,
             promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }], serviceTier: 'standard' };
  }

  #schemaOf(body) {
    const { responseJsonSchema, responseSchema } = body.generationConfig ?? {};
    const forced = this.#forced(body);
    return responseJsonSchema ?? responseSchema ?? forced?.parametersJsonSchema ?? forced?.parameters;
  }

  /** The function that has to be called, if one has. */
  #forced(body) {
    const { mode, allowedFunctionNames: names } = body.toolConfig?.functionCallingConfig ?? {};
    const declared = body.tools?.flatMap((tool) => tool.functionDeclarations ?? []) ?? [];
    return mode === 'ANY' ? answering(declared.filter(({ name }) => !names || names.includes(name))) : undefined;
  }

  #parts(name, model, body, answer, shows) {
    const number = ++this.#count;
    const parts = [];
    if (answer.thought && shows) {
      parts.push({ text: answer.thought, thought: true });
    }
    let { text, calls } = answer;
    if (text.startsWith('{') && this.#forced(body) && !body.generationConfig?.responseMimeType) {
      calls = [{ name: this.#forced(body).name, args: JSON.parse(text) }];
      text = '';
    }
    if (text) {
      parts.push({ text, ...(answer.thought && model.newer && { thoughtSignature: sign('gemini', 'text') }) });
    }
    calls.forEach(({ name: tool, args }, i) => {
      const part = { functionCall: { ...(model.newer && { id: `strict${number}${i}` }), name: tool, args } };
      parts.push(i === 0 && answer.thought ? { ...part, thoughtSignature: this.signature(part) } : part);
    });
    return parts;
  }

  #chunk({ name }, parts, usageMetadata, finishReason) {
    return { candidates: [{ content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }], usageMetadata,
             modelVersion: name, responseId: `strict${this.#count}` };
  }

  #stream(reply, scene, events, response) {
    response.writeHead(200, { 'content-type': events ? 'text/event-stream' : 'application/json; charset=UTF-8' });
    let first = true;
    const send = (chunk) => {
      response.write(events ? `data: ${JSON.stringify(chunk)}\r\n\r\n` : `${first ? '[' : ',\r\n'}${JSON.stringify(chunk)}`);
      first = false;
    };
    const early = { promptTokenCount: inputTokens, totalTokenCount: inputTokens };
    let mark;
    for (const { text, thoughtSignature, ...part } of reply.parts) {
      if (text === undefined) {
        send(this.#chunk(reply, [{ ...part, ...(thoughtSignature && { thoughtSignature }) }], early));
        continue;
      }
      pieces(text).forEach((piece) => send(this.#chunk(reply, [{ ...part, text: piece }], early)));
      mark = thoughtSignature ?? mark;
    }
    if (scene.name === 'endless') {
      return;
    }
    if (scene.name === 'torn') {
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (scene.name === 'mid-error') {  // bare JSON among the events
      response.end(JSON.stringify(this.error(503, 'The model is overloaded.'), null, 2));
      return;
    }
    send(this.#chunk(reply, [{ text: '', ...(mark && { thoughtSignature: mark }) }], reply.usage, reply.finishReason));
    response.end(events ? '' : ']');
  }
}
