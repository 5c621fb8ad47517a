import type { RecipientContext, SenderContext } from '@hpke/core'
import { bytesToHex, concat, type Hex, hexToBytes, numberToBytes, stringToBytes } from 'viem'
import { z } from 'zod'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { JobId, ProviderId } from '../ids.ts'
import { type StreamRequest, streamRequestSchema } from '../streaming/request.ts'
import type { Sealed } from '../streaming/wire.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { pad, smallestBucketBytes, unpad } from './padding.ts'
import { ANSWER_NONCE_BYTES, type AnswerSecret, type EventOpener, eventOpener } from './sealEvents.ts'
import { importSealKeyPair, type SealKeyPair, sealSuite } from './suite.ts'

/** What a seal is bound to: it opens for this stream of this provider, and for no other. */
export type SealContext = { domain: MeshDomain; providerId: ProviderId; streamId: JobId }

/** What travels under the seal. */
export type SealedContent = {
  request: StreamRequest
  /**
   * Value of the `Authorization` header when a relay stands between: whoever reads a session can use it, so it travels
   * under the seal too. Null when the header itself is sent.
   */
  authorization: string | null
}
const sealedContentSchema = z.strictObject({
  request: streamRequestSchema,
  authorization: z.string().max(4_096).nullable(),
}) satisfies z.ZodType<SealedContent, unknown>

const ANSWER_LABEL = stringToBytes('duckmesh stream answer v1')

const infoOf = ({ domain, providerId, streamId }: SealContext): Uint8Array =>
  concat([
    stringToBytes('duckmesh stream request v1'),
    numberToBytes(domain.chainId, { size: 32 }),
    hexToBytes(domain.verifyingContract),
    numberToBytes(providerId, { size: 4 }),
    hexToBytes(streamId),
  ])

/**
 * A request with 32 random bytes in it. Its hash is plain in the Stream: without them whoever sees the hash could find
 * a short or usual request by trying.
 */
export const saltRequest = <Request extends StreamRequest>(request: Request): Request & { salt: Hex } => ({
  ...request,
  salt: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
})

/**
 * Seals a request to a provider, so that nobody on the way can read it or the answer. A fresh key each time; nothing of
 * it is kept by the buyer but what opens the answer. Source: RFC 9180, sections 5.1.1, 5.2 and 5.3.
 * @param content the request from `saltRequest`, and the session when a relay stands between
 * @param publicKey the provider's, checked by `verifySealKey`
 * @returns what to send as `sealed`, and what opens the answer; the answer to a second sending needs `opener` anew
 * @throws DuckMeshError `BAD_REQUEST` for a request without salt, `SEAL_KEY_INVALID` for a key that is none
 * @example
 * const { sealed, opener } = await sealRequest({ request, authorization }, sealKey.publicKey, context)
 * const events = opener() // one for each answer
 */
export async function sealRequest(
  content: SealedContent,
  publicKey: Hex,
  context: SealContext,
): Promise<{ sealed: Sealed; opener: () => EventOpener }> {
  if (content.request.salt === undefined) {
    throw new DuckMeshError('BAD_REQUEST', 'A request needs a salt before it is sealed: see saltRequest.')
  }
  const sender = await senderOf(publicKey, context)
  const text = pad(stringToBytes(JSON.stringify(content)), smallestBucketBytes.request)
  const ciphertext = new Uint8Array(await sender.seal(text))
  const answer = await answerSecret(sender, new Uint8Array(sender.enc))
  return {
    sealed: { encapsulated: toBase64(answer.encapsulated), ciphertext: toBase64(ciphertext) },
    opener: () => eventOpener(answer),
  }
}

const senderOf = async (publicKey: Hex, context: SealContext): Promise<SenderContext> => {
  try {
    const recipientPublicKey = await sealSuite.kem.deserializePublicKey(hexToBytes(publicKey))
    return await sealSuite.createSenderContext({ recipientPublicKey, info: infoOf(context) })
  } catch (cause) {
    throw new DuckMeshError('SEAL_KEY_INVALID', 'The seal key is no X25519 key.', {}, { cause })
  }
}

/**
 * Opens a sealed request. The caller still compares its hash with `stream.requestHash`.
 * @param keys the provider's key pairs that are in use, the newest first
 * @returns the content, and what seals the answer
 * @throws DuckMeshError `SEAL_BROKEN` when no key opens it for this stream, or when it holds no request
 */
export async function openRequest(
  sealed: Sealed,
  keys: readonly SealKeyPair[],
  context: SealContext,
): Promise<SealedContent & { answer: AnswerSecret }> {
  const encapsulated = fromBase64(sealed.encapsulated)
  const ciphertext = fromBase64(sealed.ciphertext)
  for (const key of keys) {
    const found = await tryKey(key, encapsulated, ciphertext, context)
    if (found) return { ...contentOf(found.text), answer: await answerSecret(found.recipient, encapsulated) }
  }
  throw new DuckMeshError('SEAL_BROKEN', 'No seal key of this provider opens the request for this stream.')
}

async function tryKey(
  key: SealKeyPair,
  encapsulated: Uint8Array<ArrayBuffer>,
  ciphertext: Uint8Array<ArrayBuffer>,
  context: SealContext,
): Promise<{ recipient: RecipientContext; text: Uint8Array } | undefined> {
  const recipientKey = await importSealKeyPair(key)
  try {
    const recipient = await sealSuite.createRecipientContext({
      recipientKey,
      enc: encapsulated,
      info: infoOf(context),
    })
    return { recipient, text: new Uint8Array(await recipient.open(ciphertext)) }
  } catch {
    return undefined // sealed to another key or stream, or changed: the cipher does not tell which
  }
}

function contentOf(text: Uint8Array): SealedContent {
  try {
    return sealedContentSchema.parse(JSON.parse(new TextDecoder().decode(unpad(text))))
  } catch (cause) {
    // the cause may quote the request: it is left out, so that no log can hold it
    throw new DuckMeshError('SEAL_BROKEN', 'What was sealed is no request of a stream.', {
      issues: cause instanceof z.ZodError ? cause.issues.map((issue) => issue.path.join('.')) : [],
    })
  }
}

const answerSecret = async (
  context: SenderContext | RecipientContext,
  encapsulated: Uint8Array,
): Promise<AnswerSecret> => ({
  encapsulated,
  secret: new Uint8Array(await context.export(ANSWER_LABEL, ANSWER_NONCE_BYTES)),
})
