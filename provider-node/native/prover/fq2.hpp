// The quadratic extension Fq[u] with u² = −1, in which the points of the second group have their coordinates.
#pragma once
#include "field.hpp"

namespace prover {

struct Fq2 {
  Fq real{};
  Fq imaginary{};

  static constexpr Fq2 zero() { return {}; }
  static constexpr Fq2 one() { return {Fq::one(), Fq::zero()}; }

  friend Fq2 operator+(const Fq2& a, const Fq2& b) { return {a.real + b.real, a.imaginary + b.imaginary}; }
  friend Fq2 operator-(const Fq2& a, const Fq2& b) { return {a.real - b.real, a.imaginary - b.imaginary}; }

  /** Karatsuba: three products instead of four. */
  friend Fq2 operator*(const Fq2& a, const Fq2& b) {
    const Fq reals = a.real * b.real;
    const Fq imaginaries = a.imaginary * b.imaginary;
    const Fq crossed = (a.real + a.imaginary) * (b.real + b.imaginary);
    return {reals - imaginaries, crossed - reals - imaginaries};
  }

  friend bool operator==(const Fq2& a, const Fq2& b) { return a.real == b.real && a.imaginary == b.imaginary; }
  friend bool operator!=(const Fq2& a, const Fq2& b) { return !(a == b); }

  Fq2 square() const {
    return {(real + imaginary) * (real - imaginary), (real * imaginary).doubled()};
  }
  Fq2 doubled() const { return *this + *this; }
  Fq2 negated() const { return zero() - *this; }
  bool isZero() const { return real.isZero() && imaginary.isZero(); }

  Fq2 inverse() const {
    const Fq norm = (real.square() + imaginary.square()).inverse();
    return {real * norm, (imaginary * norm).negated()};
  }
};

}  // namespace prover
