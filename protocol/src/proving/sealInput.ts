import { bytesToHex, concat, type Hex, hexToBytes, numberToBytes, stringToBytes } from 'viem'
import { z } from 'zod'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { JobId, ProviderId } from '../ids.ts'
import { fromBase64, toBase64 } from '../privacy/base64.ts'
import { pad, smallestBucketBytes, unpad } from '../privacy/padding.ts'
import { importSealKeyPair, type SealKeyPair, sealSuite } from '../privacy/suite.ts'
import type { Sealed } from '../streaming/wire.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { circuitInputsSchema } from './task.ts'

/** What a prover is told in private: inputs of the circuit (level 2), or a `.wtns` file in base64 (level 3). */
const provingSecretSchema = z.union([
  z.strictObject({ inputs: circuitInputsSchema }),
  z.strictObject({ witness: z.base64() }),
])
export type ProvingSecret = z.output<typeof provingSecretSchema>

/** What a seal is bound to: it opens for this task at this prover alone. */
export type TaskSealContext = { domain: MeshDomain; proverId: ProviderId; taskId: JobId }

const infoOf = ({ domain, proverId, taskId }: TaskSealContext): Uint8Array =>
  concat([
    stringToBytes('duckmesh proof input v1'),
    numberToBytes(domain.chainId, { size: 32 }),
    hexToBytes(domain.verifyingContract),
    numberToBytes(proverId, { size: 4 }),
    hexToBytes(taskId),
  ])

/**
 * Seals the secret of a task to its prover, by the suite of sealed streams. Source: RFC 9180, section 5.1.1.
 * @param publicKey of the prover, checked by `verifySealKey`
 * @throws DuckMeshError `SEAL_KEY_INVALID` for a key that is none
 */
export async function sealTaskInput(
  secret: ProvingSecret,
  publicKey: Hex,
  context: TaskSealContext,
): Promise<Sealed> {
  const text = stringToBytes(
    JSON.stringify(secret, (_name, value) => (typeof value === 'bigint' ? `${value}` : value)),
  )
  try {
    const recipientPublicKey = await sealSuite.kem.deserializePublicKey(hexToBytes(publicKey))
    const sender = await sealSuite.createSenderContext({ recipientPublicKey, info: infoOf(context) })
    const ciphertext = await sender.seal(pad(text, smallestBucketBytes.request))
    return {
      encapsulated: toBase64(new Uint8Array(sender.enc)),
      ciphertext: toBase64(new Uint8Array(ciphertext)),
    }
  } catch (cause) {
    throw new DuckMeshError(
      'SEAL_KEY_INVALID',
      'The seal key is no X25519 key.',
      { publicKey: bytesToHex(hexToBytes(publicKey)) },
      { cause },
    )
  }
}

/**
 * Opens the secret of a task.
 * @param keys of the prover, the newest first
 * @throws DuckMeshError `SEAL_BROKEN` when no key opens it for this task, or when it holds no secret
 */
export async function openTaskInput(
  sealed: Sealed,
  keys: readonly SealKeyPair[],
  context: TaskSealContext,
): Promise<ProvingSecret> {
  for (const key of keys) {
    const recipientKey = await importSealKeyPair(key)
    const text = await sealSuite
      .createRecipientContext({ recipientKey, enc: fromBase64(sealed.encapsulated), info: infoOf(context) })
      .then((recipient) => recipient.open(fromBase64(sealed.ciphertext)))
      .catch(() => undefined) // sealed to another key or task, or changed: the cipher does not tell which
    if (text) return secretOf(new Uint8Array(text))
  }
  throw new DuckMeshError('SEAL_BROKEN', 'No seal key of this prover opens the inputs of this task.')
}

function secretOf(text: Uint8Array): ProvingSecret {
  try {
    return provingSecretSchema.parse(JSON.parse(new TextDecoder().decode(unpad(text))))
  } catch {
    // the cause may quote the inputs: it is left out, so that no log can hold it
    throw new DuckMeshError('SEAL_BROKEN', 'What was sealed are no inputs of a circuit.')
  }
}
