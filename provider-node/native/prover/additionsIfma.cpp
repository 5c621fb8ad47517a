#include "additionsIfma.hpp"

#ifdef PROVER_ADX
#include "lanes.hpp"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512ifma")

namespace prover {

namespace {

constexpr Modulus Q(0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029);
constexpr size_t COORDINATE = 32;
/** Products that run beside each other, because the next step of each waits for the one before. */
constexpr size_t CHAINS = 2;
/** How early a point is asked for. */
constexpr size_t GROUPS_AHEAD = 4;

PROVER_LANES Lanes product(const Lanes& a, const Lanes& b) { return product(a, b, Q); }

PROVER_LANES void store(const Lanes& a, uint64_t* to) {
  for (int i = 0; i < 5; i++) _mm512_storeu_si512(to + 8 * i, a.words[i]);
}

PROVER_LANES Lanes loaded(const uint64_t* from) {
  Lanes a;
  for (int i = 0; i < 5; i++) a.words[i] = _mm512_loadu_si512(from + 8 * i);
  return a;
}

/** Coordinates of the first group: eight numbers. Values carry 2^256 unless it is said. */
struct Base {
  static constexpr size_t BYTES = COORDINATE;
  Lanes value;

  PROVER_LANES Base from(const uint8_t* const (&points)[8], size_t offset) { return {gathered(points, offset)}; }
  PROVER_LANES void put(const Base& a, uint8_t* const (&sums)[8], size_t offset) { scatter(a.value, sums, offset); }
};

/** Coordinates of the second group. */
struct Extension {
  static constexpr size_t BYTES = 2 * COORDINATE;
  Lanes real, imaginary;

  PROVER_LANES Extension from(const uint8_t* const (&points)[8], size_t offset) {
    return {gathered(points, offset), gathered(points, offset + COORDINATE)};
  }
  PROVER_LANES void put(const Extension& a, uint8_t* const (&sums)[8], size_t offset) {
    scatter(a.real, sums, offset);
    scatter(a.imaginary, sums, offset + COORDINATE);
  }
};

/** Applies an operation to each number. */
template <class Operation>
PROVER_LANES Base each(const Base& a, const Base& b, Operation operation) { return {operation(a.value, b.value)}; }
template <class Operation>
PROVER_LANES Extension each(const Extension& a, const Extension& b, Operation operation) {
  return {operation(a.real, b.real), operation(a.imaginary, b.imaginary)};
}

/** a − b, above zero and below two primes, of numbers below one. */
template <class Coordinate>
PROVER_LANES Coordinate difference(const Coordinate& a, const Coordinate& b) {
  return each(a, b, [](const Lanes& one, const Lanes& other) __attribute__((always_inline)) {
    return carried(plusPrimes(minus(one, other), Q, 1));
  });
}

PROVER_LANES Lanes negatedWhere(__mmask8 lanes, const Lanes& a) {
  Lanes result;
  for (int i = 0; i < 5; i++) {
    result.words[i] = _mm512_mask_sub_epi64(a.words[i], lanes, all(Q.multiples[1][i]), a.words[i]);
  }
  return carried(result);
}
PROVER_LANES Base negatedWhere(__mmask8 lanes, const Base& a) { return {negatedWhere(lanes, a.value)}; }
PROVER_LANES Extension negatedWhere(__mmask8 lanes, const Extension& a) {
  return {negatedWhere(lanes, a.real), negatedWhere(lanes, a.imaginary)};
}

/** What is inverted for a difference of x: itself; for the second group its norm, which carries 2^252. */
PROVER_LANES Lanes norm(const Base& a) { return a.value; }
PROVER_LANES Lanes norm(const Extension& a) {
  return carried(sumOfProducts<2>({&a.real, &a.imaginary}, {&a.real, &a.imaginary}, Q));
}

/** y/x, which carries 2^258, from the inverse of the norm of x, which carries 2^262 or 2^266. */
PROVER_LANES Base quotient(const Base& y, const Base&, const Lanes& inverse) { return {product(y.value, inverse)}; }
PROVER_LANES Extension quotient(const Extension& y, const Extension& x, const Lanes& inverse) {
  const Lanes real = product(x.real, inverse), imaginary = product(x.imaginary, inverse);
  const Lanes negative = carried(plusPrimes(minus(Lanes{}, y.real), Q, 2));
  return {carried(sumOfProducts<2>({&y.real, &y.imaginary}, {&real, &imaginary}, Q)),
          carried(sumOfProducts<2>({&y.imaginary, &negative}, {&real, &imaginary}, Q))};
}

/** Not carried. */
PROVER_LANES Base square(const Base& a) { return {rawProduct(a.value, a.value, Q)}; }
PROVER_LANES Extension square(const Extension& a) {
  const Lanes sum = carried(plus(a.real, a.imaginary));
  const Lanes difference = carried(plusPrimes(minus(a.real, a.imaginary), Q, 2));
  const Lanes twice = carried(plus(a.real, a.real));
  return {rawProduct(sum, difference, Q), rawProduct(twice, a.imaginary, Q)};
}

/** Not carried. */
PROVER_LANES Base times(const Base& a, const Base& b) { return {rawProduct(a.value, b.value, Q)}; }
PROVER_LANES Extension times(const Extension& a, const Extension& b) {
  const Lanes negative = carried(plusPrimes(minus(Lanes{}, a.imaginary), Q, 2));
  return {sumOfProducts<2>({&a.real, &negative}, {&b.real, &b.imaginary}, Q),
          sumOfProducts<2>({&a.real, &a.imaginary}, {&b.imaginary, &b.real}, Q)};
}

/** Where the points of eight additions lie; lanes beyond the last repeat it. */
struct Places {
  const uint8_t *one[8], *other[8];
  uint8_t* sum[8];
  __mmask8 isOneNegative = 0, isOtherNegative = 0;

  template <class Coordinate>
  PROVER_LANES Places of(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t start, size_t count) {
    constexpr size_t BYTES = 2 * Coordinate::BYTES;
    Places places;
    for (size_t lane = 0; lane < 8; lane++) {
      const Addition& addition = additions[start + lane < count ? start + lane : count - 1];
      places.one[lane] = points + (addition.one >> 1) * BYTES;
      places.other[lane] = points + (addition.other >> 1) * BYTES;
      places.sum[lane] = sums + addition.sum * BYTES;
      places.isOneNegative = __mmask8(places.isOneNegative | (addition.one & 1) << lane);
      places.isOtherNegative = __mmask8(places.isOtherNegative | (addition.other & 1) << lane);
    }
    return places;
  }
};

/** Asks for the points of a later group: those of a key lie anywhere in megabytes. */
template <class Coordinate>
PROVER_LANES void prefetch(const uint8_t* points, const Addition* additions, size_t start, size_t count) {
  constexpr size_t BYTES = 2 * Coordinate::BYTES;
  for (size_t index = start; index < start + 8 && index < count; index++) {
    const uint32_t terms[2] = {additions[index].one, additions[index].other};
    for (const uint32_t term : terms) {
      const uint8_t* point = points + (term >> 1) * BYTES;
      for (size_t byte = 0; byte < BYTES; byte += 64) __builtin_prefetch(point + byte);
      __builtin_prefetch(point + BYTES - 1);
    }
  }
}

/** The third point of the line through both terms, reflected. `x` is the difference of their x, `inverse` that of its norm. */
template <class Coordinate>
PROVER_LANES void finish(const Places& places, const Coordinate& oneX, const Coordinate& otherX, const Coordinate& x,
                         const Lanes& inverse) {
  constexpr size_t Y = Coordinate::BYTES;
  const Coordinate oneY = negatedWhere(places.isOneNegative, Coordinate::from(places.one, Y));
  const Coordinate otherY = negatedWhere(places.isOtherNegative, Coordinate::from(places.other, Y));
  const Coordinate slope = quotient(difference(otherY, oneY), x, inverse);
  const auto subtract = [](const Lanes& a, const Lanes& b) __attribute__((always_inline)) { return minus(a, b); };
  const Coordinate less = each(each(square(slope), oneX, subtract), otherX, subtract);
  const Coordinate sumX = each(less, less, [](const Lanes& a, const Lanes&) __attribute__((always_inline)) {
    return carried(plusPrimes(a, Q, 2));
  });
  // four times the way from the sum to the first term: 2^258·2^258/2^260 is 2^256 again
  const Coordinate way = each(oneX, sumX, [](const Lanes& a, const Lanes& b) __attribute__((always_inline)) {
    return carried(shifted(plusPrimes(minus(a, b), Q, 4), 2));
  });
  const Coordinate sumY = each(times(slope, way), oneY, [](const Lanes& a, const Lanes& b) __attribute__((always_inline)) {
    return canonical(carried(plusPrimes(minus(a, b), Q, 1)), Q);
  });
  const Coordinate lowX = each(sumX, sumX, [](const Lanes& a, const Lanes&) __attribute__((always_inline)) { return canonical(a, Q); });
  Coordinate::put(lowX, places.sum, 0);
  Coordinate::put(sumY, places.sum, Y);
}

/** Montgomery's trick in every lane of every chain; `memory` has the product before each group, and its factor. */
template <class Coordinate>
bool addIfma(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t count, uint64_t* memory) {
  const size_t groups = (count + 7) / 8;
  constexpr size_t WORDS = 40;
  Lanes chains[CHAINS];
  for (Lanes& chain : chains) {
    chain = {};
    chain.words[0] = all(1);
  }
  for (size_t group = 0; group < groups; group++) {
    const Places places = Places::of<Coordinate>(points, sums, additions, 8 * group, count);
    prefetch<Coordinate>(points, additions, 8 * (group + GROUPS_AHEAD), count);
    Lanes& chain = chains[group % CHAINS];
    store(chain, memory + 2 * WORDS * group);
    const Lanes value = norm(difference(Coordinate::from(places.other, 0), Coordinate::from(places.one, 0)));
    chain = product(chain, value);
    store(value, memory + 2 * WORDS * group + WORDS);
  }

  uint64_t ends[CHAINS * 8][4];
  uint8_t* rows[CHAINS][8];
  for (size_t chain = 0; chain < CHAINS; chain++) {
    for (size_t lane = 0; lane < 8; lane++) rows[chain][lane] = reinterpret_cast<uint8_t*>(ends[8 * chain + lane]);
    scatter(canonical(chains[chain], Q), rows[chain], 0);
  }
  if (!invertTogether(ends, CHAINS * 8)) return false;
  for (size_t chain = 0; chain < CHAINS; chain++) {
    const uint8_t* from[8];
    for (size_t lane = 0; lane < 8; lane++) from[lane] = rows[chain][lane];
    chains[chain] = gathered(from, 0);
  }

  for (size_t group = groups; group-- > 0;) {
    const Places places = Places::of<Coordinate>(points, sums, additions, 8 * group, count);
    Lanes& chain = chains[group % CHAINS];
    const Lanes inverse = product(chain, loaded(memory + 2 * WORDS * group));
    chain = product(chain, loaded(memory + 2 * WORDS * group + WORDS));
    const Coordinate oneX = Coordinate::from(places.one, 0), otherX = Coordinate::from(places.other, 0);
    finish(places, oneX, otherX, difference(otherX, oneX), inverse);
  }
  return true;
}

}  // namespace

bool addIfmaG1(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t count, uint64_t* memory) {
  return addIfma<Base>(points, sums, additions, count, memory);
}

bool addIfmaG2(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t count, uint64_t* memory) {
  return addIfma<Extension>(points, sums, additions, count, memory);
}

}  // namespace prover

#pragma GCC pop_options

#else

namespace prover {

bool addIfmaG1(const uint8_t*, uint8_t*, const Addition*, size_t, uint64_t*) { return false; }
bool addIfmaG2(const uint8_t*, uint8_t*, const Addition*, size_t, uint64_t*) { return false; }

}  // namespace prover
#endif
