#!/usr/bin/env bash
# says.sh COW: what `cow kernel` says and how it exits, case by case.
set -u
cow=$(realpath "${1:?usage: says.sh PATH-OF-COW}") || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
fail() { echo "FAIL: $*"; failed=1; }
# expect STATUS ARGUMENT...: runs `cow kernel`, keeps out and err.
expect() {
  local want=$1 got=0
  shift
  "$cow" kernel "$@" >out 2>err </dev/null || got=$?
  [ "$got" = "$want" ] || fail "cow kernel $* exits $got, not $want: $(head -c 300 out err)"
}
says() { grep -qE -- "$2" "$1" || fail "no line like '$2' in $1: $(head -c 400 "$1")"; }

cat >good.cow <<'END'
name      good
question  Does a child keep its byte when the parent writes?
P0 map a anon private 1
P0 write a = 1            -> fresh   # the first
P0 fork P1                -> ok
P0 write a = 2            -> copied
P1 read a = 1             -> hit
assert P1.a = 1
assert frame P0.a != P1.a
assert refcount P0.a = 1
END
sed -e 's/good/wrong/' -e 's/-> copied/-> fresh/' good.cow >wrong.cow
sed -e 's/good/value/' -e 's/P1 read a = 1 /P1 read a = 2 /' good.cow >value.cow
sed -e 's/good/fact/' -e 's/^assert P1.a = 1/assert P1.a = 2/' good.cow >fact.cow
sed -e 's/good/stray/' -e 's/^P0 fork/sys ref P0.a\n&/' good.cow >stray.cow
sed -e 's/good/bad/' -e 's/fork/frok/' good.cow >bad.cow
printf 'frame 1 anon\n' >state.cowstate

expect 77 stray.cow
says err '^stray.cow:5: skipped: sys ref: no user process can cause it'
[ "$(cat out | head -n 1 | cut -d' ' -f1,2)" = "skip stray" ] || fail "a skip without its name"
expect 2 good.cow bad.cow
says err '^bad.cow:5:4: error: '
[ ! -s out ] || fail "something was run beside a file that cannot be used"
expect 2 state.cowstate
expect 2 --sight everything good.cow
expect 2 --random 10 good.cow
expect 2
expect 2 --rule 5.8 good.cow

expect 0 good.cow
says out '^ok good [0-9.]+ none [0-9a-f]{12}$'
says out '^# Linux .*, rule set .*, sight (contents|bits|frames)'
expect 0 good.cow stray.cow
expect 1 good.cow wrong.cow
says out '^wrong.cow:6: expected fresh, seen copied'
expect 1 value.cow
says out '^value.cow:7: expected value 2, seen value 1'
[ "$(grep -c '^value.cow:7: ' out)" = 1 ] || fail "one failure is told twice"
# The verdict is the specification's, and held against the one that is announced.
sed -e 's/good/announced/' -e '/^question/a verdict all missed' good.cow >announced.cow
expect 1 announced.cow
says out '^announced.cow:3: expected verdict missed, seen verdict none'
expect 0 --sight contents good.cow
says out 'sight contents .*not compared: '
expect 0 --sight bits good.cow
says out 'sight bits .*not compared: '
"$cow" kernel good.cow | grep -q 'sight contents' || {
  expect 1 fact.cow
  says out '^fact.cow:8: expected P1.a = 2, seen 1'
}

expect 0 --json good.cow stray.cow
python3 -c 'import json,sys; r=json.load(open("out"))["results"]; sys.exit(not (r[0]["status"]=="ok" and len(r[0]["steps"])==5 and r[1]["status"]=="skip"))' ||
  fail "the JSON is not as the contract has it"
says out '"skipped": "sys ref: no user process can cause it'
says out '"Linux .*, rule set .*, sight '
# What is not seen exactly is not guessed.
expect 0 --json --sight contents good.cow
says out '"outcome": "[{].*copied.*[}]"'
expect 0 --tap good.cow stray.cow
says out '^TAP version 13$'
says out '^ok 1 - good '
says out '^ok 2 - stray .* # SKIP sys ref'

# Recorded twice; other rule sets' lines and comments stay.
sed -e 's/good/rec/' -e 's/-> fresh /-> 5.7:segv /' -e '/^P1 read/s/ = 1.*//' good.cow >rec.cow
expect 0 --record rec.cow
says rec.cow '^P0 write a = 1 +-> 5.7:segv .*fresh +# the first$'
says rec.cow '^P1 read a = .*1 '
expect 0 rec.cow
expect 77 --record stray.cow

# What this machine cannot do is no disagreement.
expect_limited() { (ulimit -n 12 && exec "$cow" kernel "$@") >out 2>err </dev/null; }
expect_limited good.cow
[ $? -eq 77 ] || fail "without descriptors: $(cat out err)"
says err 'skipped: '
"$cow" kernel good.cow >/dev/full 2>err
[ $? -eq 77 ] || fail "a full disk"
says err '^cow: the output cannot be written: '
TMPDIR=$work/nowhere expect 77 --random 100
says err '^cow kernel: skipped: the temporary folder .*/nowhere cannot be used: '
TMPDIR=$work/nowhere expect 77 --restore
says err '^cow kernel: the temporary folder .*/nowhere cannot be read: '

# A link to a trace stays one.
mkdir elsewhere
ln -s ../rec.cow elsewhere/rec.cow
expect 0 --record elsewhere/rec.cow
[ -L elsewhere/rec.cow ] || fail "a link is replaced by what it names"

expect 0 --random 300 --seed 5
says out '^# seed 5: .* 3[0-9][0-9] steps'
cp out first
expect 0 --random 300 --seed 5
[ "$(sed -E 's/[0-9]+ steps\/s//' first)" = "$(sed -E 's/[0-9]+ steps\/s//' out)" ] || fail "a seed does not repeat its run"
exit $failed
