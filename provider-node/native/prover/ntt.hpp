// Number-theoretic transforms of size 2^k over the scalar field. The inverse one decimates in frequency (Gentleman and Sande,
// 1966) and leaves its result in bit-reversed order; the forward one decimates in time (Cooley and Tukey, 1965) and takes
// that order, so nothing is ever permuted.
#pragma once
#include <vector>

#include "cpu.hpp"
#include "field.hpp"
#include "nttIfma.hpp"

namespace prover {

/** Tables for one size. */
class Domain {
 public:
  static constexpr unsigned MAX_BITS = 24;

  explicit Domain(unsigned bits) : size_(size_t(1) << bits), forward_(size_), backward_(size_), shift_(size_) {
    const Fr odd = rootOfUnity(bits + 1);
    const Fr root = odd.square();
    fillTwiddles(forward_, root);
    fillTwiddles(backward_, root.inverse());
    Fr power = Fr::from(size_).inverse();
    for (size_t place = 0; place < size_; place++) {
      shift_[reversed(place, bits)] = power;
      power = power * odd;
    }
  }

  size_t size() const { return size_; }

  /** From values at the roots of unity to values of the same polynomial at the odd roots of twice the order. */
  void toOddCoset(std::vector<Fr>& values) const {
    if (hasIfma() && size_ >= LEAST_SIZE_FOR_LANES) {
      std::vector<uint64_t> memory(5 * size_);
      const auto bytes = [](const std::vector<Fr>& table) { return reinterpret_cast<const uint8_t*>(table.data()); };
      toOddCosetIfma(reinterpret_cast<uint8_t*>(values.data()), size_, {bytes(forward_), bytes(backward_), bytes(shift_)},
                     memory.data());
      return;
    }
    inverseTransform(values);
    for (size_t place = 0; place < size_; place++) values[place] = values[place] * shift_[place];
    transform(values);
  }

  /** Coefficients in bit-reversed order to values in natural order. */
  void transform(std::vector<Fr>& values) const {
    for (size_t half = 1; half < size_; half *= 2) {
      for (size_t start = 0; start < size_; start += 2 * half) {
        for (size_t place = 0; place < half; place++) {
          Fr& low = values[start + place];
          Fr& high = values[start + place + half];
          const Fr turned = high * forward_[half + place];
          high = low - turned;
          low = low + turned;
        }
      }
    }
  }

  /** Values in natural order to coefficients in bit-reversed order, times the size. */
  void inverseTransform(std::vector<Fr>& values) const {
    for (size_t half = size_ / 2; half > 0; half /= 2) {
      for (size_t start = 0; start < size_; start += 2 * half) {
        for (size_t place = 0; place < half; place++) {
          Fr& low = values[start + place];
          Fr& high = values[start + place + half];
          const Fr difference = low - high;
          low = low + high;
          high = difference * backward_[half + place];
        }
      }
    }
  }

 private:
  size_t size_;
  /** Powers of the root of order 2·half, at half … 2·half − 1. */
  std::vector<Fr> forward_, backward_;
  /** Powers of the first odd root, in bit-reversed order, divided by the size. */
  std::vector<Fr> shift_;

  /** 5 generates the multiplicative group, whose order is a multiple of 2^28. */
  static Fr rootOfUnity(unsigned bits) {
    Limbs exponent = Fr::PRIME;
    subtractFrom(exponent, Limbs{1, 0, 0, 0});
    for (unsigned step = 0; step < 28; step++) {
      for (int word = 0; word < 4; word++) {
        exponent[word] >>= 1;
        if (word < 3) exponent[word] |= exponent[word + 1] << 63;
      }
    }
    Fr root = Fr::from(5).power(exponent);
    for (unsigned order = 28; order > bits; order--) root = root.square();
    return root;
  }

  void fillTwiddles(std::vector<Fr>& table, Fr root) const {
    for (size_t half = size_ / 2; half > 0; half /= 2) {
      Fr power = Fr::one();
      for (size_t place = 0; place < half; place++) {
        table[half + place] = power;
        power = power * root;
      }
      root = root.square();
    }
  }

  static size_t reversed(size_t place, unsigned bits) {
    size_t result = 0;
    for (unsigned bit = 0; bit < bits; bit++) result |= ((place >> bit) & 1) << (bits - 1 - bit);
    return result;
  }
};

}  // namespace prover
