import { readFile } from 'node:fs/promises'
import type { BaseContract, ContractMethod } from 'ethers'
import { type Groth16Claim, signalsHash } from '../../../protocol/src/groth16/claim.ts'
import { keyBytes, keyIdOf, type SnarkjsKey } from '../../../protocol/src/groth16/verifyingKey.ts'
import { ethers } from './mesh.ts'

/** Order of the field of coordinates. */
export const Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
/** Order of the groups, and of the field of public inputs. */
export const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

export type Hex = `0x${string}`
export interface Proof {
  readonly words: bigint[]
  readonly signals: bigint[]
}
export interface Circuit {
  readonly key: Hex
  readonly keyId: Hex
  readonly proofs: readonly Proof[]
}

type Names = 'verify' | 'verifyBatch' | 'registerKey' | 'keyOf'
export type Verifier = BaseContract & Record<Names, ContractMethod>

export async function readFixture<T>(name: string): Promise<T> {
  const file = new URL(`../verification/groth16/fixtures/${name}.json`, import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')) as T
}

async function readCircuit(name: string): Promise<Circuit> {
  type Saved = { verificationKey: SnarkjsKey; proofs: { words: string[]; signals: string[] }[] }
  const { verificationKey, proofs } = await readFixture<Saved>(name)
  const key = keyBytes(verificationKey)
  const numbers = (words: string[]) => words.map(BigInt)
  const parsed = proofs.map(({ words, signals }) => ({ words: numbers(words), signals: numbers(signals) }))
  return { key, keyId: keyIdOf(key), proofs: parsed }
}

/** 1 public input, 1 proof. */
export const factors = await readCircuit('factors')
/** 2 public inputs, 64 proofs. */
export const hiddenProduct = await readCircuit('hiddenProduct')
/** 4 public inputs, 1 proof, of a job. */
export const product = await readCircuit('product')
/** `product` with a constant point that cancels the inputs of 6 × 7 = 1, and a proof of that. */
export const forged = await readCircuit('forged')

/** A verifier that knows the keys of all circuits, at the fixture's snapshot. */
export async function verifierFixture(): Promise<Verifier> {
  const verifier = (await ethers.deployContract('Groth16Verifier')) as unknown as Verifier
  for (const { key } of [factors, hiddenProduct, product, forged]) await verifier.registerKey(key)
  return verifier
}

/** The words with one of them changed. */
export function changed(words: readonly bigint[], index: number, value: (old: bigint) => bigint): bigint[] {
  return words.map((word, at) => (at === index ? value(word) : word))
}

/** The negative of a point of G2, four words. */
export const negatedG2 = ([x1, x0, y1, y0]: readonly bigint[]): bigint[] => [x1, x0, Q - y1, Q - y0]

const bytesOf = (words: readonly bigint[]): string =>
  ethers.concat(words.map((word) => ethers.toBeHex(word, 32)))

async function precompile(address: number, words: readonly bigint[]): Promise<bigint[]> {
  const point = await ethers.provider.call({ to: ethers.toBeHex(address, 20), data: bytesOf(words) })
  return [BigInt(ethers.dataSlice(point, 0, 32)), BigInt(ethers.dataSlice(point, 32))]
}

/** Sum of two points of G1. */
export const addG1 = (first: readonly bigint[], second: readonly bigint[]) =>
  precompile(6, [...first, ...second])

/** A multiple of a point of G1. */
export const mulG1 = (point: readonly bigint[], scalar: bigint) => precompile(7, [...point, scalar])

/** Words of a key in its canonical form, and back. */
export const wordsOfKey = (key: Hex): bigint[] =>
  key
    .slice(2)
    .match(/.{64}/g)!
    .map((word) => BigInt(`0x${word}`))
export const keyOfWords = (words: readonly bigint[]): Hex => bytesOf(words) as Hex

/** The first `count` proofs of `hiddenProduct` as the arguments of a batch. */
export function batchOf(count: number, replace: Record<number, Partial<Proof>> = {}) {
  const proofs = hiddenProduct.proofs.slice(0, count).map((proof, index) => ({ ...proof, ...replace[index] }))
  return {
    keyId: hiddenProduct.keyId,
    proofs: proofs.map(({ words }) => words),
    inputs: proofs.flatMap(({ signals }) => signals),
  }
}

/** The hash of all that a batch states. */
export const seedOf = ({ keyId, proofs, inputs }: ReturnType<typeof batchOf>): string =>
  ethers.keccak256(ethers.concat([keyId, bytesOf(proofs.flat()), bytesOf(inputs)]))

/** The weights r_i of a batch. */
export function weightsOf(batch: ReturnType<typeof batchOf>): bigint[] {
  const seed = BigInt(seedOf(batch))
  const weight = (index: number) => BigInt(ethers.keccak256(bytesOf([seed, BigInt(index)]))) % 2n ** 128n
  return batch.proofs.map((_, index) => (index === 0 ? 1n : weight(index)))
}

/** The job of `product`: 6 × 7, by provider 5. */
export function claimOf(overrides: Partial<Groth16Claim> = {}): Groth16Claim {
  const { words, signals } = product.proofs[0]
  return {
    taskId: `0x${'a1'.repeat(32)}`,
    agentId: `0x${'00'.repeat(31)}05`,
    modelId: product.keyId,
    policy: ethers.id('policy') as Hex,
    proof: words,
    results: signals.slice(0, 1),
    request: signals.slice(1, 3),
    ...overrides,
  }
}

/** What whoever settles a task passes to the adapter beside the proof. */
export function hashesOf({ taskId, agentId, modelId, policy, results, request }: Groth16Claim) {
  const coder = ethers.AbiCoder.defaultAbiCoder()
  const hash = (words: string[]) => ethers.keccak256(coder.encode(Array(words.length).fill('bytes32'), words))
  const inputHash = hash([taskId, agentId, hash([modelId, signalsHash(request), policy])])
  return { inputHash, outputHash: signalsHash(results) }
}
