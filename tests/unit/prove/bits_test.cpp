// Words compare as unsigned numbers, whatever their top bit says.
#include "prove/bits.h"

#include <gtest/gtest.h>

namespace cow::prove {
namespace {

bool always(const Truth& t) {
  z3::solver solver(context());
  solver.add(!t.e);
  return solver.check() == z3::unsat;
}

TEST(Word, ComparesUnsigned) {
  const Word<32> top(0x8000'0000), one(1);
  EXPECT_TRUE(always(top > one));
  EXPECT_TRUE(always(top >= one));
  EXPECT_TRUE(always(one < top));
  EXPECT_TRUE(always(one <= top));
  EXPECT_TRUE(always(Word<64>(~std::uint64_t{0}) >= 1024));
}

TEST(Word, NoWordIsBelowZero) {
  const Word<8> any;
  EXPECT_TRUE(always(any >= 0));
  EXPECT_FALSE(always(any > 0));
}

TEST(Word, ShiftsAndWidensWithoutSign) {
  EXPECT_TRUE(always((Word<32>(0x8000'0000) >> Word<32>(31)) == 1));
  EXPECT_TRUE(always(Word<64>::widened(Word<32>(0x8000'0000)) == Word<64>(0x8000'0000)));
}

TEST(Word, TakesBitsApart) {
  const Word<8> w(0b1000'0110);
  EXPECT_TRUE(always(w.bit<1>() && w.bit<2>() && w.bit<7>() && !w.bit<0>()));
  EXPECT_TRUE(always(w.bits<2, 1>() == 3));
}

TEST(Word, KnowsNoNegativeLiteral) { EXPECT_THROW((void)(Word<8>() == -1), std::logic_error); }

TEST(Truth, IsNoPlainBoolOutsideAStep) {
  EXPECT_THROW((void)static_cast<bool>(Truth()), std::logic_error);
}

}  // namespace
}  // namespace cow::prove
