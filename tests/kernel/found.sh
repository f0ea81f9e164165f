#!/usr/bin/env bash
# found.sh given_up|lost_hugetlb: what docs/kernels.md says was found on a kernel, by its own program. Both
# answers pass, and which it was is told. 77: there is no compiler, or the program cannot run here.
set -u
finding=${1:?usage: found.sh given_up|lost_hugetlb}
docs=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../docs/kernels.md") || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
skip() { echo "found.sh: $finding skipped: $*"; exit 77; }
fail() { echo "FAIL $finding: $*"; exit 1; }

# program TITLE: the first C program below the finding, without the list's indentation.
program() {
  command -v cc >/dev/null || skip "no C compiler"
  awk -v title="$1" 'index($0, title) { below = 1 }
       below && /^ *```c$/ { inside = 1; next }
       inside && /^ *```$/ { exit }
       inside { sub(/^  /, ""); print }' "$docs" >"$work/program.c"
  grep -q main "$work/program.c" || fail "docs/kernels.md has no such program"
  cc -O1 -o "$work/program" "$work/program.c" || fail "its program does not compile"
}
# run ARGUMENT...: what the program says.
run() {
  local status=0
  said=$(timeout 60 "$work/program" "$@") || status=$?
  [ $status -ne 77 ] || skip "the program has not what it needs here"
}

# The control, without the pin, must lose nothing.
given_up() {
  program "MADV_FREE makes its parent lose data"
  lost() {
    run "$@"
    lost=$(sed -n 's/^\([0-9]*\) of 256 pages lost$/\1/p' <<<"$said")
    [ -n "$lost" ] || fail "it says '$said'"
  }
  lost control
  [ "$lost" = 0 ] || fail "without the pin, $lost of 256 pages lost"
  lost
  if [ "$lost" = 0 ]; then echo "Linux $(uname -r) does not do it: 0 of 256 pages lost, with the pin and without"
  else echo "the finding stands on Linux $(uname -r): $lost of 256 pages lost; 0 without the pin"
  fi
}

# The child that lost the page must be told so: that is HUGE-3. Its own child is the finding.
lost_hugetlb() {
  local pool=/proc/sys/vm/nr_hugepages
  [ -w $pool ] || skip "no right to change the pool of huge pages, or none"
  [ "$(cat $pool)" = 0 ] || skip "the pool of huge pages is in use"
  program "A child of a child that lost its hugetlb page reads zeros"
  trap 'echo 0 >'$pool'; rm -rf "$work"' EXIT
  run
  grep -q '^child: signal 7$' <<<"$said" || fail "it says '$said'"
  case $said in
    *'grandchild reads 0'*) echo "the finding stands on Linux $(uname -r): the grandchild reads 0" ;;
    *) echo "Linux $(uname -r) does not do it: the grandchild does not read zeros" ;;
  esac
}

case $finding in
  given_up | lost_hugetlb) "$finding" ;;
  *) echo "usage: found.sh given_up|lost_hugetlb" >&2; exit 2 ;;
esac
