#include "serve.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <list>
#include <memory>
#include <new>

#include "prove.hpp"
#include "sections.hpp"
#include "wtns.hpp"

namespace prover {

namespace {

/** Keys that are kept; the one used longest ago leaves first. */
constexpr size_t MAX_KEYS = 4;
/** A witness of the largest domain, and a path. */
constexpr uint32_t MAX_REQUEST = (uint32_t(1) << 30);

class Keys {
 public:
  const Zkey& of(const std::string& path) {
    for (auto kept = kept_.begin(); kept != kept_.end(); ++kept) {
      if (kept->first != path) continue;
      kept_.splice(kept_.begin(), kept_, kept);
      return *kept_.front().second;
    }
    kept_.emplace_front(path, std::make_unique<Zkey>(path));
    if (kept_.size() > MAX_KEYS) kept_.pop_back();
    return *kept_.front().second;
  }

 private:
  std::list<std::pair<std::string, std::unique_ptr<Zkey>>> kept_;
};

/** Fills the buffer from standard input. @returns false when the input ended before the first byte */
bool readFully(uint8_t* buffer, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t got = read(STDIN_FILENO, buffer + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 && done == 0) return false;
    if (got <= 0) throw Failure(Fault::NO_FILE, "The input ended within a request.");
    done += size_t(got);
  }
  return true;
}

void writeFully(const std::vector<uint8_t>& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t put = write(STDOUT_FILENO, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) throw Failure(Fault::NO_FILE, "The answer could not be written.");
    done += size_t(put);
  }
}

template <class Value>
void append(std::vector<uint8_t>& bytes, const Value& value) {
  const auto* from = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof value);
}

uint64_t processorMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) { return uint64_t(time.tv_sec) * 1'000'000 + uint64_t(time.tv_usec); };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

/** @returns the answer without its length */
std::vector<uint8_t> answer(Reader request, Keys& keys) {
  const uint16_t pathLength = request.take<uint16_t>();
  const auto* path = reinterpret_cast<const char*>(request.take(pathLength));
  const Zkey& key = keys.of(std::string(path, pathLength));
  const size_t size = request.left();
  const std::vector<Limbs> witness = readWitness(request.take(size), size, key.wires);

  const auto started = std::chrono::steady_clock::now();
  const uint64_t startedCpu = processorMicros();
  const Proof proof = prove(key, witness);
  const auto elapsed = std::chrono::steady_clock::now() - started;

  std::vector<uint8_t> bytes{uint8_t(Fault::NONE)};
  append(bytes, uint32_t(std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()));
  append(bytes, uint32_t(processorMicros() - startedCpu));
  for (const Fq& coordinate : {proof.a.x, proof.a.y, proof.b.x.real, proof.b.x.imaginary, proof.b.y.real,
                               proof.b.y.imaginary, proof.c.x, proof.c.y}) {
    append(bytes, coordinate.plain());
  }
  for (uint32_t signal = 1; signal <= key.publics; signal++) append(bytes, witness[signal]);
  return bytes;
}

std::vector<uint8_t> refusal(Fault fault, const char* message) {
  std::vector<uint8_t> bytes(1 + std::strlen(message));
  bytes[0] = uint8_t(fault);
  std::memcpy(bytes.data() + 1, message, bytes.size() - 1);
  return bytes;
}

std::vector<uint8_t> answerOrRefusal(const std::vector<uint8_t>& request, Keys& keys) {
  try {
    return answer(Reader(request.data(), request.size(), Fault::BAD_WITNESS), keys);
  } catch (const Failure& failure) {
    return refusal(failure.fault, failure.what());
  } catch (const std::bad_alloc&) {
    return refusal(Fault::NO_MEMORY, "The memory limit is reached.");
  }
}

}  // namespace

void serve() {
  Keys keys;
  uint32_t length;
  while (readFully(reinterpret_cast<uint8_t*>(&length), sizeof length)) {
    if (length > MAX_REQUEST) throw Failure(Fault::USAGE, "The request is too long.");
    std::vector<uint8_t> request(length);
    if (length > 0 && !readFully(request.data(), length)) throw Failure(Fault::NO_FILE, "The input ended within a request.");
    const std::vector<uint8_t> body = answerOrRefusal(request, keys);
    std::vector<uint8_t> frame;
    append(frame, uint32_t(body.size()));
    frame.insert(frame.end(), body.begin(), body.end());
    writeFully(frame);
  }
}

}  // namespace prover
