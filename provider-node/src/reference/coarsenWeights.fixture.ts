import { readFile, writeFile } from 'node:fs/promises'
import { GgmlType, readGgufFileInfo } from 'node-llama-cpp'

/** A Q8_0 block: a float16 scale, then 32 weights of a byte. */
const BLOCK_BYTES = 34
const SCALE_BYTES = 2
const BLOCK_WEIGHTS = 32

/**
 * Simulates coarser weights: rounds every weight of a Q8_0 file to the levels that fewer bits have, and writes them as
 * Q8_0 again. The file is no smaller, but it computes like one that is.
 * @param bits 2 to 7
 */
export async function coarsenWeights(source: string, target: string, bits: number): Promise<void> {
  const { fullTensorInfo = [] } = await readGgufFileInfo(source)
  const bytes = await readFile(source)
  const levels = 2 ** (bits - 1) - 1
  for (const { ggmlType, dimensions, fileOffset } of fullTensorInfo) {
    if (ggmlType !== GgmlType.Q8_0) continue
    const weights = dimensions.reduce<number>((product, size) => product * Number(size), 1)
    for (let index = 0; index < weights; index += 1) {
      const block = Math.floor(index / BLOCK_WEIGHTS)
      const at = Number(fileOffset) + block * BLOCK_BYTES + SCALE_BYTES + (index % BLOCK_WEIGHTS)
      const level = Math.round((bytes.readInt8(at) / 127) * levels)
      bytes.writeInt8(Math.round((level / levels) * 127), at)
    }
  }
  await writeFile(target, bytes)
}
