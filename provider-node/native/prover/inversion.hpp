// Inverses modulo a prime by 62 steps at a time: D. J. Bernstein and B.-Y. Yang, "Fast constant-time gcd computation and
// modular inversion" (2019), here in variable time. Four times as fast as a power by Fermat's little theorem.
#pragma once
#include "limbs.hpp"

namespace prover {

/** A number as five digits to the base 2^62; the highest has the sign. */
struct Wide {
  static constexpr uint64_t MASK = (uint64_t(1) << 62) - 1;
  int64_t digits[5];

  explicit Wide(const Limbs& value)
      : digits{int64_t(value[0] & MASK), int64_t((value[0] >> 62 | value[1] << 2) & MASK),
               int64_t((value[1] >> 60 | value[2] << 4) & MASK), int64_t((value[2] >> 58 | value[3] << 6) & MASK),
               int64_t(value[3] >> 56)} {}

  bool isZero() const { return (digits[0] | digits[1] | digits[2] | digits[3] | digits[4]) == 0; }

  Limbs limbs() const {
    const auto word = [this](int digit) { return uint64_t(digits[digit]); };
    return {word(0) | word(1) << 62, word(1) >> 2 | word(2) << 60, word(2) >> 4 | word(3) << 58, word(3) >> 6 | word(4) << 56};
  }
};

/** 62 division steps as a matrix, times 2^62. */
struct Steps {
  int64_t u = 1, v = 0, q = 0, r = 1;

  /** From the lowest bits of f, which is odd, and g. */
  Steps(int64_t& delta, uint64_t f, uint64_t g) {
    for (int left = 62;;) {
      const int zeros = __builtin_ctzll(g | (~uint64_t(0) << left));
      g >>= zeros;
      u = int64_t(uint64_t(u) << zeros);
      v = int64_t(uint64_t(v) << zeros);
      delta += zeros;
      left -= zeros;
      if (left == 0) return;
      if (delta > 0) {
        delta = -delta;
        const uint64_t oldF = f;
        f = g, g = -oldF;
        const int64_t oldU = u, oldV = v;
        u = q, q = -oldU;
        v = r, r = -oldV;
      }
      // until delta is positive again, multiples of f are added to g: as many steps at once as six bits of 1/f allow
      const int steps = int(-delta + 1 < left ? -delta + 1 : left);
      const uint64_t factor = (f * g * (f * f - 2)) & 63 & ((uint64_t(1) << (steps < 6 ? steps : 6)) - 1);
      g += f * factor;
      q += u * int64_t(factor);
      r += v * int64_t(factor);
    }
  }

  /** (f, g) becomes the matrix times (f, g). */
  void apply(Wide& f, Wide& g) const {
    __int128 one = 0, other = 0;
    for (int i = 0; i < 5; i++) {
      one += __int128(u) * f.digits[i] + __int128(v) * g.digits[i];
      other += __int128(q) * f.digits[i] + __int128(r) * g.digits[i];
      if (i > 0) {
        f.digits[i - 1] = int64_t(uint64_t(one) & Wide::MASK);
        g.digits[i - 1] = int64_t(uint64_t(other) & Wide::MASK);
      }
      one >>= 62, other >>= 62;
    }
    f.digits[4] = int64_t(one);
    g.digits[4] = int64_t(other);
  }

  /** The same modulo the prime, for numbers above −2·prime and below the prime, which the results are too. */
  void apply(Wide& d, Wide& e, const Wide& prime, uint64_t primeInverse) const {
    const int64_t dSign = d.digits[4] >> 63, eSign = e.digits[4] >> 63;
    int64_t dPrimes = (u & dSign) + (v & eSign), ePrimes = (q & dSign) + (r & eSign);
    __int128 one = 0, other = 0;
    for (int i = 0; i < 5; i++) {
      one += __int128(u) * d.digits[i] + __int128(v) * e.digits[i];
      other += __int128(q) * d.digits[i] + __int128(r) * e.digits[i];
      if (i == 0) {
        // multiples of the prime that make the lowest 62 bits zero
        dPrimes -= int64_t((primeInverse * uint64_t(one) + uint64_t(dPrimes)) & Wide::MASK);
        ePrimes -= int64_t((primeInverse * uint64_t(other) + uint64_t(ePrimes)) & Wide::MASK);
      }
      one += __int128(prime.digits[i]) * dPrimes;
      other += __int128(prime.digits[i]) * ePrimes;
      if (i > 0) {
        d.digits[i - 1] = int64_t(uint64_t(one) & Wide::MASK);
        e.digits[i - 1] = int64_t(uint64_t(other) & Wide::MASK);
      }
      one >>= 62, other >>= 62;
    }
    d.digits[4] = int64_t(one);
    e.digits[4] = int64_t(other);
  }
};

/** value + factor·prime, carried. */
inline void addPrimes(Wide& value, int64_t sign, const Wide& prime, int64_t factor) {
  int64_t carry = 0;
  for (int i = 0; i < 5; i++) {
    carry += value.digits[i] * sign + prime.digits[i] * factor;
    value.digits[i] = i < 4 ? int64_t(uint64_t(carry) & Wide::MASK) : carry;
    carry >>= 62;
  }
}

/**
 * @param value below the prime
 * @param primeInverse 1/prime modulo 2^64
 * @returns 1/value modulo the prime; of zero, zero
 */
inline Limbs inverseModulo(const Limbs& value, const Limbs& primeLimbs, uint64_t primeInverse) {
  const Wide prime(primeLimbs);
  Wide f = prime, g(value), d(Limbs{}), e(Limbs{1, 0, 0, 0});
  for (int64_t delta = 1; !g.isZero();) {
    const Steps steps(delta, uint64_t(f.digits[0]) | uint64_t(f.digits[1]) << 62, uint64_t(g.digits[0]) | uint64_t(g.digits[1]) << 62);
    steps.apply(f, g);
    steps.apply(d, e, prime, primeInverse);
  }
  // f is 1 or −1, and d that many inverses
  if (d.digits[4] < 0) addPrimes(d, 1, prime, 1);
  addPrimes(d, f.digits[4] < 0 ? -1 : 1, prime, 0);
  while (d.digits[4] < 0) addPrimes(d, 1, prime, 1);
  return d.limbs();
}

}  // namespace prover
