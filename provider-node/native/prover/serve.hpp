// Answers requests on standard input until it ends.
#pragma once

namespace prover {

/**
 * A request is a frame: length (4 bytes, little-endian, as all numbers here), then the length of a path (2 bytes), the path
 * of a .zkey file, and a .wtns file. An answer is a frame too: a status byte, see fault.hpp, then a message; or, for status
 * 0, microseconds of the clock and of the processors (4 bytes each), eight coordinates of A, B, C, and the public signals,
 * 32 bytes each. Keys stay in memory for later requests.
 */
void serve();

}  // namespace prover
