#!/bin/sh
# Writes README.md beside this script: the index of the traces, from their headers.
# With --check it writes nothing, and fails if README.md is stale, a header is not as it must be, or a
# trace that docs/tour.md shows differs from its file here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
LC_ALL=C
export LC_ALL

print_index() {
  cat <<'TEXT'
# The litmus traces

Each trace here asks one question. The table below has one line for each of them.
`index.sh` writes this page from the headers of the traces; `index.sh --check` fails if it is stale.

## What may stand here

- **One question.** A trace answers the question in its header, and no second one.
- **Short.** If a step can go and the answer stays, it goes.
- **New.** It shows a clause, a rule or a kind of memory that no other trace here shows in that way.
- **Reasoned.** Outcomes come from the kernel's source, its documents or a run of a real kernel. Nobody
  copies them from the output of this project's program.
- **All rule sets.** Verdicts are announced for each rule set, and a deciding step says what it does
  under each.
- **A name of words**, in kebab case, equal to the file's stem.

A trace that came out of a failure belongs in `tests/regress`; one that a kernel ran, in `tests/recorded`.

## Index

`none`: nothing is wrong. `missed`, `wrong`, `unnecessary`: see [the glossary](../../docs/glossary.md).

| trace | question | clauses | 5.7 | 5.14 | 5.18 | 5.19 | 6.15 |
|---|---|---|---|---|---|---|---|
TEXT
  for trace in *.cow; do
    awk -v file="$trace" '
      function fail(what) { print file ": " what > "/dev/stderr"; bad = 1; exit 1 }
      BEGIN { n = split("5.7 5.14 5.18 5.19 6.15", rule, " ") }
      $1 == "name" { name = $2 }
      $1 == "question" { sub(/^question[ \t]+/, ""); question = $0 }
      $1 == "clauses" { for (i = 2; i <= NF; i++) clauses = clauses (i > 2 ? " " : "") $i }
      $1 == "verdict" {
        for (i = 2; i < NF; i++) {
          if ($i == "all") { for (r = 1; r <= n; r++) verdict[rule[r]] = $NF }
          else verdict[$i] = $NF
        }
      }
      END {
        if (bad) exit 1
        if (name ".cow" != file) fail("the name line is not the stem")
        if (question == "") fail("no question")
        if (clauses == "") fail("no clauses")
        line = "| [" name "](" file ") | " question " | " clauses " |"
        for (r = 1; r <= n; r++) {
          if (verdict[rule[r]] == "") fail("no verdict for " rule[r])
          line = line " " verdict[rule[r]] " |"
        }
        print line
      }' "$trace"
  done
  echo
  echo "$(ls -- *.cow | wc -l | tr -d ' ') traces."
}

check_tour() {
  awk -v out="$1" '
    /^```cow$/ { inside = 1; text = ""; name = ""; next }
    inside && /^```$/ {
      inside = 0
      printf "%s", text > out
      close(out)
      if (system("cmp -s " out " " name ".cow")) {
        print "docs/tour.md differs from tests/litmus/" name ".cow" > "/dev/stderr"
        bad = 1
      }
      next
    }
    inside { if ($1 == "name") name = $2; text = text $0 "\n" }
    END { exit bad }' ../../docs/tour.md
}

new=$(mktemp)
pasted=$(mktemp)
trap 'rm -f "$new" "$pasted"' EXIT
print_index >"$new"
case ${1-} in
  '')
    cat "$new" >README.md
    ;;
  --check)
    if ! cmp -s "$new" README.md; then
      echo "tests/litmus/README.md is stale: run tests/litmus/index.sh" >&2
      exit 1
    fi
    check_tour "$pasted"
    ;;
  *)
    echo "usage: index.sh [--check]" >&2
    exit 2
    ;;
esac
