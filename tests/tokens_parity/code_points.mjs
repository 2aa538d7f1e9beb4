// Writes src/tokens/code_point_runs.cpp to standard output, by asking the regex engine of the package itself which
// code points its classes match: node's own Unicode tables are of another version.
// usage: node code_points.mjs PACKAGE_DIRECTORY
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const { Tiktoken } = createRequire(import.meta.url)(resolve(process.argv[2], 'tiktoken.cjs'));
const bytes = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]).toString('base64'));
const ranks = `! 0 ${bytes.join(' ')}`;

// In the order of `enum Kind`; what no class matches is a symbol.
const classes = [null, '[\\p{Lu}\\p{Lt}]', '\\p{Ll}', '[\\p{Lm}\\p{Lo}]', '\\p{M}', '\\p{N}', '[^\\S\\r\\n]', '[\\r\\n]'];
const limit = 0x110000;
const kinds = new Uint8Array(limit);
for (const [kind, pattern] of classes.entries()) {
    if (pattern === null) {
        continue;
    }
    const matcher = new Tiktoken(ranks, {}, pattern);
    for (let from = 0; from < limit; from += 0x8000) {
        let text = '';
        for (let code = from; code < from + 0x8000; ++code) {
            text += code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
        }
        for (const matched of Buffer.from(matcher.encode_ordinary(text)).toString('utf8')) {
            const code = matched.codePointAt(0);
            if (kinds[code] !== 0) {
                throw new Error(`U+${code.toString(16)} is in two classes`);
            }
            kinds[code] = kind;
        }
    }
    matcher.free();
}

const runs = [];
for (let code = 0; code < limit; ++code) {
    if (code === 0 || kinds[code] !== kinds[code - 1]) {
        runs.push(code * 16 + kinds[code]);
    }
}
const lines = [];
for (let at = 0; at < runs.length; at += 12) {
    lines.push(`    ${runs.slice(at, at + 12).join(', ')},`);
}
process.stdout.write(`// Made by tests/tokens_parity/code_points.mjs from the Unicode classes of the npm package tiktoken 1.0.22.
#include "code_points.hpp"

namespace gatehouse::tokens {
namespace {

// clang-format off
constexpr std::uint32_t runs[] = {
${lines.join('\n')}
};
// clang-format on

}  // namespace

std::span<const std::uint32_t> code_point_runs() noexcept {
    return runs;
}

}  // namespace gatehouse::tokens
`);
