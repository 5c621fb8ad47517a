#include "wtns.hpp"

#include "field.hpp"
#include "sections.hpp"

namespace prover {

std::vector<Limbs> readWitness(const uint8_t* data, size_t size, uint32_t wires) {
  const auto refuse = [](const char* message) { throw Failure(Fault::BAD_WITNESS, message); };
  const Sections sections(data, size, "wtns", 2, Fault::BAD_WITNESS);
  Reader header = sections.of(1);
  if (header.take<uint32_t>() != 32 || header.take<Limbs>() != Fr::PRIME) refuse("The witness is not over BN254.");
  if (header.take<uint32_t>() != wires) refuse("The witness is of another circuit.");
  if (header.left() > 0) refuse("The header is too long.");
  std::vector<Limbs> witness(wires);
  std::memcpy(witness.data(), sections.exactly(2, uint64_t(wires) * sizeof(Limbs)), wires * sizeof(Limbs));
  for (const Limbs& value : witness) {
    if (!Fr::holds(value)) refuse("A value is not of the field.");
  }
  if (witness[0] != Limbs{1, 0, 0, 0}) refuse("The first value is not 1.");
  return witness;
}

}  // namespace prover
