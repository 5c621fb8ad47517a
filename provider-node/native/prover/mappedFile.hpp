// A file in memory without a copy.
#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "fault.hpp"

namespace prover {

class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw Failure(Fault::NO_FILE, "The file cannot be opened: " + path);
    struct stat facts;
    const bool isFile = fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0;
    if (isFile) {
      size_ = size_t(facts.st_size);
      address_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    }
    close(file);
    if (address_ == MAP_FAILED) throw Failure(Fault::NO_FILE, "The file cannot be read: " + path);
  }

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { munmap(address_, size_); }

  const uint8_t* data() const { return static_cast<const uint8_t*>(address_); }
  size_t size() const { return size_; }

 private:
  void* address_ = MAP_FAILED;
  size_t size_ = 0;
};

}  // namespace prover
