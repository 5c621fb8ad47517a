// The transforms of ntt.hpp with eight lanes.
#pragma once
#include <cstddef>
#include <cstdint>

namespace prover {

/** Smallest size; below, there are not eight rows of eight. */
constexpr size_t LEAST_SIZE_FOR_LANES = 64;

/** Tables of a Domain, four words for each number. */
struct TransformTables {
  const uint8_t *forward, *backward, *shift;
};

/**
 * What Domain.toOddCoset does.
 * @param values `size` numbers of four words, which are replaced
 * @param memory five words for each number
 */
void toOddCosetIfma(uint8_t* values, size_t size, const TransformTables& tables, uint64_t* memory);

}  // namespace prover
