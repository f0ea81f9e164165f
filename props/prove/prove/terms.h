// Z3 expressions wrapped once and typed by sort, so that entry.frame = slot does not compile.
//
// A condition of the specification's text asks which way to go when it is used in an `if`: the
// script of the running path answers, and the step is run again until every way was taken.
#pragma once

#include <z3++.h>

#include <string>
#include <utility>

namespace cow::prove {

z3::context& context();

class Bool {
 public:
  Bool(bool b) : e(context().bool_val(b)) {}
  explicit Bool(z3::expr x) : e(std::move(x)) {}
  explicit operator bool() const;  // asks the script; see path.h
  z3::expr e;
};

class Int {
 public:
  Int(int i) : e(context().int_val(i)) {}
  explicit Int(z3::expr x) : e(std::move(x)) {}
  z3::expr e;
};

// A value of an uninterpreted sort. Tag gives the sort its name.
template <class Tag> class Term {
 public:
  explicit Term(z3::expr x) : e(std::move(x)) {}
  static z3::sort sort() { return context().uninterpreted_sort(Tag::name); }
  static Term constant(const std::string& name) {
    return Term(context().constant(name.c_str(), sort()));
  }
  friend Bool operator==(const Term& a, const Term& b) { return Bool(a.e == b.e); }
  friend Bool operator!=(const Term& a, const Term& b) { return Bool(a.e != b.e); }
  z3::expr e;
};

template <class T> z3::sort sort_of() { return T::sort(); }
template <> inline z3::sort sort_of<Bool>() { return context().bool_sort(); }
template <> inline z3::sort sort_of<Int>() { return context().int_sort(); }

inline Bool operator!(const Bool& a) { return Bool(!a.e); }
inline Bool operator&&(const Bool& a, const Bool& b) { return Bool(a.e && b.e); }
inline Bool operator&&(bool a, const Bool& b) { return Bool(a) && b; }
inline Bool operator&&(const Bool& a, bool b) { return a && Bool(b); }
inline Bool operator||(const Bool& a, const Bool& b) { return Bool(a.e || b.e); }
inline Bool operator||(bool a, const Bool& b) { return Bool(a) || b; }
inline Bool operator||(const Bool& a, bool b) { return a || Bool(b); }
inline Bool operator==(const Bool& a, const Bool& b) { return Bool(a.e == b.e); }
inline Bool operator==(const Bool& a, bool b) { return a == Bool(b); }

inline Int operator+(const Int& a, const Int& b) { return Int(a.e + b.e); }
inline Int operator-(const Int& a, const Int& b) { return Int(a.e - b.e); }
inline Int operator*(int a, const Int& b) { return Int(context().int_val(a) * b.e); }
inline Bool operator==(const Int& a, const Int& b) { return Bool(a.e == b.e); }
inline Bool operator>=(const Int& a, const Int& b) { return Bool(a.e >= b.e); }
inline Bool operator>(const Int& a, const Int& b) { return Bool(a.e > b.e); }

inline Bool implies(const Bool& a, const Bool& b) { return Bool(z3::implies(a.e, b.e)); }
template <class T> T either(const Bool& which, const T& a, const T& b) {
  return T(z3::ite(which.e, a.e, b.e));
}

}  // namespace cow::prove
