// Montgomery's product a·b/2^256 modulo a prime below 2^254: the "coarsely integrated operand scanning" of Koç, Acar and
// Kaliski, "Analyzing and comparing Montgomery multiplication algorithms" (1996). Because the prime has two bits to spare,
// the running sum never needs more than five words.
#pragma once
#include "limbs.hpp"

namespace prover {

/** Portable form: any 64-bit machine with a compiler that has 128-bit integers. */
constexpr Limbs montgomeryPortable(const Limbs& a, const Limbs& b, const Limbs& prime, uint64_t inverse) {
  Limbs t{};
  for (int i = 0; i < 4; i++) {
    uint128 carry = 0;
    for (int j = 0; j < 4; j++) {
      carry += uint128(a[j]) * b[i] + t[j];
      t[j] = uint64_t(carry);
      carry >>= 64;
    }
    const uint64_t top = uint64_t(carry);
    const uint64_t factor = t[0] * inverse;
    carry = (uint128(factor) * prime[0] + t[0]) >> 64;
    for (int j = 1; j < 4; j++) {
      carry += uint128(factor) * prime[j] + t[j];
      t[j - 1] = uint64_t(carry);
      carry >>= 64;
    }
    t[3] = top + uint64_t(carry);
  }
  return t;
}

#ifdef PROVER_ADX
// One word of b: t += a·b[word], then t = (t + factor·prime) / 2^64. The lower halves of the products are added along one
// carry chain (OF) and the upper halves along another (CF), which the instructions mulx, adcx and adox keep apart. The word
// that becomes zero is the top word of the next round, so the five registers change places instead of being moved.
#define PROVER_ROUND(word, t0, t1, t2, t3, t4)                                    \
  "movq " #word "(%[b]), %%rdx\n\t"                                               \
  "xorl %k[zero], %k[zero]\n\t"                                                   \
  "mulxq (%[a]), %[low], %[high]\n\t"                                             \
  "adoxq %[low], %[" #t0 "]\n\t"                                                  \
  "adcxq %[high], %[" #t1 "]\n\t"                                                 \
  "mulxq 8(%[a]), %[low], %[high]\n\t"                                            \
  "adoxq %[low], %[" #t1 "]\n\t"                                                  \
  "adcxq %[high], %[" #t2 "]\n\t"                                                 \
  "mulxq 16(%[a]), %[low], %[high]\n\t"                                           \
  "adoxq %[low], %[" #t2 "]\n\t"                                                  \
  "adcxq %[high], %[" #t3 "]\n\t"                                                 \
  "mulxq 24(%[a]), %[low], %[" #t4 "]\n\t"                                        \
  "adoxq %[low], %[" #t3 "]\n\t"                                                  \
  "adcxq %[zero], %[" #t4 "]\n\t"                                                 \
  "adoxq %[zero], %[" #t4 "]\n\t"                                                 \
  "movq %[" #t0 "], %%rdx\n\t"                                                    \
  "imulq %[inverse], %%rdx\n\t"                                                   \
  "xorl %k[zero], %k[zero]\n\t"                                                   \
  "mulxq (%[prime]), %[low], %[high]\n\t"                                         \
  "adoxq %[low], %[" #t0 "]\n\t"                                                  \
  "adcxq %[high], %[" #t1 "]\n\t"                                                 \
  "mulxq 8(%[prime]), %[low], %[high]\n\t"                                        \
  "adoxq %[low], %[" #t1 "]\n\t"                                                  \
  "adcxq %[high], %[" #t2 "]\n\t"                                                 \
  "mulxq 16(%[prime]), %[low], %[high]\n\t"                                       \
  "adoxq %[low], %[" #t2 "]\n\t"                                                  \
  "adcxq %[high], %[" #t3 "]\n\t"                                                 \
  "mulxq 24(%[prime]), %[low], %[high]\n\t"                                       \
  "adoxq %[low], %[" #t3 "]\n\t"                                                  \
  "adcxq %[high], %[" #t4 "]\n\t"                                                 \
  "adoxq %[zero], %[" #t4 "]\n\t"

// Less the prime, unless that is negative; with four registers for the attempt.
#define PROVER_REDUCTION(t0, t1, t2, t3, s0, s1, s2, s3) \
  "movq %[" #t0 "], %[" #s0 "]\n\t"                      \
  "subq (%[prime]), %[" #s0 "]\n\t"                     \
  "movq %[" #t1 "], %[" #s1 "]\n\t"                      \
  "sbbq 8(%[prime]), %[" #s1 "]\n\t"                    \
  "movq %[" #t2 "], %[" #s2 "]\n\t"                      \
  "sbbq 16(%[prime]), %[" #s2 "]\n\t"                   \
  "movq %[" #t3 "], %[" #s3 "]\n\t"                      \
  "sbbq 24(%[prime]), %[" #s3 "]\n\t"                   \
  "cmovncq %[" #s0 "], %[" #t0 "]\n\t"                   \
  "cmovncq %[" #s1 "], %[" #t1 "]\n\t"                   \
  "cmovncq %[" #s2 "], %[" #t2 "]\n\t"                   \
  "cmovncq %[" #s3 "], %[" #t3 "]\n\t"

/** The same product, below the prime, with the instruction sets BMI2 and ADX. */
inline Limbs montgomeryAdx(const Limbs& a, const Limbs& b, const Limbs& prime, uint64_t inverse) {
  uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, low, high, zero;
  asm(PROVER_ROUND(0, t0, t1, t2, t3, t4)
      PROVER_ROUND(8, t1, t2, t3, t4, t0)
      PROVER_ROUND(16, t2, t3, t4, t0, t1)
      PROVER_ROUND(24, t3, t4, t0, t1, t2)
      PROVER_REDUCTION(t4, t0, t1, t2, low, high, zero, t3)
      : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [low] "=&r"(low),
        [high] "=&r"(high), [zero] "=&r"(zero)
      : [a] "r"(a.data()), [b] "r"(b.data()), [prime] "r"(prime.data()), [inverse] "m"(inverse), "m"(a), "m"(b), "m"(prime)
      : "rdx", "cc");
  return {t4, t0, t1, t2};
}

/** (a + b) below the prime. Compilers do not keep a carry in its flag across four words; these lines do. */
inline Limbs sumAdx(const Limbs& a, const Limbs& b, const Limbs& prime) {
  uint64_t t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3], s0, s1, s2, s3;
  asm("addq (%[b]), %[t0]\n\t"
      "adcq 8(%[b]), %[t1]\n\t"
      "adcq 16(%[b]), %[t2]\n\t"
      "adcq 24(%[b]), %[t3]\n\t"
      PROVER_REDUCTION(t0, t1, t2, t3, s0, s1, s2, s3)
      : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2),
        [s3] "=&r"(s3)
      : [b] "r"(b.data()), [prime] "r"(prime.data()), "m"(b), "m"(prime)
      : "cc");
  return {t0, t1, t2, t3};
}

/** a − b, or that and the prime. */
inline Limbs differenceAdx(const Limbs& a, const Limbs& b, const Limbs& prime) {
  uint64_t t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3], s0 = prime[0], s1 = prime[1], s2 = prime[2], s3 = prime[3], zero = 0;
  asm("subq (%[b]), %[t0]\n\t"
      "sbbq 8(%[b]), %[t1]\n\t"
      "sbbq 16(%[b]), %[t2]\n\t"
      "sbbq 24(%[b]), %[t3]\n\t"
      "cmovncq %[zero], %[s0]\n\t"
      "cmovncq %[zero], %[s1]\n\t"
      "cmovncq %[zero], %[s2]\n\t"
      "cmovncq %[zero], %[s3]\n\t"
      "addq %[s0], %[t0]\n\t"
      "adcq %[s1], %[t1]\n\t"
      "adcq %[s2], %[t2]\n\t"
      "adcq %[s3], %[t3]\n\t"
      : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2),
        [s3] "+&r"(s3)
      : [b] "r"(b.data()), [zero] "r"(zero), "m"(b)
      : "cc");
  return {t0, t1, t2, t3};
}
#undef PROVER_REDUCTION
#undef PROVER_ROUND
#endif

}  // namespace prover
