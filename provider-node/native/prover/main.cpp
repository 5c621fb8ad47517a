// `prover prove <zkey> <wtns>` writes a proof as JSON; `prover serve [memory in MiB]` answers requests, see serve.hpp.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "decimal.hpp"
#include "prove.hpp"
#include "serve.hpp"
#include "wtns.hpp"

using namespace prover;

namespace {

/** The program may have been built on another machine. */
void checkCpu() {
#ifdef PROVER_ADX
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("adx")) {
    throw Failure(Fault::WRONG_CPU, "This build needs a CPU with AVX2, BMI2 and ADX.");
  }
#endif
}

void limitMemory(const char* mebibytes) {
  const rlim_t bytes = rlim_t(std::strtoull(mebibytes, nullptr, 10)) << 20;
  const rlimit limit{bytes, bytes};
  if (bytes == 0 || setrlimit(RLIMIT_AS, &limit) != 0) throw Failure(Fault::USAGE, "The memory limit is no number.");
}

void printProof(const char* zkeyPath, const char* wtnsPath) {
  const Zkey key(zkeyPath);
  const MappedFile file(wtnsPath);
  const std::vector<Limbs> witness = readWitness(file.data(), file.size(), key.wires);
  const Proof proof = prove(key, witness);
  const auto text = [](const Fq& value) { return "\"" + decimal(value.plain()) + "\""; };
  const auto pair = [&](const Fq2& value) { return "[" + text(value.real) + "," + text(value.imaginary) + "]"; };
  const auto point = [&](const Affine<Fq>& value) { return "[" + text(value.x) + "," + text(value.y) + ",\"1\"]"; };
  std::string signals;
  for (uint32_t signal = 1; signal <= key.publics; signal++) {
    signals += (signal > 1 ? ",\"" : "\"") + decimal(witness[signal]) + "\"";
  }
  const std::string json = "{\"proof\":{\"pi_a\":" + point(proof.a) + ",\"pi_b\":[" + pair(proof.b.x) + "," +
                           pair(proof.b.y) + ",[\"1\",\"0\"]],\"pi_c\":" + point(proof.c) +
                           ",\"protocol\":\"groth16\",\"curve\":\"bn128\"},\"publicSignals\":[" + signals + "]}";
  std::puts(json.c_str());
}

void run(int count, char** arguments) {
  checkCpu();
  const std::string mode = count > 1 ? arguments[1] : "";
  if (mode == "prove" && count == 4) return printProof(arguments[2], arguments[3]);
  if (mode == "serve" && count <= 3) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // nobody is left to read the answer
    if (count == 3) limitMemory(arguments[2]);
    return serve();
  }
  throw Failure(Fault::USAGE, "prover prove <zkey> <wtns> | prover serve [memory in MiB]");
}

}  // namespace

int main(int count, char** arguments) {
  Fault fault = Fault::NONE;
  try {
    run(count, arguments);
  } catch (const Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    fault = failure.fault;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "The memory limit is reached.\n");
    fault = Fault::NO_MEMORY;
  }
  return int(fault);
}
