#!/usr/bin/env bash
# beyond.sh COW FOLDER: traces with steps of which not everything is compared. Their values and
# signals agree; a wrong one is told; what is not replayed is skipped by name; and the machines refuse
# those that they do not take.
set -u
cow=$(realpath "${1:?usage: beyond.sh PATH-OF-COW FOLDER}") || exit 2
folder=$(realpath "${2:?usage: beyond.sh PATH-OF-COW FOLDER}") || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
fail() { echo "FAIL: $*"; cat out err; failed=1; }
run() { "$cow" "$@" >out 2>err; }

borrow=()
[ "$(id -u)" -ne 0 ] || borrow=(--ksm --swap --hugetlb)
TMPDIR=$work run kernel "${borrow[@]}" "$folder"/*.cow
status=$?
[ $status -ne 77 ] || { cat err; exit 77; }
[ $status -eq 0 ] || fail "the corpus: $status"
grep '^skip' out # by name, with its reason on standard error
grep ': skipped: ' err
cp out said
for trace in "$folder"/*.cow; do
  name=$(basename "$trace" .cow)
  grep -qE "^skip $name |^# $name: '[a-z-]+': values and signals are compared" said ||
    fail "$name: what is compared is not said"
  for command in check run; do
    run $command "$trace"
    status=$?
    [ $status -eq 0 ] || fail "cow $command: $name: $status"
  done
done

# trace NAME LINE...
trace() {
  local name=$1
  shift
  { printf 'name %s\nP0 map a anon private 2\nP0 write a = 1\n' "$name"; printf '%s\n' "$@"; } >"$name.cow"
}
trace value 'P0 advise a mergeable' 'P0 remap a b' 'P0 read b = 2'
trace signal 'P0 advise a mergeable' 'P0 remap a b' 'P0 read a = 1'
trace refusal 'P0 advise a mergeable' 'P0 lock a' 'P0 advise a dontneed -> ok'
for wrong in 'value:6: expected value 2, seen value 1' 'signal:6: expected value 1, seen no value' \
  'refusal:6: expected ok, seen inval'; do
  run kernel "${wrong%%:*}.cow"
  [ $? -eq 1 ] && grep -qxF "${wrong%%:*}.cow:${wrong#*:}" out || fail "not told: $wrong"
done

trace huge 'P0 map h anon private 1 hugetlb'
trace swap 'sys swapout P0.a'
trace move 'sys migrate P0.a'
trace merge 'sys ksm P0.a P0.a[1]'
# What the system has already, nobody needs to ask for.
skipped=(move)
[ "$(cat /sys/kernel/mm/ksm/run 2>/dev/null)" = 1 ] || skipped+=(merge)
[ "$(wc -l </proc/swaps)" -gt 1 ] || skipped+=(swap)
[ "$(cat /proc/sys/vm/nr_hugepages 2>/dev/null)" != 0 ] || skipped+=(huge)
for name in "${skipped[@]}"; do
  run kernel $name.cow
  [ $? -eq 77 ] && grep -q "^$name.cow:4: skipped: ." err || fail "$name is not skipped by name"
done
trace thread 'P0@1 write a = 1' # one after the other, all threads of a process do the same
run kernel thread.cow || fail "a thread's step is not taken"
run kernel --record value.cow
[ $? -eq 77 ] || fail "such a trace is recorded"
exit $failed
