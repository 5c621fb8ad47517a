// Scalars as sums of multiples need them. A witness is mostly zeros and ones: zeros are left out, ones need no multiplication.
#pragma once
#include <vector>

#include "limbs.hpp"

namespace prover {

/** Sorts scalars by kind, once for all sums that use them; they must outlive it. */
struct Scalars {
  /** @param scalars plain words below the order of the groups */
  explicit Scalars(const std::vector<Limbs>& scalars) : values(scalars) {
    const Limbs unit{1, 0, 0, 0};
    for (uint32_t index = 0; index < scalars.size(); index++) {
      if (scalars[index] == unit) ones.push_back(index);
      else if (!isZero(scalars[index])) others.push_back(index);
    }
  }

  const std::vector<Limbs>& values;
  std::vector<uint32_t> ones;
  std::vector<uint32_t> others;
};

/**
 * Signed digits of scalars to the base 2^width, from −2^(width−1) to 2^(width−1). Half the base is added to every digit but the
 * highest beforehand, so that each can be read by itself: nothing is carried.
 */
class Digits {
 public:
  /** @param width 2 … 16 */
  explicit Digits(unsigned width) : width(width), windows((SCALAR_BITS + width) / width) {
    for (unsigned window = 0; window + 1 < windows; window++) {
      const unsigned bit = window * width + width - 1;
      halves_[bit / 64] |= uint64_t(1) << (bit % 64);
    }
  }

  const unsigned width;
  const unsigned windows;

  /** The form of a scalar that `digit` reads. */
  Limbs prepared(Limbs scalar) const {
    addTo(scalar, halves_);
    return scalar;
  }

  int digit(const Limbs& prepared, unsigned window) const {
    const int bits = int(bitsAt(prepared, window * width, width));
    return window + 1 < windows ? bits - (1 << (width - 1)) : bits;
  }

 private:
  static constexpr unsigned SCALAR_BITS = 254;
  Limbs halves_{};
};

}  // namespace prover
