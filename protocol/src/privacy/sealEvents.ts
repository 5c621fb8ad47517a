import { concat, numberToBytes, stringToBytes } from 'viem'
import { z } from 'zod'
import { limits } from '../constants.ts'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { pad, smallestBucketBytes, unpad } from './padding.ts'

/** Name of the one kind of server-sent event that a sealed stream has. */
export const SEALED_EVENT = 'sealed'

/** Data of a sealed event. The plain one inside, name and data, is padded: see `smallestBucketBytes`. */
export const sealedEventSchema = z.strictObject({ sealed: z.base64().max(limits.maxStreamBodyBytes) })
export type SealedEvent = z.output<typeof sealedEventSchema>

/** A server-sent event of a stream before it is sealed. */
export type PlainEvent = {
  event: string
  /** JSON text. */
  data: string
}
const plainEventSchema = z.strictObject({ event: z.string(), data: z.string() })

/** The event that ends a stream: an answer without it was cut. */
const LAST_EVENT = 'end'

/** Length of AES-128-GCM's key, of its nonce, and of the random part that leads the first event, bytes. */
const KEY_BYTES = 16
const NONCE_BYTES = 12
export const ANSWER_NONCE_BYTES = 16

/** Events of one answer; the counter of the nonce has room for no more. */
const MOST_EVENTS = 2 ** 32

/** What both sides take from the HPKE context of the request: 32 bytes of encapsulated key, 16 of exported secret. */
export type AnswerSecret = { encapsulated: Uint8Array; secret: Uint8Array }

/** A key of WebCrypto. */
type SubtleKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** Key and first nonce of one answer. */
export type AnswerKey = { key: SubtleKey; nonce: Uint8Array }

/**
 * Key of an answer. The random nonce makes it another one each time, also when the same sealed request is sent twice to
 * go on with a stream that was cut: without it the counter would begin again under the same key. Source: RFC 9458,
 * section 4.4, on top of RFC 9180, sections 5.3 and 9.8.
 */
export async function deriveAnswerKey(
  { encapsulated, secret }: AnswerSecret,
  answerNonce: Uint8Array,
): Promise<AnswerKey> {
  const input = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveBits'])
  const salt = new Uint8Array(concat([encapsulated, answerNonce]))
  const expand = async (info: string, bytes: number) => {
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info: new TextEncoder().encode(info) }
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, input, 8 * bytes))
  }
  const raw = await expand('key', KEY_BYTES)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { key, nonce: await expand('nonce', NONCE_BYTES) }
}

/**
 * AES-GCM parameters of an event: the nonce is that of the answer XOR its number, and the last one is told by its
 * additional data, so that no cut answer looks whole. Source: draft-ietf-ohai-chunked-ohttp, section 6.2.
 */
export function eventParameters(nonce: Uint8Array, counter: number, isLast: boolean) {
  const iv = new Uint8Array(nonce)
  const number = numberToBytes(counter, { size: NONCE_BYTES })
  for (const [index, byte] of number.entries()) iv[index]! ^= byte
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(isLast ? 'final' : '') }
}

/** Seals the events of one answer in the order of the calls. */
export type SealEvent = (plain: PlainEvent) => Promise<SealedEvent>

/**
 * The provider's side of an answer. Results come in the order of the calls, awaited or not.
 * @throws DuckMeshError `STREAM_INVALID` from a call after the event `end`
 */
export async function eventSealer(answer: AnswerSecret): Promise<SealEvent> {
  const answerNonce = crypto.getRandomValues(new Uint8Array(ANSWER_NONCE_BYTES))
  const { key, nonce } = await deriveAnswerKey(answer, answerNonce)
  let counter = 0
  let isOver = false
  let before: Promise<unknown> = Promise.resolve()
  return (plain) => {
    if (isOver || counter >= MOST_EVENTS) {
      return Promise.reject(new DuckMeshError('STREAM_INVALID', 'A sealed answer has ended already.'))
    }
    isOver = plain.event === LAST_EVENT
    const lead = counter === 0 ? answerNonce : new Uint8Array()
    const parameters = eventParameters(nonce, counter, isOver)
    counter += 1
    const text = pad(stringToBytes(JSON.stringify(plain)), smallestBucketBytes.event)
    const sealing = Promise.all([crypto.subtle.encrypt(parameters, key, text), before]).then(([sealed]) => ({
      sealed: toBase64(concat([lead, new Uint8Array(sealed)])),
    }))
    before = sealing
    return sealing
  }
}

/** The buyer's side of an answer. */
export type EventOpener = {
  /**
   * Opens the next event.
   * @param data JSON text of a server-sent event `sealed`
   * @throws DuckMeshError `STREAM_CUT` for one that was changed, left out, repeated or put in another place
   */
  open(data: string): Promise<PlainEvent>
  /** Whether the event `end` came; an answer that stops before it was cut on its way. */
  readonly isWhole: boolean
}

/** Opens the events of one answer, one after the other. */
export function eventOpener(answer: AnswerSecret): EventOpener {
  let derived: AnswerKey | undefined
  let counter = 0
  let state: 'open' | 'whole' | 'broken' = 'open'
  let before: Promise<unknown> = Promise.resolve()

  async function open(data: string): Promise<PlainEvent> {
    if (state !== 'open') throw new Error(`The answer is ${state} already.`)
    const bytes = fromBase64(sealedEventSchema.parse(JSON.parse(data)).sealed)
    const leadBytes = counter === 0 ? ANSWER_NONCE_BYTES : 0
    derived ??= await deriveAnswerKey(answer, bytes.subarray(0, leadBytes))
    const { key, nonce } = derived
    const decrypt = (isLast: boolean) =>
      crypto.subtle.decrypt(eventParameters(nonce, counter, isLast), key, bytes.subarray(leadBytes))
    // whether it is the last one is known by which additional data fits
    const { padded, isLast } = await decrypt(false).then(
      (opened) => ({ padded: opened, isLast: false }),
      async () => ({ padded: await decrypt(true), isLast: true }),
    )
    const text = new TextDecoder('utf-8', { fatal: true }).decode(unpad(new Uint8Array(padded)))
    const plain = plainEventSchema.parse(JSON.parse(text))
    if ((plain.event === LAST_EVENT) !== isLast) throw new Error('The event is not marked as what it is.')
    counter += 1
    if (isLast) state = 'whole'
    return plain
  }

  return {
    open: (data) => {
      const opening = before.then(() =>
        open(data).catch((cause) => {
          state = 'broken'
          const message = 'An event of the sealed answer is broken, or not in its place.'
          throw new DuckMeshError('STREAM_CUT', message, { events: counter }, { cause })
        }),
      )
      before = opening.catch(() => undefined) // whoever awaits it is told; the next one is refused by the state
      return opening
    },
    get isWhole() {
      return state === 'whole'
    },
  }
}
