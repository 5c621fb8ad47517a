import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { keyBytes, keyIdOf, snarkjsKeySchema } from '@duckmesh/protocol'
import { deployables } from '@duckmesh/protocol/bytecode'
import {
  type Address,
  encodeFunctionData,
  getCreate2Address,
  type Hex,
  isAddressEqual,
  type PublicClient,
  zeroAddress,
  zeroHash,
} from 'viem'
import { type AddressOf, addressOfParty, type ModuleName } from './plan.ts'
import type { Settings } from './settings.ts'

const root = join(import.meta.dirname, '../..')

/** A transaction that makes a deployment what the settings say. */
export type SetupCall = {
  /** For people, e.g. `VerifierRouter.addVerifier(0x00000004)`. */
  name: string
  to: Address
  data: Hex
  /** Whether the owner alone can send it. */
  isOwners: boolean
  isDone(): Promise<boolean>
}

/**
 * What is to be done once the contracts are there, in order.
 * @param reader for finding out what was done before
 */
export function setupCalls(
  settings: Settings,
  deployer: Address,
  at: AddressOf,
  reader: PublicClient,
): SetupCall[] {
  const call = (
    module: ModuleName,
    functionName: string,
    args: readonly unknown[],
    isDone: () => Promise<boolean>,
    isOwners = true,
  ): SetupCall => ({
    name: `${module}.${functionName}(${shorten(args[0])})`,
    to: at(module),
    data: encodeFunctionData({ abi: deployables[module].abi as never, functionName, args } as never),
    isOwners,
    isDone,
  })
  const validators = settings.validators.map((party, validatorId) => {
    const key = addressOfParty(party, deployer, at)
    return call('ReferenceAdapter', 'addValidator', [key], async () =>
      isAddressEqual(
        await reader.readContract({
          address: at('ReferenceAdapter'),
          abi: deployables.ReferenceAdapter.abi,
          functionName: 'validatorOf',
          args: [validatorId],
        }),
        key,
      ),
    )
  })
  const measurements = settings.measurements.map((digest, index) =>
    call('TeeKeyRegistry', 'allowMeasurement', [at('AttesterQuorum'), digest], async () => {
      const known = await reader.readContract({
        address: at('TeeKeyRegistry'),
        abi: deployables.TeeKeyRegistry.abi,
        functionName: 'measurementOf',
        args: [index + 1],
      })
      return known.digest === digest
    }),
  )
  const verifiers = settings.verifiers.map(({ selector, adapter, gasCap, metadata }) =>
    call('VerifierRouter', 'addVerifier', [selector, at(adapter), gasCap, metadata], async () => {
      const entry = await reader.readContract({
        address: at('VerifierRouter'),
        abi: deployables.VerifierRouter.abi,
        functionName: 'entryOf',
        args: [selector],
      })
      return !isAddressEqual(entry.adapter, zeroAddress)
    }),
  )
  const keys = settings.groth16Keys.map(({ path }) => {
    const key = keyBytes(snarkjsKeySchema.parse(JSON.parse(readFileSync(resolve(root, path), 'utf8'))))
    // the contract keeps a key as the code of an address that follows from the id
    const pointer = getCreate2Address({
      from: at('Groth16Verifier'),
      salt: zeroHash,
      bytecodeHash: keyIdOf(key),
    })
    const isDone = async () => (await reader.getCode({ address: pointer })) !== undefined
    return call('Groth16Verifier', 'registerKey', [key], isDone, false)
  })
  return [...validators, ...measurements, ...verifiers, ...keys]
}

const shorten = (value: unknown): string => {
  const text = String(value)
  return text.length > 42 ? `${text.slice(0, 10)}…` : text
}
