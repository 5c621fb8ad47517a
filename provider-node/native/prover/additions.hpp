// Many additions of points that do not depend on each other, in affine coordinates. Each needs a division, and P. Montgomery's
// trick ("Speeding the Pollard and elliptic curve methods of factorization", 1987, section 10.3.1) makes one inversion and
// three products for each out of all of them: six products for an addition, where XYZZ coordinates need ten.
#pragma once
#include <cstring>
#include <vector>

#include "additionsIfma.hpp"
#include "cpu.hpp"
#include "curve.hpp"

namespace prover {

/** Adds in batches; keeps its working memory, so it serves one thread. */
template <class F>
class Adder {
 public:
  /**
   * Makes each addition. No sum may be a term of another addition of the same call; it may be a term of its own. Terms are
   * finite, sums may be infinity.
   * @param points terms, at any alignment
   */
  void add(const uint8_t* points, Affine<F>* sums, const std::vector<Addition>& additions) {
    for (size_t done = 0; done < additions.size(); done += BATCH) {
      const size_t count = additions.size() - done < BATCH ? additions.size() - done : BATCH;
      const Addition* batch = additions.data() + done;
      if (count < LEAST_FOR_LANES || !hasIfma() || !addLanes(points, sums, batch, count)) addSingly(points, sums, batch, count);
    }
  }

  /** A term with its sign. */
  static Affine<F> term(const uint8_t* points, uint32_t term) {
    Affine<F> point;
    std::memcpy(static_cast<void*>(&point), points + (term >> 1) * sizeof point, sizeof point);
    return (term & 1) != 0 ? point.negated() : point;
  }

 private:
  /** Additions that share an inversion: it then costs less than a tenth of them, and their numbers stay in the second cache. */
  static constexpr size_t BATCH = 1024;
  /** With fewer, most lanes would be empty. */
  static constexpr size_t LEAST_FOR_LANES = 6;

  std::vector<uint64_t> lanes_;
  std::vector<F> products_;

  bool addLanes(const uint8_t* points, Affine<F>* sums, const Addition* additions, size_t count) {
    lanes_.resize(BATCH * WORDS_PER_ADDITION);
    auto* to = reinterpret_cast<uint8_t*>(sums);
    return sizeof(F) == sizeof(Fq) ? addIfmaG1(points, to, additions, count, lanes_.data())
                                   : addIfmaG2(points, to, additions, count, lanes_.data());
  }

  /** The slope of the line through both terms is y over x. Vertical lines have x = 0. */
  struct Slope {
    F x, y;
    Slope(const Affine<F>& one, const Affine<F>& other) : x(other.x - one.x), y(other.y - one.y) {
      if (!x.isZero() || !y.isZero()) return;
      const F square = one.x.square();  // equal points: the tangent
      x = one.y.doubled();
      y = square.doubled() + square;
    }
  };

  void addSingly(const uint8_t* points, Affine<F>* sums, const Addition* additions, size_t count) {
    products_.resize(BATCH);
    F product = F::one();
    for (size_t index = 0; index < count; index++) {
      products_[index] = product;
      const F x = Slope(term(points, additions[index].one), term(points, additions[index].other)).x;
      if (!x.isZero()) product = product * x;
    }
    F inverse = product.inverse();
    for (size_t index = count; index-- > 0;) {
      const Affine<F> one = term(points, additions[index].one), other = term(points, additions[index].other);
      const Slope slope(one, other);
      Affine<F>& sum = sums[additions[index].sum];
      if (slope.x.isZero()) {
        sum = {};
        continue;
      }
      const F tilt = slope.y * (inverse * products_[index]);
      inverse = inverse * slope.x;
      const F x = tilt.square() - one.x - other.x;
      sum = {x, tilt * (one.x - x) - one.y};
    }
  }
};

}  // namespace prover
