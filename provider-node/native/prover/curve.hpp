// Points of y² = x³ + b. Sums are kept in XYZZ coordinates, x = X/ZZ and y = Y/ZZZ with ZZ³ = ZZZ², whose mixed addition takes
// 10 products. Formulas: Explicit-Formulas Database, short Weierstrass curves with a = 0, "XYZZ coordinates":
// madd-2008-s, add-2008-s, dbl-2008-s-1, mdbl-2008-s-1.
#pragma once
#include "fq2.hpp"

namespace prover {

/** A point by its coordinates, as keys hold it; (0, 0), which is not on the curve, is the point at infinity. */
template <class F>
struct Affine {
  F x{}, y{};

  bool isInfinity() const { return x.isZero() && y.isZero(); }
  Affine negated() const { return {x, y.negated()}; }
};

template <class F>
struct Point {
  F x{}, y{}, zz{}, zzz{};

  static Point infinity() { return {}; }
  static Point from(const Affine<F>& point) {
    return point.isInfinity() ? infinity() : Point{point.x, point.y, F::one(), F::one()};
  }

  bool isInfinity() const { return zz.isZero(); }

  void add(const Affine<F>& other) {
    if (other.isInfinity()) return;
    if (isInfinity()) {
      *this = from(other);
      return;
    }
    const F p = other.x * zz - x;
    const F r = other.y * zzz - y;
    if (p.isZero()) {
      *this = r.isZero() ? twice(from(other)) : infinity();
      return;
    }
    finishAddition(p, r, x, y, zz, zzz);
  }

  void add(const Point& other) {
    if (other.isInfinity()) return;
    if (isInfinity()) {
      *this = other;
      return;
    }
    const F ownX = x * other.zz, ownY = y * other.zzz;
    const F p = other.x * zz - ownX;
    const F r = other.y * zzz - ownY;
    if (p.isZero()) {
      *this = r.isZero() ? twice(*this) : infinity();
      return;
    }
    finishAddition(p, r, ownX, ownY, zz * other.zz, zzz * other.zzz);
  }

  static Point twice(const Point& point) {
    const F u = point.y.doubled();
    const F v = u.square();
    const F w = u * v;
    const F s = point.x * v;
    const F xx = point.x.square();
    const F m = xx.doubled() + xx;
    const F x = m.square() - s.doubled();
    return {x, m * (s - x) - w * point.y, v * point.zz, w * point.zzz};
  }

  /** By doubling and adding. */
  static Point multiple(const Affine<F>& point, const Limbs& scalar) {
    Point sum;
    for (int bit = 255; bit >= 0; bit--) {
      sum = twice(sum);
      if (bitsAt(scalar, unsigned(bit), 1) == 1) sum.add(point);
    }
    return sum;
  }

  Affine<F> affine() const {
    if (isInfinity()) return {};
    const F inverse = zzz.inverse();
    const F z = zz * inverse;  // 1/Z, for ZZ = Z² and ZZZ = Z³
    return {x * z.square(), y * inverse};
  }

 private:
  /** What both additions share, once the points have common denominators. */
  void finishAddition(const F& p, const F& r, const F& ownX, const F& ownY, const F& ownZz, const F& ownZzz) {
    const F pp = p.square();
    const F ppp = p * pp;
    const F q = ownX * pp;
    const F sumX = r.square() - ppp - q.doubled();
    const F sumY = r * (q - sumX) - ownY * ppp;
    const F sumZz = ownZz * pp;
    zzz = ownZzz * ppp;
    x = sumX;
    y = sumY;
    zz = sumZz;
  }
};

/** b of the first group is 3. */
inline Fq curveB(const Fq&) {
  static const Fq b = Fq::from(3);
  return b;
}

/** b of the second group is 3/(9 + u). */
inline Fq2 curveB(const Fq2&) {
  static const Fq2 b = Fq2{Fq::from(9), Fq::one()}.inverse() * Fq2{Fq::from(3), Fq::zero()};
  return b;
}

/** Infinity counts as on the curve. */
template <class F>
bool isOnCurve(const Affine<F>& point) {
  return point.isInfinity() || point.y.square() == point.x.square() * point.x + curveB(point.x);
}

using G1 = Point<Fq>;
using G2 = Point<Fq2>;

}  // namespace prover
