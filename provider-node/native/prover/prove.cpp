#include "prove.hpp"

#include <memory>

#include "msm.hpp"
#include "parallel.hpp"
#include "random.hpp"

namespace prover {

namespace {

using Tasks = std::vector<std::function<void()>>;

/** The values of matrix a or b times the witness, by row. */
std::vector<Fr> rowsOf(const Zkey& key, const std::vector<Limbs>& witness, uint32_t matrix) {
  std::vector<Fr> rows(key.domain().size());
  for (uint32_t index = 0; index < key.coefficientCount; index++) {
    const Coefficient factor = key.coefficient(index);
    if (factor.matrix != matrix || isZero(witness[factor.wire])) continue;
    // (value·2^512)·w/2^256 is the product in Montgomery form
    rows[factor.row] = rows[factor.row] + Fr{factor.value} * Fr{witness[factor.wire]};
  }
  return rows;
}

/** The quotient's values at the odd places, plain: a·b − c there, the division being in the key's points. */
std::vector<Limbs> quotient(const std::vector<Fr>& a, const std::vector<Fr>& b, const std::vector<Fr>& c) {
  std::vector<Limbs> values(a.size());
  for (size_t place = 0; place < a.size(); place++) values[place] = (a[place] * b[place] - c[place]).plain();
  return values;
}

}  // namespace

Proof prove(const Zkey& key, const std::vector<Limbs>& witness) {
  const Domain& domain = key.domain();
  std::vector<Fr> a, b, c(domain.size());
  std::unique_ptr<Digits> digits;
  runAll({[&] { a = rowsOf(key, witness, 0); }, [&] { b = rowsOf(key, witness, 1); },
          [&] { digits = std::make_unique<Digits>(witness); }});
  for (size_t row = 0; row < c.size(); row++) c[row] = a[row] * b[row];

  Sum<Fq> sumA(key.pointsA, 0, *digits), sumB1(key.pointsB1, 0, *digits);
  Sum<Fq2> sumB2(key.pointsB2, 0, *digits);
  Sum<Fq> sumC(key.pointsC, key.publics + size_t(1), *digits);
  Tasks tasks{[&] { domain.toOddCoset(a); }, [&] { domain.toOddCoset(b); }, [&] { domain.toOddCoset(c); }};
  sumB2.addTasks(tasks);
  for (Sum<Fq>* sum : {&sumA, &sumB1, &sumC}) sum->addTasks(tasks);
  runAll(tasks);

  const Digits quotientDigits(quotient(a, b, c));
  Sum<Fq> sumH(key.pointsH, 0, quotientDigits);
  Tasks lastTasks;
  sumH.addTasks(lastTasks);
  runAll(lastTasks);

  const Limbs r = randomScalar(), s = randomScalar();
  // A = α + Σ wᵢ·Aᵢ + r·δ
  G1 proofA = sumA.result();
  proofA.add(key.alpha1);
  proofA.add(G1::multiple(key.delta1, r));
  // B = β + Σ wᵢ·Bᵢ + s·δ, in both groups
  G2 proofB = sumB2.result();
  proofB.add(key.beta2);
  proofB.add(G2::multiple(key.delta2, s));
  G1 proofB1 = sumB1.result();
  proofB1.add(key.beta1);
  proofB1.add(G1::multiple(key.delta1, s));
  // C = Σ private wᵢ·Cᵢ + Σ hᵢ·Hᵢ + s·A + r·B − r·s·δ
  G1 proofC = sumC.result();
  proofC.add(sumH.result());
  const Affine<Fq> affineA = proofA.affine();
  proofC.add(G1::multiple(affineA, s));
  proofC.add(G1::multiple(proofB1.affine(), r));
  proofC.add(G1::multiple(key.delta1.negated(), (Fr::from(r) * Fr::from(s)).plain()));
  return {affineA, proofB.affine(), proofC.affine()};
}

}  // namespace prover
