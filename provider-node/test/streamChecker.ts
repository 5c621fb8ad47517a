import {
  DuckMeshError,
  lastHead,
  type MeshDomain,
  promptTokensBound,
  receiptTypedData,
  recover,
  type SignedCheckpoint,
  type Stream,
  type StreamEnd,
  type StreamRequest,
  streamAmountWei,
  streamCheckpointTypedData,
  streamIdOf,
} from '@duckmesh/protocol'
import { type Address, type Hex, isAddressEqual } from 'viem'

/** What statements are checked against. */
export type StreamFacts = { domain: MeshDomain; signingKey: Address; stream: Stream; request: StreamRequest }

/** What a buyer checks of statements. */
export class StreamChecker {
  readonly #facts: StreamFacts

  constructor(facts: StreamFacts) {
    this.#facts = facts
  }

  async checkpoint({ checkpoint, signature }: SignedCheckpoint, head: Hex) {
    const { domain, signingKey } = this.#facts
    const signer = await recover({ ...streamCheckpointTypedData(domain, checkpoint), signature })
    expect(signer && isAddressEqual(signer, signingKey), 'the signature of a checkpoint')
    expect(checkpoint.head === head, 'the head of a checkpoint')
    this.#amount(checkpoint, checkpoint.chunks)
    return checkpoint.amountWei
  }

  async end({ receipt: { receipt, signature }, chunks, finishReason }: StreamEnd, head: Hex) {
    const { domain, signingKey } = this.#facts
    const signer = await recover({ ...receiptTypedData(domain, receipt), signature })
    expect(signer && isAddressEqual(signer, signingKey), 'the signature of the receipt')
    expect(receipt.jobId === streamIdOf(domain, this.#facts.stream), 'the job of the receipt')
    expect(receipt.outputHash === lastHead(head, finishReason), 'the head in the receipt')
    expect(receipt.startedAt <= receipt.finishedAt, 'the times of the receipt')
    this.#amount(receipt, chunks)
    return receipt.amountWei
  }

  #amount(said: { promptTokens: number; completionTokens: number; amountWei: bigint }, chunks: number): void {
    const wei = streamAmountWei(this.#facts.stream, said, chunks)
    expect(said.amountWei === wei, 'the amount')
    expect(said.promptTokens <= promptTokensBound(this.#facts.request), 'the tokens of the prompt')
  }
}

/** @throws DuckMeshError `STREAM_INVALID` */
export function expect(holds: unknown, what: string): void {
  if (!holds) throw new DuckMeshError('STREAM_INVALID', `The provider is wrong about ${what}.`)
}
