#include "zkey.hpp"

#include "sections.hpp"

namespace prover {

namespace {

[[noreturn]] void refuse(const std::string& message) { throw Failure(Fault::BAD_KEY, message); }

template <class F>
bool hasValidCoordinates(const Affine<F>& point) {
  Limbs words[sizeof point / sizeof(Limbs)];
  std::memcpy(words, &point, sizeof point);
  for (const Limbs& coordinate : words) {
    if (!Fq::holds(coordinate)) return false;
  }
  return true;
}

/** Reads `count` points to see that each is on its curve. */
template <class F>
KeyPoints<F> checkedPoints(const uint8_t* points, size_t count, const char* what, uint32_t skipped = 0) {
  KeyPoints<F> checked{points, skipped, std::vector<bool>(count)};
  for (size_t index = 0; index < count; index++) {
    Affine<F> point;
    std::memcpy(static_cast<void*>(&point), points + index * sizeof point, sizeof point);
    if (!hasValidCoordinates(point) || !isOnCurve(point)) {
      refuse("Point " + std::to_string(index) + " of " + what + " is not on the curve.");
    }
    checked.isInfinity[index] = point.isInfinity();
  }
  return checked;
}

template <class F>
Affine<F> takePoint(Reader& header, const char* what) {
  const uint8_t* bytes = header.take(sizeof(Affine<F>));
  checkedPoints<F>(bytes, 1, what);
  Affine<F> point;
  std::memcpy(static_cast<void*>(&point), bytes, sizeof point);
  return point;
}

unsigned bitsOf(uint32_t domainSize) {
  unsigned bits = 0;
  while (bits <= Domain::MAX_BITS && (uint32_t(1) << bits) != domainSize) bits++;
  if (bits == 0 || bits > Domain::MAX_BITS) refuse("The domain has an impossible size.");
  return bits;
}

}  // namespace

Zkey::Zkey(const std::string& path) : file_(path) {
  const Sections sections(file_.data(), file_.size(), "zkey", 1, Fault::BAD_KEY);
  Reader protocol = sections.of(1);
  if (protocol.take<uint32_t>() != 1) refuse("The key is not for Groth16.");

  Reader header = sections.of(2);
  if (header.take<uint32_t>() != 32 || header.take<Limbs>() != Fq::PRIME) refuse("The key is not over BN254.");
  if (header.take<uint32_t>() != 32 || header.take<Limbs>() != Fr::PRIME) refuse("The key is not over BN254.");
  wires = header.take<uint32_t>();
  publics = header.take<uint32_t>();
  const uint32_t domainSize = header.take<uint32_t>();
  const unsigned bits = bitsOf(domainSize);
  if (publics >= wires) refuse("The key has more public signals than wires.");
  alpha1 = takePoint<Fq>(header, "alpha");
  beta1 = takePoint<Fq>(header, "beta");
  beta2 = takePoint<Fq2>(header, "beta");
  takePoint<Fq2>(header, "gamma");
  delta1 = takePoint<Fq>(header, "delta");
  delta2 = takePoint<Fq2>(header, "delta");
  if (header.left() > 0) refuse("The header is too long.");

  constexpr uint64_t POINT = sizeof(Affine<Fq>);
  checkedPoints<Fq>(sections.exactly(3, (publics + uint64_t(1)) * POINT), publics + size_t(1), "IC");
  pointsA = checkedPoints<Fq>(sections.exactly(5, wires * POINT), wires, "A");
  pointsB1 = checkedPoints<Fq>(sections.exactly(6, wires * POINT), wires, "B1");
  pointsB2 = checkedPoints<Fq2>(sections.exactly(7, wires * 2 * POINT), wires, "B2");
  const uint32_t privates = wires - publics - 1;
  pointsC = checkedPoints<Fq>(sections.exactly(8, privates * POINT), privates, "C", publics + 1);
  pointsH = checkedPoints<Fq>(sections.exactly(9, domainSize * POINT), domainSize, "H");

  Reader factors = sections.of(4);
  coefficientCount = factors.take<uint32_t>();
  if (factors.left() != uint64_t(coefficientCount) * Coefficient::BYTES) refuse("Section 4 has a wrong length.");
  coefficients_ = factors.take(factors.left());
  for (uint32_t index = 0; index < coefficientCount; index++) {
    const Coefficient factor = coefficient(index);
    const bool fits = factor.matrix < 2 && factor.row < domainSize && factor.wire < wires && Fr::holds(factor.value);
    if (!fits) refuse("Coefficient " + std::to_string(index) + " is outside the circuit.");
  }
  domain_ = Domain(bits);
}

}  // namespace prover
