// Decimal text of 256-bit numbers.
#pragma once
#include <algorithm>
#include <string>

#include "limbs.hpp"

namespace prover {

inline std::string decimal(Limbs value) {
  std::string digits;
  do {
    uint128 rest = 0;
    for (int word = 3; word >= 0; word--) {
      rest = (rest << 64) | value[word];
      value[word] = uint64_t(rest / 10);
      rest %= 10;
    }
    digits.push_back(char('0' + int(rest)));
  } while (!isZero(value));
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace prover
