#include "nttIfma.hpp"

#ifdef PROVER_ADX
#include "lanes.hpp"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512ifma")

namespace prover {

namespace {

constexpr Modulus R(0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029);
constexpr size_t BYTES = 32;
/** Words of eight numbers, in memory of five words for each. */
constexpr size_t GROUP = 40;

// Numbers are below two primes between the steps, and below one in the tables.

/** A factor that leaves the power of two in the other one alone: sixteen times the number is below 16 primes. */
PROVER_LANES Lanes factor(const Lanes& a) { return carried(shifted(a, 4)); }

PROVER_LANES Lanes rowAt(const uint8_t* numbers) {
  const uint8_t* const from[8] = {numbers,         numbers + BYTES,     numbers + 2 * BYTES, numbers + 3 * BYTES,
                                  numbers + 4 * BYTES, numbers + 5 * BYTES, numbers + 6 * BYTES, numbers + 7 * BYTES};
  return gathered(from, 0);
}

/** One number in all lanes. */
PROVER_LANES Lanes copiesOf(const uint8_t* number) {
  uint64_t words[4];
  __builtin_memcpy(words, number, BYTES);
  return cut(all(words[0]), all(words[1]), all(words[2]), all(words[3]));
}

PROVER_LANES Lanes loaded(const uint64_t* from) {
  Lanes a;
  for (int i = 0; i < 5; i++) a.words[i] = _mm512_loadu_si512(from + 8 * i);
  return a;
}

PROVER_LANES void store(const Lanes& a, uint64_t* to) {
  for (int i = 0; i < 5; i++) _mm512_storeu_si512(to + 8 * i, a.words[i]);
}

PROVER_LANES Lanes below2(const Lanes& a) { return lessPrimes(a, R, 2); }

/** A step of Gentleman and Sande. */
PROVER_LANES void split(Lanes& low, Lanes& high, const Lanes& turn) {
  const Lanes difference = carried(plusPrimes(minus(low, high), R, 2));
  low = below2(carried(plus(low, high)));
  high = product(difference, turn, R);
}

/** A step of Cooley and Tukey. */
PROVER_LANES void join(Lanes& low, Lanes& high, const Lanes& turn) {
  const Lanes turned = product(high, turn, R);
  high = below2(carried(plusPrimes(minus(low, turned), R, 2)));
  low = below2(carried(plus(low, turned)));
}

PROVER_LANES __m512i everyGroup() {
  return _mm512_setr_epi64(0, GROUP, 2 * GROUP, 3 * GROUP, 4 * GROUP, 5 * GROUP, 6 * GROUP, 7 * GROUP);
}

/**
 * The numbers are eight rows, and number b of all rows is group b of the memory. The three steps between rows are made here,
 * those within rows in all eight rows at once.
 */
struct Rows {
  uint8_t* values;
  size_t length;
  uint64_t* memory;

  Lanes turn(const uint8_t* table, size_t half, size_t row, size_t place) const __attribute__((always_inline)) {
    return factor(rowAt(table + (half * length + row % half * length + place) * BYTES));
  }

  void take(const uint8_t* table) const {
    for (size_t place = 0; place < length; place += 8) {
      Lanes rows[8];
      for (size_t row = 0; row < 8; row++) rows[row] = rowAt(values + (row * length + place) * BYTES);
      for (size_t half = 4; half > 0; half /= 2) {
        for (size_t row = 0; row < 8; row++) {
          if ((row & half) == 0) split(rows[row], rows[row + half], turn(table, half, row, place));
        }
      }
      for (size_t row = 0; row < 8; row++) {
        for (int i = 0; i < 5; i++) {
          _mm512_i64scatter_epi64(memory + GROUP * place + 8 * size_t(i) + row, everyGroup(), rows[row].words[i], 8);
        }
      }
    }
  }

  void put(const uint8_t* table) const {
    for (size_t place = 0; place < length; place += 8) {
      Lanes rows[8];
      for (size_t row = 0; row < 8; row++) {
        for (int i = 0; i < 5; i++) {
          rows[row].words[i] = _mm512_i64gather_epi64(everyGroup(), memory + GROUP * place + 8 * size_t(i) + row, 8);
        }
      }
      for (size_t half = 1; half < 8; half *= 2) {
        for (size_t row = 0; row < 8; row++) {
          if ((row & half) == 0) join(rows[row], rows[row + half], turn(table, half, row, place));
        }
      }
      for (size_t row = 0; row < 8; row++) {
        uint8_t* to[8];
        for (size_t lane = 0; lane < 8; lane++) to[lane] = values + (row * length + place + lane) * BYTES;
        scatter(lessPrimes(rows[row], R, 1), to, 0);
      }
    }
  }
};

/** All steps within rows; halves one after the other, so that small ones stay in the cache. */
void splitAll(uint64_t* memory, size_t length, const uint8_t* table) {
  const size_t half = length / 2;
  if (half == 0) return;
  for (size_t place = 0; place < half; place++) {
    uint64_t *lowAt = memory + GROUP * place, *highAt = lowAt + GROUP * half;
    Lanes low = loaded(lowAt), high = loaded(highAt);
    split(low, high, factor(copiesOf(table + (half + place) * BYTES)));
    store(low, lowAt);
    store(high, highAt);
  }
  splitAll(memory, half, table);
  splitAll(memory + GROUP * half, half, table);
}

void joinAll(uint64_t* memory, size_t length, const uint8_t* table) {
  const size_t half = length / 2;
  if (half == 0) return;
  joinAll(memory, half, table);
  joinAll(memory + GROUP * half, half, table);
  for (size_t place = 0; place < half; place++) {
    uint64_t *lowAt = memory + GROUP * place, *highAt = lowAt + GROUP * half;
    Lanes low = loaded(lowAt), high = loaded(highAt);
    join(low, high, factor(copiesOf(table + (half + place) * BYTES)));
    store(low, lowAt);
    store(high, highAt);
  }
}

}  // namespace

void toOddCosetIfma(uint8_t* values, size_t size, const TransformTables& tables, uint64_t* memory) {
  const Rows rows{values, size / 8, memory};
  rows.take(tables.backward);
  splitAll(memory, rows.length, tables.backward);
  for (size_t place = 0; place < rows.length; place++) {
    const uint8_t* from[8];
    for (size_t row = 0; row < 8; row++) from[row] = tables.shift + (row * rows.length + place) * BYTES;
    uint64_t* at = memory + GROUP * place;
    store(product(loaded(at), factor(gathered(from, 0)), R), at);
  }
  joinAll(memory, rows.length, tables.forward);
  rows.put(tables.forward);
}

}  // namespace prover

#pragma GCC pop_options

#else

namespace prover {

void toOddCosetIfma(uint8_t*, size_t, const TransformTables&, uint64_t*) {}

}  // namespace prover
#endif
