#include "prove/clauses.h"

#include "spec/invariants.h"

namespace cow::prove {

namespace {

// Any value of the sort; the name says which, since SMT-LIB knows a name at one sort only.
template <class T> T any(const char* name) {
  return T::constant(std::string(name) + "." + T::sort().name().str());
}

class Collector {
 public:
  Collector(const World& world, const std::vector<bool>* wanted) : w_(world), wanted_(wanted) {}
  std::vector<Clause> taken;

  template <class F> void operator()(const char* name, F f) { over(name, f, &F::operator()); }
  template <class M, class O>
  void counts(const char* name, const Count<M, O>& count, const auto& held) {
    const M x = any<M>("x");
    const O o = any<O>("o");
    const Int i{context().int_const("i")};
    add(name, {x.e}, [&] { return count.in(x) == held(x).first; });
    add(name, {x.e}, [&] { return implies(count.in(x), count.owner(x) == held(x).second); });
    add(name, {o.e}, [&] { return count.count(o) >= Int(0); });
    add(name, {x.e}, [&] {
      const Int at = count.index(x);
      return implies(count.in(x), at >= Int(0) && count.count(count.owner(x)) > at &&
                                      count.member(count.owner(x), at) == x);
    });
    add(name, {o.e, i.e}, [&] {
      const M member = count.member(o, i);
      return implies(i >= Int(0) && count.count(o) > i,
                     count.in(member) && count.owner(member) == o && count.index(member) == i);
    });
  }

 private:
  template <class F, class C, class R, class A>
  void over(const char* name, F f, R (C::*)(A) const) {
    const A a = any<A>("x");
    add(name, {a.e}, [&] { return f(a); });
  }
  template <class F, class C, class R>
  void over(const char* name, F f, R (C::*)(Slot, Frame) const) {
    add(name, {any<Slot>("x").e}, [&] {
      const Slot s = any<Slot>("x");
      return implies(value(w_.m.pte[s].present), f(s, w_.m.frame_at(s)));
    });
  }
  template <class F, class C, class R, class A, class B>
  void over(const char* name, F f, R (C::*)(A, B) const) {
    const A a = any<A>("x");
    const B b = any<B>("y");
    add(name, {a.e, b.e}, [&] { return f(a, b); });
  }
  void add(const char* name, std::vector<z3::expr> vars, const auto& body) {
    const std::size_t place = next_++;
    if (wanted_ && !(*wanted_)[place]) return;
    taken.push_back({name, std::move(vars), Bool(body()).e});
  }

  const World& w_;
  const std::vector<bool>* wanted_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Clause> clauses(const World& world, const std::vector<bool>* wanted) {
  Collector collector(world, wanted);
  spec::invariants(world.m, collector);
  spec::refinement(world.m, world.i, collector);
  return std::move(collector.taken);
}

z3::expr for_all_values(const Clause& clause) {
  z3::expr_vector vars(context());
  for (const z3::expr& v : clause.over) vars.push_back(v);
  return z3::forall(vars, clause.body);
}

}  // namespace cow::prove
