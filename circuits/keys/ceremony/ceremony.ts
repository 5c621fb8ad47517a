import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Source, zKey } from 'snarkjs'
import { sha256 } from '../../toolchain/compile.ts'
import { domainBits, publicCount, readR1cs } from '../../toolchain/r1cs.ts'
import { type VerifyingKey, verifyingKeyFaults, verifyingKeyHash } from '../verifyingKey.ts'

/** Pinned files of phase 1, by log2 of the powers that they hold. */
export type Phase1 = Record<string, { file: string; blake2b: string }>

/** What happened in the ceremony of one circuit, for everybody to check again. */
export interface Transcript {
  circuit: string
  r1csSha256: string
  phase1: { file: string; blake2b: string }
  /** In order; the hash is what the contributor publishes as an attestation. */
  contributions: { name: string; hash: string }[]
  /** Public randomness that nobody could know before the last contribution, and the rounds of hashing it, as log2. */
  beacon?: { value: string; iterationsBits: number; hash: string }
  /** SHA-256 of the final proving key and of what verifiers use of it. */
  zkeySha256?: string
  verifyingKeySha256?: string
}

/** The files of one ceremony. */
export interface CeremonyFiles {
  r1csPath: string
  ptauPath: string
  transcriptPath: string
}

/** Rounds of hashing on the beacon, as log2: what snarkjs' own ceremonies take. */
const BEACON_ITERATIONS_BITS = 10

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const readTranscript = (path: string): Transcript => JSON.parse(readFileSync(path, 'utf8')) as Transcript

const writeTranscript = (path: string, transcript: Transcript) =>
  writeFileSync(path, `${JSON.stringify(transcript, null, 2)}\n`)

async function blake2b(path: string): Promise<string> {
  const hash = createHash('blake2b512')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Checks that the phase-1 file is the pinned one and large enough: a broken file makes snarkjs hang, not fail. */
async function requirePhase1(r1csPath: string, ptauPath: string, phase1: Phase1) {
  const found = await blake2b(ptauPath)
  const entry = Object.entries(phase1).find(([, { blake2b }]) => blake2b === found)
  if (entry === undefined)
    throw new Error(`${ptauPath} is none of the pinned phase-1 files (BLAKE2b ${found}).`)
  const needed = domainBits(readR1cs(readFileSync(r1csPath)))
  if (Number(entry[0]) < needed)
    throw new Error(`The circuit needs 2^${needed} powers, ${entry[1].file} has 2^${entry[0]}.`)
  return entry[1]
}

/** Starts the ceremony of a circuit: makes the first proving key, which is worthless until somebody contributes. */
export async function init(
  circuit: string,
  { r1csPath, ptauPath, transcriptPath }: CeremonyFiles,
  zkeyPath: string,
  phase1: Phase1,
): Promise<Transcript> {
  if (existsSync(transcriptPath)) throw new Error(`${transcriptPath} exists: a ceremony is started once.`)
  const pinned = await requirePhase1(r1csPath, ptauPath, phase1)
  const made = await zKey.newZKey(r1csPath, ptauPath, zkeyPath)
  if (made === -1) throw new Error('snarkjs refused the circuit or the phase-1 file.')
  const transcript = {
    circuit,
    r1csSha256: sha256(readFileSync(r1csPath)),
    phase1: pinned,
    contributions: [],
  }
  writeTranscript(transcriptPath, transcript)
  return transcript
}

/**
 * Adds one contribution. The ceremony is safe if at least one contributor forgot the secret, which is drawn from the
 * system's randomness and `entropy` together.
 * @param entropy anything that others cannot know
 */
export async function contribute(
  transcriptPath: string,
  from: Source,
  to: Source,
  { name, entropy }: { name: string; entropy: string },
): Promise<Transcript> {
  const transcript = readTranscript(transcriptPath)
  if (transcript.beacon !== undefined)
    throw new Error('The ceremony has had its beacon: it takes no more contributions.')
  const hash = hex(await zKey.contribute(from, to, name, entropy))
  transcript.contributions.push({ name, hash })
  writeTranscript(transcriptPath, transcript)
  return transcript
}

/**
 * Ends the ceremony with public randomness.
 * @param value hex, for example the hash of a block whose height was announced before the last contribution
 */
export async function beacon(
  transcriptPath: string,
  from: Source,
  to: Source,
  value: string,
): Promise<Transcript> {
  const transcript = readTranscript(transcriptPath)
  if (transcript.contributions.length === 0) throw new Error('A beacon alone is no secret: contribute first.')
  const hash = hex(await zKey.beacon(from, to, 'beacon', value, BEACON_ITERATIONS_BITS))
  transcript.beacon = { value, iterationsBits: BEACON_ITERATIONS_BITS, hash }
  writeTranscript(transcriptPath, transcript)
  return transcript
}

/** Takes the verifying key out of the final proving key and writes both hashes into the transcript. */
export async function finalize(
  files: CeremonyFiles,
  zkeyPath: string,
  phase1: Phase1,
): Promise<VerifyingKey> {
  const transcript = readTranscript(files.transcriptPath)
  if (transcript.beacon === undefined) throw new Error('The ceremony has had no beacon yet.')
  const key = await checked(files, zkeyPath, phase1)
  transcript.zkeySha256 = sha256(readFileSync(zkeyPath))
  transcript.verifyingKeySha256 = verifyingKeyHash(key)
  writeTranscript(files.transcriptPath, transcript)
  return key
}

/**
 * Checks a finished ceremony from its files: the pinned phase 1, the circuit, every contribution, the hashes of the
 * transcript, and the known faults of verifying keys.
 * @returns the verifying key to deploy
 */
export async function verifyCeremony(
  files: CeremonyFiles,
  zkeyPath: string,
  phase1: Phase1,
): Promise<VerifyingKey> {
  const transcript = readTranscript(files.transcriptPath)
  const key = await checked(files, zkeyPath, phase1)
  if (transcript.zkeySha256 !== sha256(readFileSync(zkeyPath)))
    throw new Error('The transcript names another proving key.')
  if (transcript.verifyingKeySha256 !== verifyingKeyHash(key))
    throw new Error('The transcript names another verifying key.')
  return key
}

/** What finishing and checking have in common. */
async function checked(
  { r1csPath, ptauPath, transcriptPath }: CeremonyFiles,
  zkeyPath: string,
  phase1: Phase1,
) {
  const r1csFile = readFileSync(r1csPath)
  if (readTranscript(transcriptPath).r1csSha256 !== sha256(r1csFile))
    throw new Error('The transcript is of another circuit.')
  await requirePhase1(r1csPath, ptauPath, phase1)
  if (!(await zKey.verifyFromR1cs(r1csPath, ptauPath, zkeyPath)))
    throw new Error('A contribution does not verify.')
  const key = (await zKey.exportVerificationKey(zkeyPath)) as VerifyingKey
  const faults = verifyingKeyFaults(key, publicCount(readR1cs(r1csFile)))
  if (faults.length > 0) throw new Error(faults.join(' '))
  return key
}
