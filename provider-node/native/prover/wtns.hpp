// Witnesses in the format of snarkjs, version 2: plain values, one for each wire.
#pragma once
#include <cstddef>
#include <vector>

#include "limbs.hpp"

namespace prover {

/** @throws Failure BAD_WITNESS unless there are `wires` values of the field and the first is 1 */
std::vector<Limbs> readWitness(const uint8_t* data, size_t size, uint32_t wires);

}  // namespace prover
