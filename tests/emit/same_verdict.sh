#!/usr/bin/env bash
# same_verdict.sh COW TRACE...: an emitted program and `cow kernel` say the same of each trace, and of each
# with a wrong value in it.
set -u
if [ "${1-}" = --one ]; then
  cow=$2 work=$3 trace=$4
  name=$(basename "$trace" .cow)
  said() {
    "$cow" kernel "$1" >/dev/null 2>&1
    case $? in 0) echo holds ;; 1) echo fails ;; 77) echo skipped ;; *) echo unusable ;; esac
  }
  emitted() {
    "$cow" emit "$1" >"$2.c" && cc -std=c11 -O0 -o "$2" "$2.c" || { echo unbuilt; return; }
    TMPDIR=$work timeout 60 "$2" >"$2.out" 2>&1
    case $? in
      0 | 4) grep -qE '^ok [0-9]+ # SKIP (P[0-9]|sys )' "$2.out" && echo partly || echo holds ;;
      1) echo fails ;;
      *) echo broken ;;
    esac
  }
  # tried WHICH TRACE: what `cow kernel` skips, the program does as far as it can.
  tried() {
    local kernel program
    kernel=$(said "$2")
    [ "$kernel" != skipped ] || { echo "skipped $1 $name"; return; }
    program=$(emitted "$2" "$work/$name.$1")
    # A program that says that it left steps out knows no byte after them.
    if [ "$program" = partly ]; then
      [ "$1 $kernel" != "wrong fails" ] || { echo "partly $1 $name"; return; }
      program=holds
    fi
    [ "$kernel" = "$program" ] && echo "same $1 $kernel $name" || echo "DIFFERS $1 $name: cow kernel: $kernel, program: $program"
  }
  tried right "$trace"
  mkdir -p "$work/wrong"
  sed -E '0,/ (read [^ ]+) = ([0-9]+)( |$)/s// \1 = 201\3/' "$trace" >"$work/wrong/$name.cow"
  cmp -s "$trace" "$work/wrong/$name.cow" || tried wrong "$work/wrong/$name.cow"
  exit 0
fi

cow=$(realpath "${1:?usage: same_verdict.sh COW TRACE...}") || exit 2
shift
command -v cc >/dev/null || { echo "same_verdict.sh: there is no cc"; exit 77; }
for trace in "$@"; do
  shift
  if grep -q '^par' "$trace"; then echo "not run: $(basename "$trace" .cow): par"; else set -- "$@" "$trace"; fi
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "${BASH_SOURCE[0]}" --one "$cow" "$work" >"$work/said" || exit 1
grep '^DIFFERS' "$work/said"
sed -n 's/^partly wrong \(.*\)/not told apart: \1: the program leaves out steps before the wrong value/p' "$work/said"
count() { grep -cE "$1" "$work/said"; }
holding=$(count '^same right holds') failing=$(count '^same wrong fails')
echo "$holding traces hold and $failing wrong ones fail in both ways; $(count '^skipped') skipped by cow kernel"
[ "$(count '^same')" -gt 0 ] || exit 77
! grep -q '^DIFFERS' "$work/said" && [ "$holding" -gt 0 ] && [ "$failing" -gt 0 ]
