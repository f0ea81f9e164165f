// Machine words for Z3: a width in the type, every comparison unsigned, every shift logical.
//
// z3::expr alone compares bit-vectors as signed numbers. Here there is no such comparison to write
// by accident, and words of two widths do not mix.
#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "prove/path.h"

namespace cow::prove {

// A condition in which plain bool stands too. Used as a plain bool it asks the running path which
// way to go, and outside of one it throws: the implementation's decisions never do that.
class Truth {
 public:
  Truth() : e(context(), Z3_mk_fresh_const(context(), "any", context().bool_sort())) {}
  template <std::same_as<bool> Plain> Truth(Plain b) : e(context().bool_val(b)) {}
  explicit Truth(z3::expr x) : e(std::move(x)) {}
  static Truth constant(const std::string& name) {
    return Truth(context().bool_const(name.c_str()));
  }
  operator bool() const { return static_cast<bool>(Bool(e)); }
  z3::expr e;
};

inline Truth operator!(const Truth& a) { return Truth(!a.e); }
inline Truth operator&&(const Truth& a, const Truth& b) { return Truth(a.e && b.e); }
inline Truth operator||(const Truth& a, const Truth& b) { return Truth(a.e || b.e); }
inline Truth operator==(const Truth& a, const Truth& b) { return Truth(a.e == b.e); }
template <std::same_as<bool> Plain> Truth operator&&(Plain a, const Truth& b) {
  return Truth(a) && b;
}
template <std::same_as<bool> Plain> Truth operator&&(const Truth& a, Plain b) {
  return a && Truth(b);
}
template <std::same_as<bool> Plain> Truth operator||(Plain a, const Truth& b) {
  return Truth(a) || b;
}
template <std::same_as<bool> Plain> Truth operator||(const Truth& a, Plain b) {
  return a || Truth(b);
}
template <std::same_as<bool> Plain> Truth operator==(const Truth& a, Plain b) {
  return a == Truth(b);
}

template <unsigned Bits> class Word {
 public:
  Word() : e(context(), Z3_mk_fresh_const(context(), "any", context().bv_sort(Bits))) {}
  explicit Word(std::uint64_t n) : e(context().bv_val(n, Bits)) {}
  explicit Word(z3::expr x) : e(std::move(x)) {}
  static Word constant(const std::string& name) {
    return Word(context().bv_const(name.c_str(), Bits));
  }

  // The bits of a narrower word in a wider one: no sign is extended.
  template <unsigned Narrow> static Word widened(const Word<Narrow>& w) {
    static_assert(Narrow < Bits);
    return Word(z3::zext(w.e, Bits - Narrow));
  }
  template <unsigned Low> Truth bit() const {
    static_assert(Low < Bits);
    return Truth(e.extract(Low, Low) == context().bv_val(1, 1));
  }
  template <unsigned High, unsigned Low> Word<High - Low + 1> bits() const {
    static_assert(Low <= High && High < Bits);
    return Word<High - Low + 1>(e.extract(High, Low));
  }

  friend Word operator&(const Word& a, const Word& b) { return Word(a.e & b.e); }
  friend Word operator|(const Word& a, const Word& b) { return Word(a.e | b.e); }
  friend Word operator>>(const Word& a, const Word& b) { return Word(z3::lshr(a.e, b.e)); }
  friend Word operator+(const Word& a, const Word& b) { return Word(a.e + b.e); }
  friend Word operator-(const Word& a, const Word& b) { return Word(a.e - b.e); }
  friend Truth operator==(const Word& a, const Word& b) { return Truth(a.e == b.e); }
  friend Truth operator!=(const Word& a, const Word& b) { return Truth(a.e != b.e); }
  friend Truth operator<(const Word& a, const Word& b) { return Truth(z3::ult(a.e, b.e)); }
  friend Truth operator<=(const Word& a, const Word& b) { return Truth(z3::ule(a.e, b.e)); }
  friend Truth operator>(const Word& a, const Word& b) { return Truth(z3::ugt(a.e, b.e)); }
  friend Truth operator>=(const Word& a, const Word& b) { return Truth(z3::uge(a.e, b.e)); }
  // Beside the literals of the specification, which are small and not negative.
  friend Word operator+(int n, const Word& w) { return Word(literal(n)) + w; }
  friend Word operator*(int n, const Word& w) { return Word(Word(literal(n)).e * w.e); }
  friend Truth operator==(const Word& a, int n) { return a == Word(literal(n)); }
  friend Truth operator>=(const Word& a, int n) { return a >= Word(literal(n)); }
  friend Truth operator>(const Word& a, int n) { return a > Word(literal(n)); }

  z3::expr e;

 private:
  static std::uint64_t literal(int n) {
    if (n < 0) throw std::logic_error("a negative number beside an unsigned word");
    return static_cast<std::uint64_t>(n);
  }
};

}  // namespace cow::prove
