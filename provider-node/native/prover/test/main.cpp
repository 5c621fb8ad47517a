// Single operations for vectors.test.ts: each line of the input is an operation and its operands in hexadecimal, each line of
// the output its result. Coordinates are plain numbers, a point at infinity is all zero.
#include <iostream>
#include <sstream>

#include "msm.hpp"
#include "ntt.hpp"
#include "parallel.hpp"

using namespace prover;

namespace {

Limbs readNumber(std::istream& in) {
  std::string text;
  in >> text;
  Limbs value{};
  for (const char digit : text) {
    for (int word = 3; word > 0; word--) value[word] = (value[word] << 4) | (value[word - 1] >> 60);
    value[0] = (value[0] << 4) | uint64_t(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return value;
}

void read(std::istream& in, Fq& value) { value = Fq::from(readNumber(in)); }
void read(std::istream& in, Fr& value) { value = Fr::from(readNumber(in)); }
void read(std::istream& in, Fq2& value) { read(in, value.real), read(in, value.imaginary); }
template <class F>
void read(std::istream& in, Affine<F>& point) { read(in, point.x), read(in, point.y); }

template <class F>
F read(std::istream& in) {
  F value;
  read(in, value);
  return value;
}

std::string text(const Limbs& value) {
  char digits[65];
  std::snprintf(digits, sizeof digits, "%016lx%016lx%016lx%016lx", value[3], value[2], value[1], value[0]);
  return digits;
}
template <class Parameters>
std::string text(const Field<Parameters>& value) { return text(value.plain()); }
std::string text(const Fq2& value) { return text(value.real) + " " + text(value.imaginary); }
template <class F>
std::string text(const Affine<F>& point) { return text(point.x) + " " + text(point.y); }

template <class F>
std::string arithmetic(const std::string& operation, std::istream& in) {
  const F a = read<F>(in);
  if (operation == "inverse") return text(a.inverse());
  if (operation == "square") return text(a.square());
  const F b = read<F>(in);
  if (operation == "product") return text(a * b);
  if (operation == "sum") return text(a + b);
  return text(a - b);
}

/** Pairs of points, each with a sign that is 1 for its negative; all in one call. */
template <class F>
std::string additions(std::istream& in) {
  size_t count;
  in >> count;
  std::vector<Affine<F>> points(2 * count), sums(count);
  std::vector<Addition> planned;
  for (uint32_t index = 0; index < count; index++) {
    uint32_t signs[2];
    for (uint32_t side : {0, 1}) read(in, points[2 * index + side]), in >> signs[side];
    planned.push_back({4 * index + signs[0], 4 * index + 2 + signs[1], index});
  }
  Adder<F>().add(reinterpret_cast<const uint8_t*>(points.data()), sums.data(), planned);
  std::string line;
  for (const Affine<F>& sum : sums) line += text(sum) + " ";
  return line;
}

template <class F>
std::string geometry(const std::string& operation, std::istream& in) {
  if (operation == "additions") return additions<F>(in);
  if (operation == "msm") {
    size_t count;
    in >> count;
    std::vector<Affine<F>> points(count);
    std::vector<Limbs> scalars(count);
    for (size_t index = 0; index < count; index++) read(in, points[index]), scalars[index] = readNumber(in);
    KeyPoints<F> key{reinterpret_cast<const uint8_t*>(points.data()), 0, std::vector<bool>(count)};
    for (size_t index = 0; index < count; index++) key.isInfinity[index] = points[index].isInfinity();
    const Scalars sorted(scalars);
    Sum<F> sum(key, sorted);
    Tasks tasks;
    sum.addTasks(tasks);
    runAll(tasks);
    return text(sum.result().affine());
  }
  const auto point = read<Affine<F>>(in);
  if (operation == "onCurve") return isOnCurve(point) ? "1" : "0";
  if (operation == "multiple") return text(Point<F>::multiple(point, readNumber(in)).affine());
  const auto other = read<Affine<F>>(in);
  // once with a sum whose denominators are not one
  Point<F> mixed = Point<F>::twice(Point<F>::from(point)), full = mixed, unhalved = Point<F>::from(other);
  mixed.add(point.negated());
  full.add(Point<F>::from(point.negated()));
  mixed.add(other);
  unhalved.add(full);
  return text(mixed.affine()) == text(unhalved.affine()) ? text(mixed.affine()) : "the additions differ";
}

std::string oddCoset(std::istream& in) {
  unsigned bits;
  in >> bits;
  const Domain domain(bits);
  std::vector<Fr> values(domain.size());
  for (Fr& value : values) read(in, value);
  domain.toOddCoset(values);
  std::string line;
  for (const Fr& value : values) line += text(value) + " ";
  return line;
}

/** Digits of a scalar, lowest first. */
std::string digitsOf(std::istream& in) {
  unsigned width;
  in >> width;
  const Digits digits(width);
  const Limbs prepared = digits.prepared(readNumber(in));
  std::string line;
  for (unsigned window = 0; window < digits.windows; window++) line += std::to_string(digits.digit(prepared, window)) + " ";
  return line;
}

std::string answer(const std::string& set, std::istream& in) {
  if (set == "lanes") return hasIfma() ? "8" : "1";
  if (set == "oddCoset") return oddCoset(in);
  if (set == "digits") return digitsOf(in);
  std::string operation;
  in >> operation;
  if (set == "fq") return arithmetic<Fq>(operation, in);
  if (set == "fr") return arithmetic<Fr>(operation, in);
  if (set == "fq2") return arithmetic<Fq2>(operation, in);
  return set == "g1" ? geometry<Fq>(operation, in) : geometry<Fq2>(operation, in);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string set;
    in >> set;
    std::cout << answer(set, in) << "\n";
  }
}
