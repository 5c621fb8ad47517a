#include "prove.hpp"

#include <memory>

#include "msm.hpp"
#include "parallel.hpp"
#include "random.hpp"

namespace prover {

namespace {

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

}  // namespace

Proof prove(const Zkey& key, const std::vector<Limbs>& witness) {
  const Domain& domain = key.domain();
  std::vector<Fr> a, b, c(domain.size());
  std::unique_ptr<Scalars> scalars;
  runAll({[&] { a = rowsOf(key, witness, 0); }, [&] { b = rowsOf(key, witness, 1); },
          [&] { scalars = std::make_unique<Scalars>(witness); }});

  std::unique_ptr<Sum<Fq>> sumA, sumB1, sumC, sumH;
  std::unique_ptr<Sum<Fq2>> sumB2;
  runAll({[&] { for (size_t row = 0; row < c.size(); row++) c[row] = a[row] * b[row]; },
          [&] { sumA = std::make_unique<Sum<Fq>>(key.pointsA, *scalars); },
          [&] { sumB1 = std::make_unique<Sum<Fq>>(key.pointsB1, *scalars); },
          [&] { sumB2 = std::make_unique<Sum<Fq2>>(key.pointsB2, *scalars); },
          [&] { sumC = std::make_unique<Sum<Fq>>(key.pointsC, *scalars); }});

  Tasks tasks{[&] { domain.toOddCoset(a); }, [&] { domain.toOddCoset(b); }, [&] { domain.toOddCoset(c); }};
  sumB2->addTasks(tasks);
  for (const auto* sum : {&sumA, &sumB1, &sumC}) (*sum)->addTasks(tasks);
  runAll(tasks);

  // the quotient's values at the odd places, plain: a·b − c there, the division being in the key's points
  std::vector<Limbs> values(domain.size());
  runHalves(values.size(), [&](size_t from, size_t to) {
    for (size_t place = from; place < to; place++) values[place] = (a[place] * b[place] - c[place]).plain();
  });
  const Scalars quotient(values);
  sumH = std::make_unique<Sum<Fq>>(key.pointsH, quotient);
  Tasks lastTasks;
  sumH->addTasks(lastTasks);
  runAll(lastTasks);

  const Limbs r = randomScalar(), s = randomScalar();
  G1 proofA, proofB1, proofC;
  G2 proofB;
  runAll({[&] {  // B = β + Σ wᵢ·Bᵢ + s·δ, in both groups
            proofB = sumB2->result();
            proofB.add(key.beta2);
            proofB.add(G2::multiple(key.delta2, s));
          },
          [&] {  // A = α + Σ wᵢ·Aᵢ + r·δ
            proofA = sumA->result();
            proofA.add(key.alpha1);
            proofA.add(G1::multiple(key.delta1, r));
          },
          [&] {
            proofB1 = sumB1->result();
            proofB1.add(key.beta1);
            proofB1.add(G1::multiple(key.delta1, s));
          },
          [&] {
            proofC = sumC->result();
            proofC.add(sumH->result());
            proofC.add(G1::multiple(key.delta1.negated(), (Fr::from(r) * Fr::from(s)).plain()));
          }});
  // C = Σ private wᵢ·Cᵢ + Σ hᵢ·Hᵢ + s·A + r·B − r·s·δ
  const Affine<Fq> affineA = proofA.affine();
  proofC.add(G1::multiple(affineA, s));
  proofC.add(G1::multiple(proofB1.affine(), r));
  return {affineA, proofB.affine(), proofC.affine()};
}

}  // namespace prover
