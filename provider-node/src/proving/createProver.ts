import { DuckMeshError } from '@duckmesh/protocol'
import { buildNative, type NativeBuild } from './buildNative.ts'
import { ProverPool } from './pool.ts'
import type { Prover } from './prover.ts'
import { type ProverSettings, proverSettings } from './settings.ts'

/**
 * The prover that the settings ask for. It says in `engine` and `reason` what it uses, which belongs in the node's log.
 * @param settings default: all defaults of {@link proverSettings}
 * @param build how the native program is found; a parameter for tests
 * @throws DuckMeshError `BAD_CONFIG` when the native program is insisted on and cannot be had
 * @example
 * const prover = await createProver()
 * const { proof, publicSignals } = await prover.prove({ circuit: 'record-range', inputs })
 */
export async function createProver(
  settings: ProverSettings = proverSettings.parse({}),
  build: () => Promise<NativeBuild> = buildNative,
): Promise<Prover> {
  const { PROVER, PROVER_SLOTS, PROVER_QUEUE, PROVER_MEMORY_MIB, PROVER_KEYS } = settings
  const native = PROVER === 'snarkjs' ? { missing: 'PROVER=snarkjs' } : await build()
  const isNative = 'path' in native
  if (PROVER === 'native' && !isNative) {
    const message = `There is no native prover: ${native.missing}.`
    throw new DuckMeshError('BAD_CONFIG', message, { setting: 'PROVER' })
  }
  return new ProverPool({
    engine: isNative ? 'native' : 'snarkjs',
    reason: isNative ? `native, ${native.fast ? 'with ADX' : 'portable'}` : `snarkjs: ${native.missing}`,
    isSnarkjsSpare: PROVER === 'auto',
    slots: PROVER_SLOTS,
    maxWaiting: PROVER_QUEUE,
    memoryMiB: PROVER_MEMORY_MIB,
    nativePath: isNative ? native.path : undefined,
    keysFolder: PROVER_KEYS,
  })
}
