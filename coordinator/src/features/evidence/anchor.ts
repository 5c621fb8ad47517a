import { batchCommitment, evidenceBatchOf, mostBatchLeaves } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { Container } from '../../container.ts'
import type { BatchRecord } from '../../ports/evidenceStore.ts'

/**
 * Seals what waits as the next batch of this coordinator: on disk, before anything is sent. While an earlier batch is
 * not on chain yet, nothing is sealed: its place in the sequence is taken.
 * @param anchors EvidenceAnchors
 * @returns whether a batch was sealed
 */
export async function sealNext(container: Container, anchors: Address): Promise<boolean> {
  const { store, chain, signer, observeEvidence } = container
  const { length, until: from } = await chain.anchorHead(anchors, signer.address)
  const { timestamp: until } = await chain.head()
  if (until <= from) return false
  if ((await store.openBatches()).length > 0) return false
  const sealed = await store.sealBatch(length, mostBatchLeaves, (leaves) =>
    evidenceBatchOf(leaves, { from, until }),
  )
  if (sealed) observeEvidence('batch-sealed', { sequence: sealed.sequence })
  return sealed !== undefined
}

/**
 * Brings the sealed batch to the chain. What is done is decided by the chain's state alone: a batch that it has is
 * marked, one that it has not is sent, also when it was undone, and one whose place another process took with the same
 * key is taken apart, so that its items are sealed anew. So it may be called at any time, as often as one likes.
 */
export async function anchorSealed(container: Container, anchors: Address): Promise<void> {
  const { store, chain, signer, logger, observeEvidence } = container
  await sendNext(container, anchors)
  const { length } = await chain.anchorHead(anchors, signer.address)
  for (const record of await store.openBatches()) {
    const { sequence, batch } = record
    if (sequence >= length) continue
    const anchored = await chain.anchorCommitment(anchors, signer.address, sequence)
    if (anchored === batchCommitment(batch)) {
      await store.markAnchored(sequence)
      observeEvidence('batch-anchored', { sequence })
      logger.info({ sequence, leaves: batch.count }, 'evidence anchored')
    } else {
      await takeApart(container, record)
    }
  }
}

/** Sends the batch that the chain waits for, if there is one. */
async function sendNext(container: Container, anchors: Address): Promise<void> {
  const { store, chain, signer, observeEvidence } = container
  const { length, until } = await chain.anchorHead(anchors, signer.address)
  const next = await store.batchAt(length)
  if (!next) return
  const { sequence, batch } = next
  if (batch.from !== until) return takeApart(container, next)
  observeEvidence('batch-sending', { sequence })
  const noteSent = async (hash: Hex) => {
    observeEvidence('batch-sent', { sequence })
    await store.noteTransaction(sequence, hash)
  }
  try {
    await chain.send({ kind: 'anchor', anchors, sequence, batch }, noteSent)
  } catch (error) {
    // another process with this store may have been faster
    if ((await chain.anchorHead(anchors, signer.address)).length <= sequence) throw error
  }
}

async function takeApart({ store, logger }: Container, { sequence }: BatchRecord): Promise<void> {
  logger.warn({ sequence }, 'another process anchors with this key: its batch has this place')
  await store.unsealBatch(sequence)
}
