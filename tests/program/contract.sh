#!/usr/bin/env bash
# contract.sh COW: what the program says and how it exits, case by case.
set -u
cow=$(realpath "${1:?usage: contract.sh PATH-OF-COW}") || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

fail() { echo "FAIL: $*"; failed=$((failed + 1)); }
# expect STATUS COMMAND...: runs it, keeps out and err, and compares the exit status.
expect() {
  local want=$1 got=0
  shift
  "$@" >out 2>err </dev/null || got=$?
  [ "$got" = "$want" ] || fail "'${*##*/}' exits $got, not $want: $(head -c 300 err)"
}
# says FILE REGEX: the last command wrote such a line.
says() { grep -qE -- "$2" "$1" || fail "no line like '$2' in $1: $(head -c 400 "$1")"; }
silent() { [ ! -s "$1" ] || fail "$1 is not empty: $(head -c 300 "$1")"; }

cat >good.cow <<'END'
name      good
question  Does a child keep its byte when the parent writes?
file      F 2 = 7
P0 map a anon private 1
P0 write a = 1            -> fresh
P0 fork P1                -> ok
P0 write a = 2            -> {copied,reused}
P1 read a = 1             -> -
P0 read a = {2,3}
assert P1.a = 1
assert frame P0.a != P1.a
assert kind P0.a = anon
assert refcount P0.a = 1
assert pins P0.a = 0
assert swapcount P0.a = 0
assert huge P0.a = no
assert writable P0.a = yes
assert exclusive P0.a = 5.7:no 5.14:no 5.18:no *:yes
assert rss P0 anon = 1
assert pages anon = 2
P0 map f file:F private 2
P0 read f = 7             -> filled
assert kind P0.f[1] = none
assert P0.f[1] = 7
assert kind P0.f = file
assert rss P0 file = 1
END
cat >leak.cow <<'END'
name      leak
verdict   5.7 missed
P0 map a anon private 1
P0 write a = 1
P0 fork P1
P1 pin k a ro get
P1 unmap a
P0 write a = 2
k read
END
sed -e 's/^name.*/name quiet/' -e '/^verdict/d' leak.cow >quiet.cow
sed -e 's/^name.*/name eager/' -e 's/5.7 missed/all missed/' leak.cow >eager.cow
cat >some.cow <<'END'
name      some
rules     5.14 6.15
P0 map a anon private 1
END
cat >fails.cow <<'END'
name      fails
P0 map a anon private 2 ro -> inval
P0 write a = 1
P0 read a = 5
P0 write a[1] = 1         -> fresh
P0 read a[2] = 0
assert P0.a = 3
assert P1.a = 0
assert frame P0.a == P0.a[1]
assert mapcount P0.a[1] = 1
assert refcount P0.a = 1
assert rss P3 anon = 0
END
cat >later.cow <<'END'
name      later
P0 map a anon private 1
  sys fail table 1
par
P0 read a
||
P0@1 read a
end
END
cat >meet.cow <<'END'
name      meet
P0 map a anon private 1
P0 write a = 0
par
P0 fork P1                -> ok
P1 read a = ?x            -> hit
||
P0@1 write a = 1          -> {hit,copied}
end
sometimes ?x = 0
sometimes ?x = 1
P0 read a = 1             -> hit
END
sed -e 's/^name.*/name never/' -e 's/^sometimes ?x = 0/never ?x = 0/' meet.cow >never.cow
sed -e 's/^name.*/name once/' -e 's/^par/schedule 0 1 0\npar/' meet.cow >once.cow
sed -e 's/^name.*/name lost/' -e 's/^P1 read a = ?x.*/sys fail table 1/' -e '/^sometimes/d' meet.cow >lost.cow
printf 'name bad\nP0 map a anon private\n' >bad.cow
printf 'frame 1 anon refcount 1\n' >whole.cowstate

# check: the line of each trace and rule set.
expect 0 "$cow" check good.cow
for rule in 5.7 5.14 5.18 5.19 6.15; do says out "^ok good ${rule//./\\.} none [0-9a-f]{12}$"; done
[ "$(wc -l <out)" = 5 ] || fail "check prints more than a line for each rule set"
silent err
expect 0 "$cow" check leak.cow good.cow
says out '^ok leak 5\.7 missed '
says out '^ok leak 6\.15 none '

# A verdict must be said, and what is said must show.
expect 1 "$cow" check quiet.cow
says out '^FAIL quiet 5\.7 missed '
says out '^quiet\.cow:7: expected verdict none, seen verdict missed$'
says out '^ok quiet 5\.14 none '
expect 1 "$cow" check eager.cow
says out '^eager\.cow:2: expected verdict missed, seen verdict none$'

# What does not hold is named line by line.
expect 1 "$cow" check --rule 5.14 fails.cow
says out '^fails\.cow:2: expected inval, seen ok$'
says out '^fails\.cow:4: expected value 5, seen value 0$'
says out '^fails\.cow:5: expected fresh, seen segv$'
says out '^fails\.cow:6: expected value 0, seen no value \(nosuch\)$'
says out '^fails\.cow:7: expected P0\.a = 3, seen 0$'
says out '^fails\.cow:8: expected P1\.a = 0, seen nothing mapped$'
says out '^fails\.cow:9: expected frame P0\.a == P0\.a\[1\], seen nothing mapped$'
says out '^fails\.cow:10: expected mapcount P0\.a\[1\] = 1, seen nothing mapped$'
says out '^fails\.cow:11: expected refcount P0\.a = 1, seen the zero page, which has no stated refcount$'
says out '^fails\.cow:12: expected rss P3 anon = 0, seen no such process$'

# Columns that run at once.
expect 0 "$cow" check meet.cow once.cow
for rule in 5.7 5.14 5.18 5.19 6.15; do says out "^ok meet ${rule//./\\.} none [0-9a-f]{12}$"; done
says out '^ok once 6\.15 none '
expect 1 "$cow" check --rule 5.14 never.cow
says out '^never\.cow:10: expected never \?x = 0, seen an execution with \?x = 0$'
expect 2 "$cow" check lost.cow
says err "^lost\.cow:6:1: error: 'sys fail table' in a trace with par is not modelled yet$"
expect 0 "$cow" check --tap --rule 5.14 meet.cow
says out '^ok 1 - meet 5\.14 none '
expect 0 "$cow" check --json --rule 5.14 meet.cow
says out '"outcome": "\{hit,copied\}"'

# Rule sets and kernels.
expect 0 "$cow" check --rule 5.10 good.cow
says out '^ok good 5\.14 '
says err 'rule set 5\.14 stands for kernel 5\.10'
expect 2 "$cow" check --rule 5.8 good.cow
says err "no rule set stands for '5\.8'"
silent out
expect 0 "$cow" check some.cow
says out '^skip some 5\.7$'
says out '^ok some 5\.14 '
expect 77 "$cow" check --rule 5.7 some.cow
says out '^skip some 5\.7$'

# Unusable input: named by file, line and column, all of it, and nothing is run.
expect 2 "$cow" check later.cow good.cow bad.cow missing.cow
says err "^later\.cow:3:[0-9]+: error: 'sys fail table' in a trace with par is not modelled yet$"
says err '^bad\.cow:2:[0-9]+: error: '
says err '^missing\.cow:1:1: error: '
silent out
expect 2 "$cow" check .
expect 2 "$cow" check
expect 2 "$cow" check --json --tap good.cow
expect 2 "$cow" check --rule
expect 2 "$cow" check --no-such-option good.cow
expect 2 "$cow"
says err '^usage: cow '
expect 2 "$cow" no-such-command
expect 2 "$cow" help no-such-command
expect 2 "$cow" version now

# Standard input: its name is free.
"$cow" check - <good.cow >out 2>err || fail "a trace on standard input exits $?"
says out '^ok good 5\.7 '
"$cow" check - <bad.cow >out 2>err && fail "a bad trace on standard input is accepted"
says err '^-:2:[0-9]+: error: '

# The other two forms.
expect 1 "$cow" check --tap quiet.cow some.cow
says out '^TAP version 13$'
says out '^1\.\.10$'
says out '^not ok 1 - quiet 5\.7 missed '
says out '^# quiet\.cow:7: expected '
says out '^ok 2 - quiet 5\.14 none '
says out '^ok 6 - some 5\.7 # SKIP '
expect 1 "$cow" check --json --rule 5.7 quiet.cow
says err '^FAIL quiet 5\.7 missed '
if command -v python3 >/dev/null; then
  python3 - <<'END' || fail "--json is not what the contract says"
import json
d = json.load(open("out"))
r = d["results"][0]
assert d["tool"] == "cow" and d["version"]
assert (r["file"], r["name"], r["rule"], r["status"], r["verdict"]) == ("quiet.cow", "quiet", "5.7", "fail", "missed")
assert len(r["hash"]) == 12 and len(r["steps"]) == 7 and r["violations"] == []
assert r["steps"][6] == {"line": 8, "step": "k read", "outcome": "ok", "value": 2}
assert r["steps"][0]["value"] is None
assert r["failures"] == [{"line": 7, "expected": "verdict none", "seen": "verdict missed"}]
END
fi

# The hash names the steps and nothing else.
hash_of() { "$cow" check --rule 5.14 "$1" | awk '{ print $NF; exit }'; }
mkdir -p other
grep -v '^assert' good.cow | sed -e 's/->.*//' -e 's/^question.*/question Another? # yes/' >other/good.cow
[ "$(hash_of good.cow)" = "$(hash_of other/good.cow)" ] || fail "expectations change the hash"
sed 's/write a = 2/write a = 3/' good.cow >other/good.cow
[ "$(hash_of good.cow)" != "$(hash_of other/good.cow)" ] || fail "a step does not change the hash"

# run: what changes, and whether it is as said.
expect 0 "$cow" run good.cow
says out '^ +5  P0 write a = 1 +fresh$'
says out '^ +P0\.a +f1 rw dirty young$'
says out '^ +f1 +mapcount 1 -> 2  refcount 1 -> 2$'
says out '^ok good 5\.14 none '
grep -q "$(printf '\033')" out && fail "run is coloured in a pipe"
expect 1 "$cow" run --rule 5.7 quiet.cow
says out ' reused +missed$'
says out '^quiet\.cow:7: expected verdict none'
expect 0 "$cow" run --rule all leak.cow
[ "$(grep -c '^rule ' out)" = 5 ] || fail "run --rule all does not run all"
expect 0 "$cow" run --table --rule all leak.cow
says out '^P0\.a +\| 5\.7 +\| 5\.14 '
says out '^P1 pin k a ro get +\| f1 +3 +2 +0 no +no '
expect 77 "$cow" run --rule 5.7 some.cow
expect 2 "$cow" run bad.cow
expect 2 "$cow" run whole.cowstate
expect 2 "$cow" run good.cow good.cow

# cite, help, version.
expect 0 "$cow" cite
says out '^ISO-1 '
expect 0 "$cow" cite ISO-1 CNT-2
says out '^CNT-2 '
says out '^  Specified: '
expect 2 "$cow" cite ISO-1 NONE-1
says err "unknown clause 'NONE-1'"
silent out
expect 0 "$cow" help
expect 0 "$cow" --help
expect 0 "$cow" help check
says out '--tap'
expect 0 "$cow" version
says out '^cow [0-9]+\.[0-9]+\.[0-9]+$'

# emit: one program; an input that cannot be used is refused like any.
expect 0 "$cow" emit good.cow
says out '^int main\(void\)$'
says out '"P0 write a = 1", P0, write_cell'
expect 2 "$cow" emit bad.cow
silent out
expect 2 "$cow" emit whole.cowstate
expect 2 "$cow" emit

# snapshot: of this very shell, as far as its user sees it.
expect 0 "$cow" snapshot --pid $$
says out '^# P0 is process [0-9]+ '
says out '^P0 v[0-9a-f]+\[[0-9]+\] frame 1 '
cp out shell.cowstate
expect 0 "$cow" check shell.cowstate
expect 2 "$cow" snapshot --pid $$ $$
says err 'is named twice'
expect 2 "$cow" snapshot --pid 2147483647
says err 'there is none'
expect 2 "$cow" snapshot

# Of a huge page people are shown the pages that the trace names.
printf 'name huge\n\nP0 map a anon private 512 thp\nP0 write a[5] = 1\nP0 protect a[7] ro\n' >huge.cow
expect 0 "$cow" run huge.cow
says out '^There are huge pages'
says out '^        P0.a\[5\]  f1 rw dirty young huge$'
says out '^        P0.a\[5\]  f1 rw dirty young huge -> f1 rw dirty young$'
[ "$(wc -l <out)" -lt 40 ] || fail "cow run shows all of a huge page"

# States: broken ones are refused like any input.
printf 'frame x\n' >broken.cowstate
expect 2 "$cow" check broken.cowstate good.cow
silent out

[ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
echo "all as the contract says"
