#include "additions.hpp"

namespace prover {

bool invertTogether(uint64_t (*numbers)[4], size_t count) {
  const auto number = [&](size_t index) {
    return Fq{Limbs{numbers[index][0], numbers[index][1], numbers[index][2], numbers[index][3]}};
  };
  std::vector<Fq> products(count);
  Fq product = Fq::one();
  for (size_t index = 0; index < count; index++) {
    products[index] = product;
    product = product * number(index);
  }
  if (product.isZero()) return false;
  // the field's own inverse of a number is 2^512 over it
  Fq inverse = product.inverse() * Fq::from(64);
  for (size_t index = count; index-- > 0;) {
    const Fq result = inverse * products[index];
    inverse = inverse * number(index);
    std::memcpy(numbers[index], result.limbs.data(), sizeof result);
  }
  return true;
}

}  // namespace prover
