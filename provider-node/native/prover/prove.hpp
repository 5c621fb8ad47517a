// Groth16 proofs: J. Groth, "On the size of pairing-based non-interactive arguments", eprint 2016/260, section 3.2.
#pragma once
#include "curve.hpp"
#include "zkey.hpp"

namespace prover {

struct Proof {
  Affine<Fq> a;
  Affine<Fq2> b;
  Affine<Fq> c;
};

/**
 * Makes a proof. Two random scalars blind it, so it says nothing of the witness but the public signals, and no two
 * are alike. A witness that breaks a constraint gives a proof that does not hold.
 * @param witness one value for each wire of the key
 */
Proof prove(const Zkey& key, const std::vector<Limbs>& witness);

}  // namespace prover
