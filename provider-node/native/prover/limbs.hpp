// Numbers of 256 bits as four words, least significant first.
#pragma once
#include <array>
#include <cstdint>

namespace prover {

using Limbs = std::array<uint64_t, 4>;
using uint128 = unsigned __int128;

/** Adds in place; the carry is returned. */
constexpr uint64_t addTo(Limbs& sum, const Limbs& other) {
  uint128 carry = 0;
  for (int i = 0; i < 4; i++) {
    carry += uint128(sum[i]) + other[i];
    sum[i] = uint64_t(carry);
    carry >>= 64;
  }
  return uint64_t(carry);
}

/** Subtracts in place; returns 1 when the result wrapped round. */
constexpr uint64_t subtractFrom(Limbs& difference, const Limbs& other) {
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    const uint128 step = uint128(difference[i]) - other[i] - borrow;
    difference[i] = uint64_t(step);
    borrow = uint64_t(step >> 64) & 1;
  }
  return borrow;
}

constexpr bool isLess(const Limbs& one, const Limbs& other) {
  Limbs difference = one;
  return subtractFrom(difference, other) == 1;
}

constexpr bool isZero(const Limbs& value) { return (value[0] | value[1] | value[2] | value[3]) == 0; }

/** `count` bits from bit `from` on; bits beyond 256 are 0. At most 32 bits. */
constexpr uint32_t bitsAt(const Limbs& value, unsigned from, unsigned count) {
  const unsigned word = from / 64, shift = from % 64;
  if (word > 3) return 0;
  uint64_t bits = value[word] >> shift;
  if (shift + count > 64 && word < 3) bits |= value[word + 1] << (64 - shift);
  return uint32_t(bits & ((uint64_t(1) << count) - 1));
}

}  // namespace prover
