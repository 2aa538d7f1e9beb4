// Turns an encoder of the npm package tiktoken into a rank file (include/gatehouse/tokens/tokenizer.hpp says its form).
// usage: node ranks.mjs ENCODER.json PATTERN_NUMBER RANK_FILE
import { readFileSync, writeFileSync } from 'node:fs';

const [source, pattern, target] = process.argv.slice(2);
const tokens = [];
// A line is "! RANK TOKEN TOKEN ...": tokens in base64, ranks ascending from the one named.
for (const line of JSON.parse(readFileSync(source, 'utf8')).bpe_ranks.split('\n')) {
    const [, first, ...encoded] = line.split(' ');
    for (const [place, token] of encoded.entries()) {
        tokens[Number(first) + place] = Buffer.from(token, 'base64');
    }
}

const head = Buffer.alloc(13);
head.write('GHRANKS1', 'latin1');
head.writeUInt8(Number(pattern), 8);
head.writeUInt32LE(tokens.length, 9);
const parts = [head];
for (let id = 0; id < tokens.length; ++id) {
    if (!tokens[id] || tokens[id].length === 0 || tokens[id].length > 255) {
        throw new Error(`${source}: token ${id} is missing, empty or too long`);
    }
    parts.push(Buffer.from([tokens[id].length]), tokens[id]);
}
writeFileSync(target, Buffer.concat(parts));
