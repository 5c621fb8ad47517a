import { open } from 'node:fs/promises'
import { DuckMeshError } from '@duckmesh/protocol'

/** Magic, version (u32), number of tensors (u64), number of metadata entries (u64); little-endian. */
const HEADER_BYTES = 24
/** Far above real files (hundreds of tensors, dozens of entries), far below what exhausts the memory. */
const MAX_COUNT = 100_000n

/**
 * Looks at the first bytes of a file before the engine does. Its parser takes the counts on trust: an empty file
 * makes it wait for ever and a false count makes it fill the memory until the process dies (node-llama-cpp 3.22.1).
 * Layout: GGUF specification, versions 2 and 3.
 * @throws DuckMeshError `MODEL_CORRUPT` when this is no GGUF file
 */
export async function checkGgufHeader(path: string): Promise<void> {
  const file = await open(path)
  const header = Buffer.alloc(HEADER_BYTES)
  try {
    const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0)
    const reason = headerFault(header.subarray(0, bytesRead))
    if (reason) throw new DuckMeshError('MODEL_CORRUPT', `This is no GGUF file: ${reason}.`, { path, reason })
  } finally {
    await file.close()
  }
}

/** What is wrong with the header; undefined when nothing is. */
function headerFault(header: Buffer): string | undefined {
  if (header.length < HEADER_BYTES) return 'it is shorter than a header'
  if (header.toString('latin1', 0, 4) !== 'GGUF') return 'the magic bytes are missing'
  const version = header.readUInt32LE(4)
  if (version !== 2 && version !== 3) return `version ${version} is not 2 or 3`
  const counts = [header.readBigUInt64LE(8), header.readBigUInt64LE(16)]
  return counts.some((count) => count === 0n || count > MAX_COUNT) ? 'a count is out of bounds' : undefined
}
