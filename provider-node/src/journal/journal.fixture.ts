// Rows for the tests of the journal and its users.
import { type Hex, numberToHex, zeroAddress, zeroHash } from 'viem'
import type { NewRow, Promised, Reveal } from '../ports/journal.ts'

/** A redundant job whose id is its number. */
export function newRow(number: number): NewRow {
  const jobId = numberToHex(number + 1, { size: 32 })
  const signature: Hex = `0x${'11'.repeat(65)}`
  return {
    jobId,
    round: 0,
    lane: 'redundant',
    order: {
      requester: zeroAddress,
      coordinator: zeroAddress,
      providerId: 0,
      kind: 0,
      mode: 1,
      seats: 3,
      priceWei: 79_228_162_514_264_337_593_543_950_335n,
      bondWei: 1n,
      modelId: zeroHash,
      inputHash: zeroHash,
      policy: zeroHash,
      nonce: 18_446_744_073_709_551_615n,
      acceptBy: 1_000,
      execWindow: 30,
      disputeWindow: 0,
    },
    orderSignature: signature,
    request: { kind: 'inference', prompt: 'naïve 🦆', maxTokens: 4, temperature: 0, seed: 0 },
    assignment: {
      assignment: {
        jobId,
        round: 0,
        seats: [1, 2, 3],
        seed: zeroHash,
        candidatesHash: zeroHash,
        issuedAt: 5,
      },
      signature,
    },
    seenBlock: 12n,
    receivedAtMs: 1_000 + number,
  }
}

/** A promise that differs by its name. @param name hex digits */
export function promisedBy(name: string): Promised {
  const commitment: Hex = `0x${name.padStart(64, '0')}`
  return {
    result: { text: `text of ${commitment}`, tokens: [1, 2, 3], finishReason: 'length' },
    outputHash: commitment,
    promptTokens: 5,
    startedAt: 10,
    finishedAt: 12,
    seat: { salt: commitment, commitment },
  }
}

/** A reveal that differs by its name. @param name hex digits */
export function revealBy(name: string): Reveal {
  const word: Hex = `0x${name.padStart(64, '0')}`
  const signature: Hex = `0x${'33'.repeat(65)}`
  const commitSignatures = [signature, signature, signature]
  return { seatsDigest: word, signature, seats: [1, 2, 3], commitments: [word, word, word], commitSignatures }
}
