// Random scalars from the kernel.
#pragma once
#include <sys/random.h>

#include "fault.hpp"
#include "field.hpp"

namespace prover {

/** Uniform below the order of the groups: numbers of 254 bits are drawn until one is. */
inline Limbs randomScalar() {
  for (;;) {
    Limbs value;
    if (getrandom(value.data(), sizeof value, 0) != sizeof value) {
      throw Failure(Fault::INTERNAL, "The kernel gives no randomness.");
    }
    value[3] >>= 2;
    if (Fr::holds(value)) return value;
  }
}

}  // namespace prover
