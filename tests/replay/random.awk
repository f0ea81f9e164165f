# A random trace of what a program can do: awk -v name=N -v seed=S -v steps=K [-v plain=1] -f random.awk
# plain: only whole areas are protected, and no write is forced; in these two 6.1 is not as 6.18.
function pick(n) { return int(rand() * n) }
function one(list, parts, n) { n = split(list, parts, " "); return parts[1 + pick(n)] }
function process(i, living, n) {
  for (i = 0; i < 6; i++) if (alive[i]) living[n++] = i
  return living[pick(n)]
}
function page(region) { region = one("a a a b s f g"); return region "[" pick(pages[region]) "]" }
function cell() { return pick(3) ? "" : "." pick(4) }
function value() { return ++values % 256 }
function range(region) {
  region = one("a a b s f g")
  if (!plain && pick(3)) return region "[" pick(pages[region]) "]"
  return region "[0.." pages[region] - 1 "]"
}
function fork_one(child) {
  child = 1 + pick(5)
  if (alive[child]) return "exit_instead"
  alive[child] = 1
  return "fork P" child
}
function reference(i) { i = pick(4); return taken[i] ? i : -1 }
function step(p, what, k) {
  p = "P" (n = process())
  what = pick(100)
  if (what < 36) return p " write " page() cell() " = " value()
  if (what < 50) return p " read " page() cell()
  if (what < 58) { k = fork_one(); return k == "exit_instead" ? "" : p " " k }
  if (what < 62) { if (n == 0) return ""; alive[n] = 0; return p " exit" }
  if (what < 74) return p " protect " range() " " one("ro ro rw rw rw rw rw none")
  if (what < 78) return p " advise " range() " " one("dontneed dontneed dontfork dofork wipeonfork keeponfork")
  if (what < 79) return p " unmap " page()
  if (what < 84) return plain ? "" : p " force-write " page() cell() " = " value()
  if (what < 86) return p " force-read " page() cell()
  k = reference()
  if (k < 0) {
    k = pick(4)
    if (taken[k]) return ""
    taken[k] = 1
    return p " pin k" k " " (pick(2) ? page() " ro get" : one("a[0] a[1] a[2] b[0] b[1]") " rw long")
  }
  if (what < 94) return "k" k " read"
  if (what < 97) return "k" k " write = " value()
  taken[k] = 0
  return "k" k " unpin"
}
BEGIN {
  srand(seed)
  pages["a"] = 3; pages["b"] = 2; pages["s"] = 2; pages["f"] = 3; pages["g"] = 2
  alive[0] = 1
  print "name " name "\nfile F 3 = 7\n"
  print "P0 map a anon private 3\nP0 map b anon private 2\nP0 map s anon shared 2"
  print "P0 map f file:F private 3\nP0 map g file:F shared 2 at 1"
  for (done = 5; done < steps;) {
    line = step()
    if (line == "") continue
    print line
    done++
  }
}
