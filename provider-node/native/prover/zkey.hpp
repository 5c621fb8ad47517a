// Groth16 proving keys in the format of snarkjs, version 1. Points are affine in Montgomery form; coefficients are stored
// times 2^512, so that one Montgomery product with a plain witness value gives Montgomery form.
#pragma once
#include <cstring>
#include <string>

#include "buckets.hpp"
#include "mappedFile.hpp"
#include "ntt.hpp"

namespace prover {

/** A factor of the matrix a (0) or b (1), as it lies in the file. */
struct Coefficient {
  uint32_t matrix, row, wire;
  Limbs value;
  static constexpr size_t BYTES = 44;
};

/** A checked key; the points stay in the mapped file. */
class Zkey {
 public:
  /** @throws Failure BAD_KEY for anything that the format does not allow, points off their curve included; NO_FILE */
  explicit Zkey(const std::string& path);

  uint32_t wires = 0;
  uint32_t publics = 0;
  Affine<Fq> alpha1, beta1, delta1;
  Affine<Fq2> beta2, delta2;
  KeyPoints<Fq> pointsA;
  KeyPoints<Fq> pointsB1;
  KeyPoints<Fq2> pointsB2;
  KeyPoints<Fq> pointsC;
  KeyPoints<Fq> pointsH;
  uint32_t coefficientCount = 0;

  const Domain& domain() const { return domain_; }

  Coefficient coefficient(uint32_t index) const {
    const uint8_t* at = coefficients_ + size_t(index) * Coefficient::BYTES;
    Coefficient factor;
    std::memcpy(&factor.matrix, at, 4);
    std::memcpy(&factor.row, at + 4, 4);
    std::memcpy(&factor.wire, at + 8, 4);
    std::memcpy(factor.value.data(), at + 12, 32);
    return factor;
  }

 private:
  MappedFile file_;
  Domain domain_{0};
  const uint8_t* coefficients_ = nullptr;
};

}  // namespace prover
