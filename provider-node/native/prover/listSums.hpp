// Sums of lists of points, pair by pair: all pairs of all lists are independent, so a round is one call of Adder.
#pragma once
#include <algorithm>

#include "additions.hpp"

namespace prover {

/** Points that are being added up, by their places. */
template <class F>
class Workspace {
 public:
  static constexpr uint32_t NONE = ~uint32_t(0);

  /** Places of the terms of one sum within a common list. */
  struct List {
    uint32_t start, length;
  };

  const Affine<F>& operator[](uint32_t place) const { return points_[place]; }
  bool isNothing(uint32_t place) const { return place == NONE || points_[place].isInfinity(); }

  uint32_t put(const Affine<F>& point) {
    points_.push_back(point);
    return uint32_t(points_.size() - 1);
  }

  /** Makes additions of points outside; sums get places from here on. @see Adder.add */
  void addFrom(const uint8_t* terms, const std::vector<Addition>& additions, size_t places) {
    points_.resize(places);
    adder_.add(terms, points_.data(), additions);
  }

  /** Sets a point that was made room for. */
  void set(uint32_t place, const Affine<F>& point) { points_[place] = point; }

  /** Plans an addition to the first place. @returns where the sum will be */
  uint32_t plan(uint32_t one, uint32_t other) {
    if (isNothing(other)) return one;
    if (isNothing(one)) return other;
    planned_.push_back({2 * one, 2 * other, one});
    return one;
  }

  /** Makes the planned additions, which must not depend on each other. */
  void makePlanned() {
    adder_.add(reinterpret_cast<const uint8_t*>(points_.data()), points_.data(), planned_);
    planned_.clear();
  }

  /** Adds up each list, to the place that its first entry then names. Lists of no place are left alone. */
  void sumLists(std::vector<uint32_t>& places, std::vector<List> lists) {
    for (;;) {
      lists.erase(std::remove_if(lists.begin(), lists.end(), [](const List& list) { return list.length < 2; }), lists.end());
      if (lists.empty()) return;
      for (List& list : lists) {
        uint32_t* entry = places.data() + list.start;
        for (uint32_t pair = 0; pair < list.length / 2; pair++) entry[pair] = plan(entry[2 * pair], entry[2 * pair + 1]);
        if (list.length % 2 == 1) entry[list.length / 2] = entry[list.length - 1];
        list.length = (list.length + 1) / 2;
      }
      makePlanned();
    }
  }

 private:
  Adder<F> adder_;
  std::vector<Affine<F>> points_;
  std::vector<Addition> planned_;
};

}  // namespace prover
