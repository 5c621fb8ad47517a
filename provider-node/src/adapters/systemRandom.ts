import { randomBytes } from 'node:crypto'
import { bytesToHex } from 'viem'
import type { Random } from '../ports/random.ts'

/** Randomness of the operating system. */
export const systemRandom: Random = {
  salt: () => bytesToHex(randomBytes(32)),
  fraction: () => Math.random(),
}
