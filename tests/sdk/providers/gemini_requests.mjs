// What the strict Gemini API takes and what it refuses.

import { Refusal, StrictProvider, image, sign } from './strict.mjs';

export const sentinel = 'skip_thought_signature_validator';

const levels = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];
// `newer`: from 3 on, with call ids and signatures
export const models = {
  'gemini-2.5-flash': { budget: true, thinks: true },
  'gemini-3.5-flash': { newer: true, levels, thinks: true, penalties: true, several: true, prefill: true },
  'gemini-4-argon': { newer: true, levels: ['LOW', 'MEDIUM', 'HIGH'], thinks: true, strictText: true },
};

const fields = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'safetySettings', 'generationConfig', 'cachedContent',
                'serviceTier', 'continuationToken', 'store'];
const configFields = ['temperature', 'topP', 'topK', 'candidateCount', 'maxOutputTokens', 'stopSequences', 'presencePenalty',
                      'frequencyPenalty', 'seed', 'responseLogprobs', 'logprobs', 'responseMimeType', 'responseSchema',
                      'responseJsonSchema', 'responseModalities', 'mediaResolution', 'speechConfig', 'imageConfig',
                      'thinkingConfig', 'audioTranscriptionConfig', 'enableEnhancedCivicAnswers'];
const partFields = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'thought', 'thoughtSignature',
                    'executableCode', 'codeExecutionResult', 'videoMetadata', 'mediaResolution', 'partMetadata'];
const jsonSchema = ['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems',
                    'minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required',
                    'propertyOrdering'];
const openApiSchema = ['type', 'format', 'title', 'description', 'nullable', 'enum', 'items', 'minItems', 'maxItems', 'properties',
                       'minProperties', 'maxProperties', 'required', 'minLength', 'maxLength', 'pattern', 'example', 'anyOf',
                       'propertyOrdering', 'default', 'minimum', 'maximum'];
const statuses = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND',
                   429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' };

export class GeminiRequests extends StrictProvider {
  refuse(message, path, status = 400, details = undefined) {
    throw new Refusal(status, this.error(status, message, details));
  }

  refuseUnknown(key, path) {
    this.refuse(`Invalid JSON payload received. Unknown name "${key}" at '${path}': Cannot find field.`);
  }

  error(status, message, details) {
    return { error: { code: status, message, status: statuses[status], ...(details && { details }) } };
  }

  errorBody(error, record) {  // without `alt=sse` a stream is an array, and so are its errors
    return /:stream/.test(record.path) && record.query.get('alt') !== 'sse' ? [error.body] : error.body;
  }

  signature(part) {
    return part.functionCall ? sign('gemini', part.functionCall.name, part.functionCall.args ?? {}) : sign('gemini', 'text');
  }

  /** Everything that is wrong with a request is found here. Gives the facts of its model. */
  check(name, body) {
    const model = models[name] ?? this.refuse(`models/${name} is not found for API version v1beta`, null, 404);
    this.only(body, fields, '');
    const config = this.only(body.generationConfig ?? {}, configFields, 'generation_config');
    const thinking = this.only(config.thinkingConfig ?? {}, ['includeThoughts', 'thinkingBudget', 'thinkingLevel'], 'thinking_config');
    if ('thinkingBudget' in thinking && !model.budget) {
      this.refuse('Thinking budget is not supported for this model.');
    }
    if ('thinkingLevel' in thinking && !model.levels?.includes(thinking.thinkingLevel)) {
      this.refuse(`Thinking level ${thinking.thinkingLevel} is not supported for this model.`);
    }
    if (!model.penalties && ('presencePenalty' in config || 'frequencyPenalty' in config)) {
      this.refuse('Penalty is not enabled for this model');
    }
    if (config.candidateCount > 1 && !model.several) {
      this.refuse('Multiple candidates is not enabled for this model');
    }
    const shaped = ['responseSchema', 'responseJsonSchema'].filter((key) => key in config);
    if (shaped.length > 1 || (shaped.length === 1 && config.responseMimeType !== 'application/json')) {
      this.refuse('A response schema needs the response mime type application/json, and there may be one only.');
    }
    this.#checkSchema(config.responseSchema, openApiSchema, 'response_schema');
    this.#checkSchema(config.responseJsonSchema, jsonSchema, 'response_json_schema');
    this.#checkTools(body, model);
    if (body.systemInstruction) {
      this.only(body.systemInstruction, ['role', 'parts'], 'system_instruction');
      this.list(body.systemInstruction.parts, 'system_instruction.parts').forEach((part) => this.only(part, ['text'], 'system_instruction.parts'));
    }
    this.#checkContents(body, model);
    return model;
  }

  #checkSchema(schema, keywords, path) {
    if (schema === undefined) {
      return;
    }
    const open = keywords === openApiSchema;
    this.schema(schema, { keywords, more: (node, where) => {
      if (open && (typeof node.type !== 'string' || !/^[A-Z]+$/.test(node.type)) && !node.anyOf) {
        this.refuse(`Invalid value at '${where}.type': ${JSON.stringify(node.type)}`);
      }
      if (node.$ref && Object.keys(node).some((key) => !key.startsWith('$'))) {
        this.refuse(`${where}: a node with $ref may hold only keys that begin with $.`);
      }
    } }, path);
  }

  #checkTools(body, model) {
    const declared = [];
    body.tools?.forEach((tool) => {
      this.only(tool, ['functionDeclarations', 'googleSearch', 'codeExecution', 'urlContext'], 'tools');
      this.list(tool.functionDeclarations, 'function_declarations').forEach((one) => {
        this.only(one, ['name', 'description', 'parameters', 'parametersJsonSchema', 'response', 'responseJsonSchema', 'behavior'],
                  'function_declarations');
        declared.push(this.string(one.name, 'function_declarations.name', /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/));
        if (one.parameters && one.parametersJsonSchema) {
          this.refuse('parameters and parametersJsonSchema exclude each other.');
        }
        this.#checkSchema(one.parameters, openApiSchema, 'parameters');
        this.#checkSchema(one.parametersJsonSchema, jsonSchema, 'parameters_json_schema');
      });
    });
    if (new Set(declared).size !== declared.length) {
      this.refuse('Duplicate function declaration found.');
    }
    if (body.toolConfig) {
      this.only(body.toolConfig, ['functionCallingConfig', 'retrievalConfig'], 'tool_config');
      const config = this.only(body.toolConfig.functionCallingConfig, ['mode', 'allowedFunctionNames'], 'function_calling_config');
      if (!['AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(config.mode) || (config.allowedFunctionNames && !/ANY|VALIDATED/.test(config.mode))) {
        this.refuse('Function calling config: allowed function names need the mode ANY.');
      }
    }
    if (declared.length > 0 && body.generationConfig?.responseMimeType === 'application/json'
        && (!model.newer || body.toolConfig?.functionCallingConfig?.mode === 'ANY')) {
      this.refuse("Function calling with a response mime type: 'application/json' is unsupported");
    }
  }

  /** Neighbours of the model are one turn: Google's chats send each chunk of a stream back as a content of its own. */
  #merged(contents) {
    const turns = [];
    for (const content of contents) {
      if (content.role === 'model' && turns.at(-1)?.role === 'model') {
        const before = turns.pop();
        turns.push({ ...before, parts: [...before.parts, ...content.parts] });
      } else {
        turns.push(content);
      }
    }
    return turns;
  }

  #checkContents(body, model) {
    this.list(body.contents, 'contents').forEach(({ parts }) => this.list(parts, 'contents.parts'));
    const contents = this.#merged(body.contents);
    body.contents = contents;
    const current = contents.findLastIndex(({ role, parts }) => role !== 'model' && parts?.some((part) => !part.functionResponse));
    let calls = [];
    contents.forEach((content, i) => {
      const path = `contents[${i}]`;
      this.only(content, ['role', 'parts'], path);
      if (!['user', 'model'].includes(content.role ?? 'user')) {
        this.refuse('Please use a valid role: user, model.');
      }
      this.list(content.parts, `${path}.parts`).forEach((part) => this.#checkPart(part, content.role, path));
      const answers = content.parts.flatMap(({ functionResponse }) => functionResponse ?? []);
      if (answers.length !== calls.length || (answers.length > 0 && answers.length !== content.parts.length)) {
        this.refuse('Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.');
      }
      answers.forEach(({ name, id }, at) => {
        const { functionCall: call } = calls[at];
        if (name !== call.name || (call.id !== undefined && id !== call.id)) {
          this.refuse(`${path}: response ${at} is of ${name} ${id}, the call was ${call.name} ${call.id}.`);
        }
      });
      calls = content.parts.filter(({ functionCall }) => functionCall);
      if (calls.length > 0 && (i === 0 || contents[i - 1].role === 'model')) {
        this.refuse('Please ensure that function call turn comes immediately after a user turn or after a function response turn.');
      }
      this.#checkSignatures(content.parts, calls, model, i > current, path);
    });
    if (calls.length > 0 || (contents.at(-1).role === 'model' && !model.prefill)) {
      this.refuse('The conversation ends with a turn of the model.');
    }
  }

  #checkPart(part, role, path) {
    this.only(part, partFields, `${path}.parts`);
    const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'].filter((kind) => kind in part);
    if (kinds.length !== 1) {
      this.refuse(`${path}.parts: required oneof field 'data' must have one initialized field`);
    }
    if (part.text === '' && role !== 'model') {
      this.refuse(`${path}.parts: empty text parameter`);
    }
    if (part.inlineData) {
      const { data, mimeType } = this.only(part.inlineData, ['data', 'mimeType', 'displayName'], `${path}.parts.inline_data`);
      const { wrong } = image(data, mimeType);
      if (wrong) {
        this.refuse(`${path}.parts.inline_data: ${wrong}`);
      }
    }
    if (part.functionCall) {
      this.only(part.functionCall, ['id', 'name', 'args'], `${path}.parts.function_call`);
    }
    if (part.functionResponse) {
      const { response } = this.only(part.functionResponse, ['id', 'name', 'response', 'parts'], `${path}.parts.function_response`);
      if (response === null || typeof response !== 'object' || Array.isArray(response) || '$ref' in response) {
        this.refuse(`${path}.parts.function_response.response: an object without $ref is expected`);
      }
    }
    if ((part.functionCall && role !== 'model') || (part.functionResponse && role === 'model')) {
      this.refuse(`${path}: a function call belongs to the model, a function response to the user.`);
    }
  }

  #checkSignatures(parts, calls, model, isCurrent, path) {
    for (const part of parts) {
      const mark = part.thoughtSignature;
      const skipped = mark === sentinel && part.functionCall && model.newer;
      if (mark !== undefined && !skipped && mark !== this.signature(part)) {
        this.refuse(`${path}: Corrupted thought signature.`);
      }
      if (mark !== undefined && part.functionCall && part !== calls[0]) {
        this.refuse(`${path}: only the first of parallel function calls has a thought signature.`);
      }
    }
    if (model.newer && isCurrent && calls.length > 0 && !calls[0].thoughtSignature) {
      this.refuse(`Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. `
        + `Additional data, function call \`default_api:${calls[0].functionCall.name}\`, ${path}.`);
    }
  }
}
