# What a guest has said, after the list of explained disagreements: each trace that failed, with what
# it saw; and a line with all counts. An explained disagreement that no longer appears is one more.
function explained_here(name, i) {
  for (i = 1; i <= listed; i++)
    if (trace[i] == name && within(kernel, range[i])) return i
  return 0
}
FNR == NR {
  if ($0 ~ /^[0-9]/) {
    range[++listed] = $1
    trace[listed] = $2
    why[listed] = $0
    sub(/^[^ ]+ +[^ ]+ +/, "", why[listed])
  }
  next
}
/^@@ kernel / { kernel = $3 }
/^@@ cannot / { print }
/^@@ begin / { name = $3; seen = "" }
/^# Linux .* rule set / { rule = $NF }
/^ok [0-9]+ - / { held++ }
/^ok [0-9]+ # SKIP/ { skipped++ }
/^not ok / { failed++ }
/^# .*: expected / || /^Bail out/ { seen = seen "  " $0 "\n" }
/^@@ end / {
  ended++
  i = explained_here(name)
  if ($4 != 0 && $4 != 4) {
    if (i) { explained++; appeared[i] = 1 } else bad++
    printf "%s %s\n%s%s", i ? "explained" : "FAIL", name, seen, i ? "  " why[i] "\n" : ""
  } else if (i) {
    bad++
    printf "FAIL %s: the disagreement explained for %s is gone\n", name, range[i]
  }
}
/^@@ done / { seconds = $4 / 1000 }
END {
  printf "guest Linux %s, rule set %s: %d traces, %d expectations hold, %d do not (in %d traces, %d of them explained), %d skipped, %.1f s\n",
         kernel, rule, ended, held, failed, bad + explained, explained, skipped, seconds
  exit (bad > 0 || ended != traces)
}
