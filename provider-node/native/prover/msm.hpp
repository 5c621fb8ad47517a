// Σ scalarᵢ·pointᵢ over the wires of a key, cut into tasks that may run at the same time.
#pragma once
#include <functional>
#include <memory>

#include "buckets.hpp"

namespace prover {

using Tasks = std::vector<std::function<void()>>;

template <class F>
class Sum {
 public:
  /** @param points and scalars must outlive the sum */
  Sum(const KeyPoints<F>& points, const Scalars& scalars)
      : points_(points.bytes), ones_(placesOf(points, scalars.ones)), others_(placesOf(points, scalars.others)),
        digits_(cheapestWidth(others_.size())) {
    prepared_.reserve(others_.size());
    for (const uint32_t place : others_) prepared_.push_back(digits_.prepared(scalars.values[place + points.skipped]));
  }

  /** Adds the tasks to a list. The sum must stay where it is until they have run. */
  void addTasks(Tasks& tasks) {
    const size_t chunks = (others_.size() + MOST_TERMS - 1) / MOST_TERMS;
    const size_t size = chunks > 0 ? (others_.size() + chunks - 1) / chunks : 0;
    const unsigned together = unsigned(std::max(size_t(1), TASK_TERMS / (size + (size_t(1) << digits_.width))));
    for (size_t first = 0; first < others_.size(); first += size) {
      const size_t count = std::min(size, others_.size() - first);
      for (unsigned window = 0; window < digits_.windows; window += together) {
        const unsigned windows = std::min(together, digits_.windows - window);
        Part& part = newPart(window * digits_.width);
        tasks.push_back([this, &part, window, windows, first, count] {
          part.points = Buckets<F>(points_, digits_, window, windows)
                            .parts(others_.data() + first, prepared_.data() + first, count);
        });
      }
    }
    for (size_t first = 0; first < ones_.size(); first += MOST_TERMS) {
      const size_t count = std::min(MOST_TERMS, ones_.size() - first);
      Part& part = newPart(0);
      tasks.push_back([this, &part, first, count] { part.points = {sumOfOnes(first, count)}; });
    }
  }

  /** The sum, once all tasks have run. */
  Point<F> result() const {
    Point<F> sum;
    for (unsigned bit = digits_.windows * digits_.width; bit-- > 0;) {
      sum = Point<F>::twice(sum);
      for (const auto& part : parts_) {
        if (bit >= part->lowestBit && bit - part->lowestBit < part->points.size()) sum.add(part->points[bit - part->lowestBit]);
      }
    }
    return sum;
  }

 private:
  /** Terms of one task: its points stay within the second cache, or not far beyond. */
  static constexpr size_t TASK_TERMS = 16'384;
  /** Terms of one window that one task takes, which bounds its memory. */
  static constexpr size_t MOST_TERMS = 32'768;

  /** What a task found: a point for each bit from the lowest on. */
  struct Part {
    unsigned lowestBit;
    std::vector<Affine<F>> points;
  };

  const uint8_t* points_;
  std::vector<uint32_t> ones_, others_;
  Digits digits_;
  std::vector<Limbs> prepared_;
  std::vector<std::unique_ptr<Part>> parts_;

  static std::vector<uint32_t> placesOf(const KeyPoints<F>& points, const std::vector<uint32_t>& wires) {
    std::vector<uint32_t> places;
    places.reserve(wires.size());
    for (const uint32_t wire : wires) {
      if (points.has(wire)) places.push_back(wire - points.skipped);
    }
    return places;
  }

  /** Additions: one for each scalar and two for each bucket, in each window. */
  static unsigned cheapestWidth(size_t count) {
    const double terms = double(std::min(count, MOST_TERMS));
    unsigned best = 2;
    double least = 1e300;
    for (unsigned width = 2; width <= 15; width++) {
      const double cost = double(Digits(width).windows) * (terms + double(uint64_t(1) << width));
      if (cost < least) {
        least = cost;
        best = width;
      }
    }
    return best;
  }

  Part& newPart(unsigned lowestBit) {
    parts_.push_back(std::make_unique<Part>(Part{lowestBit, {}}));
    return *parts_.back();
  }

  Affine<F> sumOfOnes(size_t first, size_t count) const {
    Workspace<F> workspace;
    std::vector<Addition> pairs;
    std::vector<uint32_t> places((count + 1) / 2);
    for (uint32_t pair = 0; pair < count / 2; pair++) {
      pairs.push_back({2 * ones_[first + 2 * pair], 2 * ones_[first + 2 * pair + 1], pair});
    }
    for (uint32_t place = 0; place < places.size(); place++) places[place] = place;
    workspace.addFrom(points_, pairs, places.size());
    if (count % 2 == 1) workspace.set(uint32_t(count / 2), Adder<F>::term(points_, 2 * ones_[first + count - 1]));
    workspace.sumLists(places, {{0, uint32_t(places.size())}});
    return workspace[places[0]];
  }
};

}  // namespace prover
