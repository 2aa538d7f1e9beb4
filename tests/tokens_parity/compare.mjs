// Compares token ids of made documents and of this repository's own pages and sources with the package's.
// usage: node compare.mjs PATH_OF_TOKENS_IDS RANK_DIRECTORY [NUMBER_OF_DOCUMENTS [SEED]]
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chance, makeDocument } from './documents.mjs';

const [binary, ranks, number = '3000', seed = '1'] = process.argv.slice(2);
const { get_encoding } = createRequire(import.meta.url)(resolve(ranks, 'package/tiktoken.cjs'));

function filesUnder(directory) {
    return readdirSync(directory, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && /\.(md|hpp|cpp|mjs|yaml)$/.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

const random = chance(Number(seed));
const documents = ['', ...Array.from({ length: Number(number) }, () => makeDocument(random))];
for (const directory of ['docs', 'include', 'src', 'tests/tokens_parity']) {
    documents.push(...filesUnder(directory).map((path) => readFileSync(path, 'utf8')));
}
// Every code point of the planes in use in two places: behind a letter, and before one.
for (let from = 0; from < 0x32000; from += 0x400) {
    const codes = Array.from({ length: 0x400 }, (_, low) => from + low).filter((code) => code < 0xd800 || code > 0xdfff);
    documents.push(codes.map((code) => `a${String.fromCodePoint(code)}A b`).join(''));
}
// The package is quadratic: its own long runs are kept short.
for (const unit of ['a', ' ', '\n', '中', 'aB', '!?', 'é']) {
    documents.push(unit.repeat(3000));
}

const input = Buffer.concat(documents.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
}));

let wrong = 0;
for (const name of ['o200k_base', 'cl100k_base']) {
    const ours = spawnSync(binary, [join(ranks, `${name}.ranks`)], { input, maxBuffer: 1 << 30 });
    if (ours.status !== 0) {
        console.error(`${name}: ${ours.stderr}`);
        process.exit(1);
    }
    const theirs = get_encoding(name);
    let at = 0;
    let ids = 0;
    for (const text of documents) {
        const expected = theirs.encode_ordinary(text);
        const size = ours.stdout.readUInt32LE(at);
        const found = Array.from({ length: size }, (_, place) => ours.stdout.readUInt32LE(at + 4 + 4 * place));
        at += 4 + 4 * size;
        ids += expected.length;
        if (size !== expected.length || found.some((id, place) => id !== expected[place])) {
            const place = found.findIndex((id, index) => id !== expected[index]);
            ++wrong;
            if (wrong <= 5) {
                console.error(`${name}: ids differ from place ${place}: ours ${found.slice(place, place + 5)}, ` +
                    `theirs ${[...expected.slice(place, place + 5)]}, in ${JSON.stringify(text.slice(0, 400))}`);
            }
        }
    }
    if (at !== ours.stdout.length) {
        console.error(`${name}: more answers than documents`);
        process.exit(1);
    }
    console.log(`${name}: ${documents.length} documents, ${input.length} bytes, ${ids} tokens compared`);
    theirs.free();
}
console.log(wrong === 0 ? 'all ids are the same' : `${wrong} documents differ`);
process.exit(wrong === 0 ? 0 : 1);
