#!/usr/bin/env bash
# Our token ids against those of the npm package that the rank files come from, and our table of Unicode classes
# against the package's. Exits 77, "skipped", without node or without what docker/ranks.sh fetches.
# usage: tests/tokens_parity/run.sh PATH_OF_TOKENS_IDS [NUMBER_OF_DOCUMENTS [SEED]]
set -euo pipefail

if [[ $# -lt 1 || ! -x $1 ]]; then
    echo "usage: $0 PATH_OF_TOKENS_IDS [NUMBER_OF_DOCUMENTS [SEED]]" >&2
    exit 2
fi
binary=$(realpath "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ranks=build/ranks
if ! command -v node >/dev/null || [[ ! -e $ranks/package/tiktoken.cjs || ! -e $ranks/o200k_base.ranks ]]; then
    echo "skipped: needs node and what docker/ranks.sh makes"
    exit 77
fi

node tests/tokens_parity/code_points.mjs "$ranks/package" | diff -q - src/tokens/code_point_runs.cpp
exec node tests/tokens_parity/compare.mjs "$binary" "$ranks" "$@"
