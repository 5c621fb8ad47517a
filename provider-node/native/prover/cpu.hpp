// What the processor offers beyond what the program was built for.
#pragma once
#include <cstdlib>
#include <cstring>

namespace prover {

/**
 * Whether eight numbers may be worked on at once, by the instructions AVX-512 IFMA. The variable PROVER_IFMA=off forbids it,
 * so that the other path can be tested and measured on the same machine.
 */
inline bool hasIfma() {
#ifdef PROVER_ADX
  static const bool has = [] {
    const char* wish = std::getenv("PROVER_IFMA");
    return (wish == nullptr || std::strcmp(wish, "off") != 0) && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512ifma");
  }();
  return has;
#else
  return false;
#endif
}

}  // namespace prover
