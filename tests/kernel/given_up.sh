#!/usr/bin/env bash
# given_up.sh: does the running kernel lose data that a child has given up (MADV_FREE)? The program of
# docs/kernels.md, twice. Its control must lose nothing; what the other run loses is told, and both answers
# pass. 77: there is no compiler, or the program cannot run here.
set -u
docs=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../docs/kernels.md") || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v cc >/dev/null || { echo "given_up: skipped: no C compiler"; exit 77; }

# The first C program below the finding, without the list's indentation.
awk '/A child.s MADV_FREE makes its parent lose data/ { below = 1 }
     below && /^ *```c$/ { inside = 1; next }
     inside && /^ *```$/ { exit }
     inside { sub(/^  /, ""); print }' "$docs" >"$work/given_up.c"
grep -q MADV_FREE "$work/given_up.c" || { echo "FAIL: docs/kernels.md has no such program"; exit 1; }
cc -O1 -o "$work/given_up" "$work/given_up.c" || { echo "FAIL: it does not compile"; exit 1; }

# run ARGUMENT...: what it says, which must be how many pages were lost.
run() {
  local said status=0
  said=$(timeout 60 "$work/given_up" "$@") || status=$?
  if [ $status -eq 77 ]; then
    echo "given_up: skipped: the program has not what it needs here"
    exit 77
  fi
  lost=$(sed -n 's/^\([0-9]*\) of 256 pages lost$/\1/p' <<<"$said")
  [ -n "$lost" ] || { echo "FAIL: it says '$said', exit status $status"; exit 1; }
}
run control
[ "$lost" = 0 ] || { echo "FAIL: without the pin, $lost of 256 pages lost"; exit 1; }
run
if [ "$lost" = 0 ]; then echo "Linux $(uname -r) does not do it: 0 of 256 pages lost, with the pin and without"
else echo "the finding stands on Linux $(uname -r): $lost of 256 pages lost; 0 without the pin"
fi
