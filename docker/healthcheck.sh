#!/usr/bin/env bash
# healthcheck.sh HOST PORT: succeeds when /health/ready answers 200. Needs nothing but bash.
set -euo pipefail

exec 3<>"/dev/tcp/$1/$2"
printf 'GET /health/ready HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n' "$1" "$2" >&3
read -r -t 2 -u 3 _version status _reason
[[ $status == 200 ]]
