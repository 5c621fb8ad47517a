// Eight numbers modulo a prime at once, each as five words of 52 bits, with the instructions of AVX-512 IFMA: S. Gueron and
// V. Krasnov, "Accelerating big integer arithmetic using Intel IFMA extensions" (2016). Only for files that are compiled for
// such a processor and called after `hasIfma`.
//
// Montgomery's product here is a·b/2^260, while numbers in memory are x·2^256. Nothing is converted: each formula says which
// power of two its values carry. A product is below one prime plus a·b/2^260, and 2^260 is above 84 primes, so two factors of
// nine primes each still give a product below two.
#pragma once
// GCC 12 takes the undefined operand within its own intrinsics for a fault of the caller (bug 105593)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#pragma GCC push_options
#pragma GCC target("avx512f,avx512ifma")
#define PROVER_LANES static inline __attribute__((always_inline))

namespace prover {
namespace {

/** A prime, its small multiples and −1/prime modulo 2^52. */
struct Modulus {
  uint64_t multiples[5][5];
  uint64_t inverse;

  constexpr Modulus(uint64_t word0, uint64_t word1, uint64_t word2, uint64_t word3) : multiples(), inverse(1) {
    const uint64_t cut[5] = {word0 & MASK, (word0 >> 52 | word1 << 12) & MASK, (word1 >> 40 | word2 << 24) & MASK,
                             (word2 >> 28 | word3 << 36) & MASK, word3 >> 16};
    for (int factor = 0; factor < 5; factor++) {
      uint64_t carry = 0;
      for (int i = 0; i < 5; i++) {
        carry += cut[i] * uint64_t(factor);
        multiples[factor][i] = carry & MASK;
        carry >>= 52;
      }
    }
    for (int step = 0; step < 6; step++) inverse *= 2 - word0 * inverse;
    inverse = -inverse & MASK;
  }

  static constexpr uint64_t MASK = (uint64_t(1) << 52) - 1;
};

struct Lanes {
  __m512i words[5];
};

PROVER_LANES __m512i all(uint64_t value) { return _mm512_set1_epi64(int64_t(value)); }

/** Carries between words; the words may be negative, the numbers must not be. */
PROVER_LANES Lanes carried(Lanes a) {
  const __m512i mask = all(Modulus::MASK);
  for (int i = 0; i < 4; i++) {
    a.words[i + 1] = _mm512_add_epi64(a.words[i + 1], _mm512_srai_epi64(a.words[i], 52));
    a.words[i] = _mm512_and_si512(a.words[i], mask);
  }
  return a;
}

PROVER_LANES Lanes plus(const Lanes& a, const Lanes& b) {
  Lanes sum;
  for (int i = 0; i < 5; i++) sum.words[i] = _mm512_add_epi64(a.words[i], b.words[i]);
  return sum;
}

PROVER_LANES Lanes minus(const Lanes& a, const Lanes& b) {
  Lanes difference;
  for (int i = 0; i < 5; i++) difference.words[i] = _mm512_sub_epi64(a.words[i], b.words[i]);
  return difference;
}

/** a plus a multiple of the prime, at most four. */
PROVER_LANES Lanes plusPrimes(const Lanes& a, const Modulus& modulus, int factor) {
  Lanes sum;
  for (int i = 0; i < 5; i++) sum.words[i] = _mm512_add_epi64(a.words[i], all(modulus.multiples[factor][i]));
  return sum;
}

/** a·2^bits without carries. */
PROVER_LANES Lanes shifted(const Lanes& a, int bits) {
  Lanes result;
  for (int i = 0; i < 5; i++) result.words[i] = _mm512_slli_epi64(a.words[i], unsigned(bits));
  return result;
}

/** a less a multiple of the prime where that is not negative. Carried, as a must be. */
PROVER_LANES Lanes lessPrimes(const Lanes& a, const Modulus& modulus, int factor) {
  Lanes less;
  for (int i = 0; i < 5; i++) less.words[i] = _mm512_sub_epi64(a.words[i], all(modulus.multiples[factor][i]));
  less = carried(less);
  const __mmask8 isNegative = _mm512_cmplt_epi64_mask(less.words[4], _mm512_setzero_si512());
  for (int i = 0; i < 5; i++) less.words[i] = _mm512_mask_mov_epi64(less.words[i], isNegative, a.words[i]);
  return less;
}

/** The one value below the prime, of a carried number below four primes. */
PROVER_LANES Lanes canonical(const Lanes& a, const Modulus& modulus) {
  return lessPrimes(lessPrimes(a, modulus, 2), modulus, 1);
}

/** Σ a[k]·b[k] / 2^260, not carried. Factors are carried; one reduction serves all products. */
template <int PRODUCTS>
PROVER_LANES Lanes sumOfProducts(const Lanes* const (&a)[PRODUCTS], const Lanes* const (&b)[PRODUCTS], const Modulus& modulus) {
  const __m512i zero = _mm512_setzero_si512(), inverse = all(modulus.inverse);
  __m512i low[5], high[5];
  for (int i = 0; i < 5; i++) low[i] = high[i] = zero;
  // words of 52 bits leave twelve bits for thirty sums; low[i] and high[i] have the same weight, in two chains
#pragma GCC unroll 5
  for (int round = 0; round < 5; round++) {
    __m512i next[5];
    for (int i = 0; i < 5; i++) next[i] = zero;
#pragma GCC unroll 2
    for (int k = 0; k < PRODUCTS; k++) {
      const __m512i word = b[k]->words[round];
#pragma GCC unroll 5
      for (int i = 0; i < 5; i++) low[i] = _mm512_madd52lo_epu64(low[i], a[k]->words[i], word);
#pragma GCC unroll 5
      for (int i = 0; i < 5; i++) next[i] = _mm512_madd52hi_epu64(next[i], a[k]->words[i], word);
    }
    const __m512i lowest = _mm512_add_epi64(low[0], high[0]);
    const __m512i factor = _mm512_madd52lo_epu64(zero, lowest, inverse);
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
      const __m512i prime = all(modulus.multiples[1][i]);
      low[i] = _mm512_madd52lo_epu64(low[i], factor, prime);
      next[i] = _mm512_madd52hi_epu64(next[i], factor, prime);
    }
    // the lowest word is now a multiple of 2^52 and leaves
    const __m512i carry = _mm512_srli_epi64(_mm512_add_epi64(low[0], high[0]), 52);
    for (int i = 0; i < 4; i++) low[i] = _mm512_add_epi64(low[i + 1], high[i + 1]);
    low[0] = _mm512_add_epi64(low[0], carry);
    low[4] = zero;
    for (int i = 0; i < 5; i++) high[i] = next[i];
  }
  Lanes result;
  for (int i = 0; i < 5; i++) result.words[i] = _mm512_add_epi64(low[i], high[i]);
  return result;
}

PROVER_LANES Lanes rawProduct(const Lanes& a, const Lanes& b, const Modulus& modulus) {
  return sumOfProducts<1>({&a}, {&b}, modulus);
}

PROVER_LANES Lanes product(const Lanes& a, const Lanes& b, const Modulus& modulus) {
  return carried(rawProduct(a, b, modulus));
}

/** Four words of each lane cut into five. */
PROVER_LANES Lanes cut(__m512i word0, __m512i word1, __m512i word2, __m512i word3) {
  const __m512i mask = all(Modulus::MASK);
  const auto join = [&](__m512i low, int right, __m512i high, int left) {
    return _mm512_and_si512(
        _mm512_or_si512(_mm512_srli_epi64(low, unsigned(right)), _mm512_slli_epi64(high, unsigned(left))), mask);
  };
  return {{_mm512_and_si512(word0, mask), join(word0, 52, word1, 12), join(word1, 40, word2, 24), join(word2, 28, word3, 36),
           _mm512_srli_epi64(word3, 16)}};
}

/** Eight numbers of four words, wherever they lie. */
PROVER_LANES Lanes gathered(const uint8_t* const (&from)[8], size_t offset) {
  const auto two = [&](int one, int other) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from[one] + offset));
    return _mm512_inserti64x4(_mm512_castsi256_si512(low),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from[other] + offset)), 1);
  };
  const __m512i rows0 = two(0, 2), rows1 = two(1, 3), rows2 = two(4, 6), rows3 = two(5, 7);
  const __m512i even0 = _mm512_unpacklo_epi64(rows0, rows1), odd0 = _mm512_unpackhi_epi64(rows0, rows1);
  const __m512i even1 = _mm512_unpacklo_epi64(rows2, rows3), odd1 = _mm512_unpackhi_epi64(rows2, rows3);
  return cut(_mm512_shuffle_i64x2(even0, even1, 0x88), _mm512_shuffle_i64x2(odd0, odd1, 0x88),
             _mm512_shuffle_i64x2(even0, even1, 0xdd), _mm512_shuffle_i64x2(odd0, odd1, 0xdd));
}

/** The reverse of `gathered`, for canonical numbers. */
PROVER_LANES void scatter(const Lanes& a, uint8_t* const (&to)[8], size_t offset) {
  const auto join = [&](int low, int right, int left) {
    return _mm512_or_si512(_mm512_srli_epi64(a.words[low], unsigned(right)),
                           _mm512_slli_epi64(a.words[low + 1], unsigned(left)));
  };
  const __m512i word0 = join(0, 0, 52), word1 = join(1, 12, 40), word2 = join(2, 24, 28), word3 = join(3, 36, 16);
  const __m512i even0 = _mm512_unpacklo_epi64(word0, word1), odd0 = _mm512_unpackhi_epi64(word0, word1);
  const __m512i even1 = _mm512_unpacklo_epi64(word2, word3), odd1 = _mm512_unpackhi_epi64(word2, word3);
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  const auto put = [&](__m512i rows, int one, int other) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[one] + offset), _mm512_castsi512_si256(rows));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[other] + offset), _mm512_extracti64x4_epi64(rows, 1));
  };
  put(_mm512_permutex2var_epi64(even0, first, even1), 0, 2);
  put(_mm512_permutex2var_epi64(odd0, first, odd1), 1, 3);
  put(_mm512_permutex2var_epi64(even0, second, even1), 4, 6);
  put(_mm512_permutex2var_epi64(odd0, second, odd1), 5, 7);
}

}  // namespace
}  // namespace prover

#pragma GCC pop_options
