#!/usr/bin/env bash
# clauses.sh MATRIX: reads the registry and every tag, writes who covers which clause, and fails on an
# id that is unknown, duplicate or uncovered.
set -u
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
matrix=${1:?usage: clauses.sh MATRIX}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Registry: id, waived or not, once for each.
awk '
  /^## / { later = /^## Clauses of later features/ }
  !later && $1 == "###" { print $2, "must" }
  later && /^\| [A-Z]+-[0-9]+ \|/ { print $2, "later" }
' docs/clauses.md >"$work/registry"
awk '$1 == "###" { id = $2 } $1 == "Waived:" { $1 = ""; print id $0 }' docs/clauses.md >"$work/waived"
kinds=$(sed 's/-.*//' "$work/registry" | sort -u | paste -sd'|')
own="\\b($kinds)-[0-9]+\\b"

# tags COLUMN FILE...: the ids that stand there.
tags() {
  local column=$1
  shift
  grep -hoE "$own" "$@" /dev/null | sort | uniq -c | awk -v c="$column" '{ print $2, c, $1 }'
}
list() { find "$@" -type f \( -name '*.h' -o -name '*.cpp' \) | sort; }
{
  # shellcheck disable=SC2046
  {
    tags specified $(list spec | grep -v '/mutants\.h$')
    tags implemented $(list impl | grep -v '/\(order_\)\?mutants\?\.h$')
    tags law $(list props/laws props/judge)
    tags proved $(list props/prove) spec/machine/spec/*invariants.h
  }
  grep -hE '^clauses' tests/litmus/*.cow | tags trace -
  tags mutant spec/machine/spec/mutants.h impl/include/impl/mutant.h impl/include/impl/order_mutants.h tests/mutants/*.h
} >"$work/tags"

awk -v registry="$work/registry" -v waived="$work/waived" '
  BEGIN {
    columns = split("specified implemented law proved trace mutant", column, " ")
    while ((getline line < registry) > 0) {
      split(line, word, " ")
      if (word[1] in state) { print "duplicate: " word[1]; bad = 1 }
      else order[++n] = word[1]
      state[word[1]] = word[2]
    }
    while ((getline line < waived) > 0) { split(line, word, " "); reason[word[1]] = line }
  }
  !($1 in state) { if (!($1 in told)) print "unknown: " $1 " (" $2 ")"; told[$1] = bad = 1; next }
  state[$1] == "later" && ($2 == "law" || $2 == "trace") { print "later: " $1 " (" $2 ")"; bad = 1 }
  { count[$1, $2] += $3 }
  function has(id, c) { return count[id, c] > 0 }
  END {
    printf "%-9s", "clause"
    for (c = 1; c <= columns; c++) printf "%12s", column[c]
    print ""
    for (i = 1; i <= n; i++) {
      id = order[i]
      if (state[id] != "must") { waivers++; continue }
      printf "%-9s", id
      for (c = 1; c <= columns; c++) printf "%12s", has(id, column[c]) ? count[id, column[c]] : "-"
      lacks = ""
      if (!has(id, "specified")) lacks = lacks " specification"
      if (!has(id, "law") && !has(id, "trace")) lacks = lacks " law-or-trace"
      if (!has(id, "mutant")) lacks = lacks " mutant"
      if (lacks == "") covered++
      else if (id in reason) { own_waivers++; printf "  waived: %s", substr(reason[id], length(id) + 2) }
      else { printf "  UNCOVERED:%s", lacks; bad = 1 }
      print ""
    }
    printf "%d clauses covered, %d waived with a reason, %d of later features\n", covered,
      own_waivers, waivers
    exit bad
  }' "$work/tags" >"$matrix"
status=$?
grep -E '^(duplicate|unknown|later)|UNCOVERED' "$matrix"
tail -n 1 "$matrix"
exit $status
