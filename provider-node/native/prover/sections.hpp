// The container that .zkey and .wtns files share: a magic word, a version, and numbered sections with their lengths.
#pragma once
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#include "fault.hpp"
#include "limbs.hpp"

namespace prover {

/** Bytes that are read from the front; whoever reads too far gets a Failure. */
class Reader {
 public:
  Reader() = default;
  Reader(const uint8_t* data, size_t size, Fault fault) : data_(data), size_(size), fault_(fault) {}

  const uint8_t* take(size_t bytes) {
    if (bytes > size_) throw Failure(fault_, "The file ends too early.");
    const uint8_t* taken = data_;
    data_ += bytes;
    size_ -= bytes;
    return taken;
  }

  template <class Value>
  Value take() {
    Value value;
    std::memcpy(static_cast<void*>(&value), take(sizeof value), sizeof value);
    return value;
  }

  size_t left() const { return size_; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  Fault fault_ = Fault::INTERNAL;
};

class Sections {
 public:
  Sections(const uint8_t* data, size_t size, const char* magic, uint32_t version, Fault fault) : fault_(fault) {
    Reader file(data, size, fault);
    if (std::memcmp(file.take(4), magic, 4) != 0) throw Failure(fault, std::string("Not a .") + magic + " file.");
    if (file.take<uint32_t>() != version) throw Failure(fault, "The file has another format version.");
    const uint32_t count = file.take<uint32_t>();
    if (count > MAX_SECTIONS) throw Failure(fault, "The file has too many sections.");
    for (uint32_t section = 0; section < count; section++) {
      const uint32_t number = file.take<uint32_t>();
      const uint64_t length = file.take<uint64_t>();
      if (length > file.left()) throw Failure(fault, "Section " + std::to_string(number) + " is cut off.");
      const Reader content(file.take(size_t(length)), size_t(length), fault);
      if (!found_.emplace(number, content).second) throw Failure(fault, "A section is there twice.");
    }
    if (file.left() > 0) throw Failure(fault, "Bytes follow the last section.");
  }

  Reader of(uint32_t number) const {
    const auto section = found_.find(number);
    if (section == found_.end()) throw Failure(fault_, "Section " + std::to_string(number) + " is missing.");
    return section->second;
  }

  /** The content of a section that must have exactly this length. */
  const uint8_t* exactly(uint32_t number, uint64_t bytes) const {
    Reader content = of(number);
    if (content.left() != bytes) throw Failure(fault_, "Section " + std::to_string(number) + " has a wrong length.");
    return content.take(size_t(bytes));
  }

 private:
  static constexpr uint32_t MAX_SECTIONS = 32;
  Fault fault_;
  std::map<uint32_t, Reader> found_;
};

}  // namespace prover
