// What can go wrong, as exit codes of `prove` and status bytes of `serve`; nativeProcess.ts names them.
#pragma once
#include <stdexcept>
#include <string>

namespace prover {

enum class Fault { NONE = 0, USAGE = 2, BAD_KEY = 3, BAD_WITNESS = 4, WRONG_CPU = 5, NO_MEMORY = 6, NO_FILE = 7, INTERNAL = 8 };

struct Failure : std::runtime_error {
  Fault fault;
  Failure(Fault fault, const std::string& message) : std::runtime_error(message), fault(fault) {}
};

}  // namespace prover
