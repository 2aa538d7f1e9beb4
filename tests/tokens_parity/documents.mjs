// Documents made from a seed: prose, code, scripts, emoji, marks, white space, long runs, and random code points.

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function chance(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

const words = ('the of and a gateway token request answer stream Provider OpenAI HTTP JSON naïve café über straße ' +
    'internationalization antidisestablishmentarianism camelCase PascalCase XMLHttpRequest iPhone eBay McDonald ' +
    'kubernetes x86_64 UTF-8 3D 4K q1 ǅungla ǈubav ᾼ ʰa ªb ﬁn Ⅷ ① ½ ١٢٣ ४५ ２０２６').split(' ');
const tails = ["'s", "'S", "'ſ", "'t", "'T", "'re", "'RE", "'rE", "'ve", "'m", "'ll", "'LL", "'d", "'", "'x", "'l", "'v",
    "'sa", "'llama", "''s", '’s', ''];
const scripts = ['人人生而自由在尊严和权利上一律平等', 'すべての人間は生まれながらにして自由', 'カタカナー゛゜ｶﾀｶﾅ', '모든 인간은 태어날 때부터',
    'Все люди рождаются свободными', 'يولد جميع الناس أحرارًا متساوين', 'כָּל בְּנֵי אָדָם נוֹלְדוּ', 'सभी मनुष्यों को गौरव',
    'มนุษย์ทั้งหลายเกิดมามีอิสระ', 'Όλοι οι άνθρωποι ΓΕΝΝΙΟΥΝΤΑΙ', 'ყველა ადამიანი', 'Բոլոր մարդիկ', 'Tất cả mọi người', 'ሁሉም ሰዎች',
    'සියලු මනුෂ්‍යයෝ', 'எல்லா மக்களும்'];
const emoji = ['😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇩🇪🇫🇷', '❤️', '1️⃣', '©', '™', '…', '—', '\u{1F9D1}\u200D\u{1F4BB}'];
const marks = ['\u0301', '\u0308', '\u20DD', '\u094D', '\u0E31', '\uFE0F', '\u0345', '\u{1D165}'];
const spaces = [' ', '  ', '   ', '\t', '\n', '\r\n', '\r', '\n\n', ' \n', '\n ', ' \n \n ', '\u00A0', '\u3000', '\u2028', '\u0085',
    '\v', '\f', '\u200B', '\u180E', '\uFEFF', '        ', '\n\t\t'];
const symbols = ['!', '...', '//', '/', '/\n', '\n/', ');\n/', '{', '}', '};\r\n', '->', '::', '<|endoftext|>', '<|fim_prefix|>', '#', '$$',
    '\\', '"', '--', '===', '~', '`', '\0', '\x7f', '%20', '&&', ' /', ' //', '?!', '_', '__init__'];
const code = ['for (let i = 0; i < n; ++i) {\n    sum += a[i];\n}\n', 'def f(x):\n\treturn x**2  # square\n\n',
    'SELECT * FROM t WHERE id = 12345678901;\n', '{"key": [1, 2.50, -3e10, null], "ключ": "值"}', 'https://example.com/a/b?c=d#e',
    '#include <vector>\n\nint main() { return 0; }\n', '<div class="a b">Text</div>\r\n', 'if x then\n\n\n\n    y\nend'];

function codePoint(random) {
    for (;;) {
        // Small planes and blocks more often than the empty rest.
        const limit = [0x80, 0x250, 0x800, 0x3000, 0x10000, 0x20000, 0x110000][Math.floor(random() * 7)];
        const code = Math.floor(random() * limit);
        if (code < 0xd800 || code > 0xdfff) {
            return String.fromCodePoint(code);
        }
    }
}

/** The pieces of which a document is strung together. */
const makers = [
    (random, pick) => pick(words) + pick(tails),
    (random, pick) => ` ${pick(words)}`,
    (random, pick) => [...pick(scripts)].slice(Math.floor(random() * 8)).join(''),
    (random, pick) => pick(emoji),
    (random, pick) => pick(words) + pick(marks) + pick(['', 'A', 'a', 'AB', '1', ' ']),
    (random, pick) => pick(marks) + pick(['A', 'aB', 'AAB', '中A', '', '!', '\n']),
    (random, pick) => pick(spaces),
    (random, pick) => pick(symbols),
    (random, pick) => pick(code),
    (random) => codePoint(random),
    (random) => Array.from({ length: 1 + Math.floor(random() * 12) }, () => codePoint(random)).join(''),
    (random) => String(Math.floor(random() * 10 ** Math.floor(1 + random() * 14))),
    (random, pick) => pick(['a', 'A', ' ', '\n', '0', '!', '中', '\u0301', 'ab', 'aB', ' a', '=-', '😀', '\t ', '/\n'])
        .repeat(Math.floor(1 + random() * 120)),
    (random) => Array.from({ length: 1 + Math.floor(random() * 90) },
        () => String.fromCharCode(97 + Math.floor(random() * 26))).join(''),
    (random) => Array.from({ length: 1 + Math.floor(random() * 40) },
        () => String.fromCharCode(32 + Math.floor(random() * 95))).join(''),
];

/** One document. Each prefers few makers, so that rare neighbours meet often. */
export function makeDocument(random) {
    const pick = (list) => list[Math.floor(random() * list.length)];
    const preferred = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(makers));
    let text = '';
    for (let left = 1 + Math.floor(random() * 60); left > 0; --left) {
        text += (random() < 0.8 ? pick(preferred) : pick(makers))(random, pick);
    }
    return text;
}
