// Fields of prime order below 2^254; values are kept in Montgomery form, x·2^256.
#pragma once
#include "inversion.hpp"
#include "montgomery.hpp"

namespace prover {

template <class Parameters>
struct Field {
  Limbs limbs{};

  static constexpr Limbs PRIME = Parameters::PRIME;

  /** −1/prime modulo 2^64, by Newton's iteration: each step doubles the bits that are right. */
  static constexpr uint64_t INVERSE = [] {
    uint64_t inverse = 1;
    for (int step = 0; step < 6; step++) inverse *= 2 - PRIME[0] * inverse;
    return -inverse;
  }();

  /** 2^bits modulo the prime, as plain words. */
  static constexpr Limbs powerOfTwo(int bits) {
    Limbs value{1, 0, 0, 0};
    for (int bit = 0; bit < bits; bit++) {
      addTo(value, Limbs(value));
      if (!isLess(value, PRIME)) subtractFrom(value, PRIME);
    }
    return value;
  }

  static constexpr Field zero() { return {}; }
  static constexpr Field one() {
    constexpr Limbs R = powerOfTwo(256);
    return {R};
  }

  /** From plain words below the prime. */
  static Field from(const Limbs& plain) {
    constexpr Limbs R2 = powerOfTwo(512);
    return {product(plain, R2)};
  }
  static Field from(uint64_t plain) { return from(Limbs{plain, 0, 0, 0}); }

  /** Plain words below the prime. */
  Limbs plain() const { return product(limbs, Limbs{1, 0, 0, 0}); }

  /** Whether words are a value of the field, in either form. */
  static constexpr bool holds(const Limbs& words) { return isLess(words, PRIME); }

  friend Field operator+(const Field& a, const Field& b) {
#ifdef PROVER_ADX
    return {sumAdx(a.limbs, b.limbs, PRIME)};
#else
    Limbs sum = a.limbs;
    addTo(sum, b.limbs);
    return {reduced(sum)};
#endif
  }

  friend Field operator-(const Field& a, const Field& b) {
#ifdef PROVER_ADX
    return {differenceAdx(a.limbs, b.limbs, PRIME)};
#else
    Limbs difference = a.limbs;
    const uint64_t wrapped = -subtractFrom(difference, b.limbs);
    Limbs back;
    for (int i = 0; i < 4; i++) back[i] = PRIME[i] & wrapped;
    addTo(difference, back);
    return {difference};
#endif
  }

  friend Field operator*(const Field& a, const Field& b) { return {product(a.limbs, b.limbs)}; }
  friend bool operator==(const Field& a, const Field& b) { return a.limbs == b.limbs; }
  friend bool operator!=(const Field& a, const Field& b) { return a.limbs != b.limbs; }

  Field square() const { return *this * *this; }
  Field doubled() const { return *this + *this; }
  Field negated() const { return zero() - *this; }
  bool isZero() const { return prover::isZero(limbs); }

  Field power(const Limbs& exponent) const {
    Field result = one();
    for (int bit = 255; bit >= 0; bit--) {
      result = result.square();
      if (bitsAt(exponent, unsigned(bit), 1) == 1) result = result * *this;
    }
    return result;
  }

  /** Of zero, zero. */
  Field inverse() const {
    constexpr Limbs R3 = powerOfTwo(768);
    return {product(inverseModulo(limbs, PRIME, -INVERSE), R3)};
  }

 private:
  static Limbs reduced(const Limbs& value) {
    Limbs less = value;
    const uint64_t keep = -subtractFrom(less, PRIME);
    for (int i = 0; i < 4; i++) less[i] = (value[i] & keep) | (less[i] & ~keep);
    return less;
  }

  static Limbs product(const Limbs& a, const Limbs& b) {
#ifdef PROVER_ADX
    return montgomeryAdx(a, b, PRIME, INVERSE);
#else
    return reduced(montgomeryPortable(a, b, PRIME, INVERSE));
#endif
  }
};

/** Coordinates of BN254 points. */
struct FqParameters {
  static constexpr Limbs PRIME{0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029};
};

/** Scalars: the order of the groups, and the field of all signals. */
struct FrParameters {
  static constexpr Limbs PRIME{0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029};
};

using Fq = Field<FqParameters>;
using Fr = Field<FrParameters>;

}  // namespace prover
