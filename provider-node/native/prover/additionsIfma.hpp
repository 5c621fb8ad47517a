// The additions of additions.hpp with eight lanes.
#pragma once
#include <cstddef>
#include <cstdint>

namespace prover {

/** Terms are places times two, plus one for the negative of the point; the sum is a place. */
struct Addition {
  uint32_t one, other, sum;
};

/** Words of working memory for each addition. */
constexpr size_t WORDS_PER_ADDITION = 10;

/**
 * Makes additions whose terms are finite.
 * @param memory for a whole number of eight additions
 * @returns false, with nothing written, when two terms have the same x: then the lines are no longer those of this formula
 */
bool addIfmaG1(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t count, uint64_t* memory);
bool addIfmaG2(const uint8_t* points, uint8_t* sums, const Addition* additions, size_t count, uint64_t* memory);

/** Replaces each number below the prime of the first group by 2^518 over it. @returns false when one is zero */
bool invertTogether(uint64_t (*numbers)[4], size_t count);

}  // namespace prover
