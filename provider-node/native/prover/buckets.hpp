// Σ scalarᵢ·pointᵢ for some windows of the scalars' digits, by buckets: N. Pippenger, "On the evaluation of powers and related
// problems" (1976). Every addition is one of many independent ones, also where buckets are weighed: Σ v·bucket[v] is cut into
// Σ 2^j·part[j] by adding the upper half of the buckets to the lower half, again and again.
#pragma once
#include "listSums.hpp"
#include "scalars.hpp"

namespace prover {

/** Points as they lie in a key: the coordinates of each, at any alignment. */
template <class F>
struct KeyPoints {
  const uint8_t* bytes = nullptr;
  /** Wires before the one of the first point. */
  uint32_t skipped = 0;
  /** By point; a wire that is not in a matrix has none. */
  std::vector<bool> isInfinity;

  bool has(uint32_t wire) const { return wire >= skipped && !isInfinity[wire - skipped]; }
};

/** A part of a sum, for one thread: some windows of some terms. */
template <class F>
class Buckets {
 public:
  /** @param terms points by place, and the digits' form of their scalars */
  Buckets(const uint8_t* points, const Digits& digits, unsigned firstWindow, unsigned windows)
      : points_(points), digits_(digits), firstWindow_(firstWindow), windows_(windows), highest_(1u << (digits.width - 1)) {}

  /**
   * @param places of the points
   * @param scalars prepared for the digits, one for each place
   * @returns for each window and bit of a digit, the point that is to be multiplied by that power of two
   */
  std::vector<Affine<F>> parts(const uint32_t* places, const Limbs* scalars, size_t count) {
    sort(places, scalars, count);
    fill();
    return weigh();
  }

 private:
  using List = typename Workspace<F>::List;

  const uint8_t* points_;
  const Digits& digits_;
  unsigned firstWindow_, windows_;
  uint32_t highest_;
  Workspace<F> workspace_;
  /** Terms in the order of their buckets, see Addition; bucket b has those from starts_[b] to starts_[b + 1]. */
  std::vector<uint32_t> terms_, starts_;
  /** Place of each bucket's sum; buckets of a window are in the order of their digits, from 0. */
  std::vector<uint32_t> buckets_;

  size_t bucketOf(unsigned window, uint32_t digit) const { return size_t(window) * (highest_ + 1) + digit; }

  void sort(const uint32_t* places, const Limbs* scalars, size_t count) {
    std::vector<int32_t> found(count * windows_);
    starts_.assign(bucketOf(windows_, 0) + 1, 0);
    int32_t* next = found.data();
    for (size_t term = 0; term < count; term++) {
      for (unsigned window = 0; window < windows_; window++) {
        const int digit = digits_.digit(scalars[term], firstWindow_ + window);
        *next++ = digit;
        if (digit != 0) starts_[bucketOf(window, uint32_t(std::abs(digit))) + 1]++;
      }
    }
    for (size_t bucket = 1; bucket < starts_.size(); bucket++) starts_[bucket] += starts_[bucket - 1];
    terms_.resize(starts_.back());
    std::vector<uint32_t> ends(starts_);
    next = found.data();
    for (size_t term = 0; term < count; term++) {
      for (unsigned window = 0; window < windows_; window++) {
        const int digit = *next++;
        if (digit == 0) continue;
        terms_[ends[bucketOf(window, uint32_t(std::abs(digit)))]++] = 2 * places[term] + (digit < 0 ? 1 : 0);
      }
    }
  }

  /** Adds up the terms of each bucket. */
  void fill() {
    const size_t count = bucketOf(windows_, 0);
    std::vector<Addition> pairs;
    std::vector<uint32_t> single;
    std::vector<List> lists;
    pairs.reserve(terms_.size() / 2);
    buckets_.assign(count, Workspace<F>::NONE);
    uint32_t place = 0;
    for (size_t bucket = 0; bucket < count; bucket++) {
      const uint32_t start = starts_[bucket], end = starts_[bucket + 1];
      if (start == end) continue;
      buckets_[bucket] = place;
      lists.push_back({place, (end - start + 1) / 2});
      for (uint32_t term = start; term + 1 < end; term += 2) pairs.push_back({terms_[term], terms_[term + 1], place++});
      if ((end - start) % 2 == 1) {
        single.push_back(terms_[end - 1]);
        single.push_back(place++);
      }
    }
    workspace_.addFrom(points_, pairs, place);
    for (size_t index = 0; index < single.size(); index += 2) {
      workspace_.set(single[index + 1], Adder<F>::term(points_, single[index]));
    }
    std::vector<uint32_t> places(place);
    for (uint32_t index = 0; index < place; index++) places[index] = index;
    workspace_.sumLists(places, lists);
    for (uint32_t& bucket : buckets_) {
      if (bucket != Workspace<F>::NONE) bucket = places[bucket];
    }
  }

  std::vector<Affine<F>> weigh() {
    for (uint32_t half = highest_ / 2; half > 0; half /= 2) {
      for (unsigned window = 0; window < windows_; window++) {
        for (uint32_t digit = half + 1; digit < 2 * half; digit++) {
          uint32_t& lower = buckets_[bucketOf(window, digit - half)];
          const uint32_t upper = buckets_[bucketOf(window, digit)];
          if (workspace_.isNothing(upper)) continue;
          // a place of its own: the upper bucket stays as it is
          if (workspace_.isNothing(lower)) lower = workspace_.put(workspace_[upper]);
          else workspace_.plan(lower, upper);
        }
      }
      workspace_.makePlanned();
    }
    // what is left of digits 2^j … 2^(j+1) − 1 has been added to the lower ones: 2^j of each remains
    std::vector<List> lists;
    for (unsigned window = 0; window < windows_; window++) {
      for (uint32_t digit = 1; digit <= highest_; digit *= 2) {
        lists.push_back({uint32_t(bucketOf(window, digit)), std::min(digit, highest_ + 1 - digit)});
      }
    }
    workspace_.sumLists(buckets_, lists);
    std::vector<Affine<F>> parts;
    for (const List& list : lists) {
      const uint32_t place = buckets_[list.start];
      parts.push_back(workspace_.isNothing(place) ? Affine<F>{} : workspace_[place]);
    }
    return parts;
  }
};

}  // namespace prover
