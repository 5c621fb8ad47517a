// Σ scalarᵢ·pointᵢ by buckets: N. Pippenger, "On the evaluation of powers and related problems" (1976), with signed digits,
// so that a window of c bits needs 2^(c−1) buckets. A witness is mostly zeros and ones: zeros are left out, and the points
// of ones are summed apart.
#pragma once
#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "curve.hpp"

namespace prover {

/** Scalars sorted by kind and cut into digits, once for all sums that use them. */
class Digits {
 public:
  /** @param scalars plain words below the order of the groups */
  explicit Digits(const std::vector<Limbs>& scalars) {
    const Limbs unit{1, 0, 0, 0};
    for (uint32_t index = 0; index < scalars.size(); index++) {
      if (scalars[index] == unit) ones.push_back(index);
      else if (!isZero(scalars[index])) others.push_back(index);
    }
    bits = cheapestWidth(others.size());
    windows = (SCALAR_BITS + bits) / bits;  // one bit more than the scalar, for the last carry
    digits.resize(size_t(windows) * others.size());
    for (size_t place = 0; place < others.size(); place++) cut(scalars[others[place]], place);
  }

  std::vector<uint32_t> ones;
  std::vector<uint32_t> others;
  unsigned bits = 0;
  unsigned windows = 0;

  /** Digit of `others[place]` in a window: from −2^(bits−1) to 2^(bits−1). */
  int digit(unsigned window, size_t place) const { return digits[window * others.size() + place]; }

 private:
  static constexpr unsigned SCALAR_BITS = 254;
  std::vector<int16_t> digits;

  /** Additions: one for each scalar and two for each bucket, in each window. */
  static unsigned cheapestWidth(size_t count) {
    unsigned best = 2;
    double least = 1e300;
    for (unsigned width = 2; width <= 15; width++) {
      const double cost = double((SCALAR_BITS + width) / width) * (double(count) + double(uint64_t(2) << (width - 1)));
      if (cost < least) {
        least = cost;
        best = width;
      }
    }
    return best;
  }

  void cut(const Limbs& scalar, size_t place) {
    int carry = 0;
    for (unsigned window = 0; window < windows; window++) {
      int value = int(bitsAt(scalar, window * bits, bits)) + carry;
      carry = value > (1 << (bits - 1)) ? 1 : 0;
      value -= carry << bits;
      digits[window * others.size() + place] = int16_t(value);
    }
  }
};

/** One sum, to be computed by tasks that may run at the same time. */
template <class F>
class Sum {
 public:
  /**
   * @param points as they lie in a key: 2·sizeof(F) bytes each, at any alignment
   * @param skipped scalars before the one of the first point
   * @param digits must outlive the sum
   */
  Sum(const uint8_t* points, size_t skipped, const Digits& digits)
      : points_(points), skipped_(skipped), digits_(digits), parts_(digits.windows + 1) {}

  /** Adds the tasks to a list. */
  void addTasks(std::vector<std::function<void()>>& tasks) {
    tasks.push_back([this] { parts_[digits_.windows] = sumOfOnes(); });
    for (unsigned window = 0; window < digits_.windows; window++) {
      tasks.push_back([this, window] { parts_[window] = sumOfWindow(window); });
    }
  }

  /** The sum, once all tasks have run. */
  Point<F> result() const {
    Point<F> sum;
    for (unsigned window = digits_.windows; window-- > 0;) {
      for (unsigned bit = 0; bit < digits_.bits; bit++) sum = Point<F>::twice(sum);
      sum.add(parts_[window]);
    }
    sum.add(parts_[digits_.windows]);
    return sum;
  }

 private:
  const uint8_t* points_;
  size_t skipped_;
  const Digits& digits_;
  std::vector<Point<F>> parts_;

  Affine<F> pointOf(uint32_t scalar) const {
    Affine<F> point;
    std::memcpy(static_cast<void*>(&point), points_ + (scalar - skipped_) * sizeof point, sizeof point);
    return point;
  }

  Point<F> sumOfOnes() const {
    Point<F> sum;
    for (const uint32_t scalar : digits_.ones) {
      if (scalar >= skipped_) sum.add(pointOf(scalar));
    }
    return sum;
  }

  Point<F> sumOfWindow(unsigned window) const {
    std::vector<Point<F>> buckets(size_t(1) << (digits_.bits - 1));
    size_t highest = 0;
    for (size_t place = 0; place < digits_.others.size(); place++) {
      const int digit = digits_.digit(window, place);
      const uint32_t scalar = digits_.others[place];
      if (digit == 0 || scalar < skipped_) continue;
      const size_t bucket = size_t(digit > 0 ? digit : -digit) - 1;
      const Affine<F> point = pointOf(scalar);
      buckets[bucket].add(digit > 0 ? point : point.negated());
      highest = std::max(highest, bucket + 1);
    }
    // Σ k·bucket[k]: the running sum from the top is added once for each step down
    Point<F> running, sum;
    for (size_t bucket = highest; bucket-- > 0;) {
      running.add(buckets[bucket]);
      sum.add(running);
    }
    return sum;
  }
};

}  // namespace prover
