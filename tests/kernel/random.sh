#!/usr/bin/env bash
# random.sh COW OPTION...: random steps on the running kernel, unless it is known to do some of them in
# another way than its rule set. (Clearing soft-dirty is not among random steps.)
set -u
cow=${1:?usage: random.sh COW OPTION...}
shift
known=$("$(dirname "${BASH_SOURCE[0]}")/../replay/known" | grep -v '^clear-refs-' | head -n 1)
if [ -n "$known" ]; then
  echo "skip: Linux $(uname -r) is known to differ from its rule set: $known"
  exit 77
fi
exec "$cow" kernel "$@"
