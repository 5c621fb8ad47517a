import {
  agentIdOf,
  DuckMeshError,
  type ProofClaim,
  proofClaimTypedData,
  proofInputHash,
  proofSelectorOf,
  taskInputOf,
} from '@duckmesh/protocol'
import { keccak256 } from 'viem'
import { backoffMs } from '../../loop/backoff.ts'
import type { LoopContext } from '../../loop/context.ts'
import type { ProofJournal, ProofRow } from './proofJournal.ts'

/**
 * Brings a kept proof to its end, from wherever a crash left it: asks the verifier on chain, is paid, and only then shows
 * the proof and signs for it. What a transaction throws decides nothing: the chain is read again.
 */
export async function finishProof(row: ProofRow, journal: ProofJournal, context: LoopContext): Promise<void> {
  const { taskId } = row
  const { clock, logger, random, signal } = context
  for (let failures = 1; !signal.aborted; failures++) {
    const found = journal.find(taskId)
    if (!found || found.state === 'delivered' || found.state === 'lost') return
    try {
      const next = found.state === 'proved' ? await settle(found, context) : await deliver(found, context)
      if (next) {
        journal.move(taskId, next)
        logger.info({ taskId, state: next }, 'proof moved on')
        failures = 0
        continue
      }
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (error.code === 'PROOF_REFUSED') {
        // keys that differ from the chain's: nothing was signed, nothing is lost but the work
        journal.move(taskId, 'lost')
        logger.error({ taskId, err: error }, 'the verifier refuses an own proof')
        return
      }
      logger.warn({ taskId, err: error }, 'step of a proof failed; the chain decides')
    }
    await clock.sleep(backoffMs(failures, random.fraction()), signal)
  }
}

/** @returns where the proof is after this look; undefined when it must be looked at again */
async function settle(row: ProofRow, context: LoopContext): Promise<'settled' | 'lost' | undefined> {
  const { chain, providerId } = context
  const { taskId, order, orderSignature, outputHash, proof } = row
  if (await chain.nonceUsed(order.requester, order.nonce)) return whoWasPaid(row, context)
  if (await isOver(row, context)) return 'lost'
  const taskInput = taskInputOf({ taskId, agentId: agentIdOf(providerId), inputHash: proofInputHash(order) })
  const selector = proofSelectorOf(order)
  if (!selector || !(await chain.proofHolds(selector, taskInput, outputHash, proof))) {
    throw new DuckMeshError('PROOF_REFUSED', 'The verifier on chain says that the proof does not hold.', {
      taskId,
    })
  }
  await context.observeProof('proof-settling', { taskId })
  await chain.send({ kind: 'settleProof', order, orderSignature, providerId, outputHash, proof })
  await context.observeProof('proof-sent', { taskId })
  return whoWasPaid(row, context)
}

/** Reads from the events whose proof was paid, once the nonce is used. */
async function whoWasPaid(row: ProofRow, context: LoopContext): Promise<'settled' | 'lost' | undefined> {
  const settled = await context.chain.settledProof(row.taskId, row.fromBlock)
  // an RPC node behind the others may know the nonce before the event: a second look tells
  if (!settled) return (await isOver(row, context)) ? 'lost' : undefined
  const isOwn = settled.providerId === context.providerId && settled.outputHash === row.outputHash
  return isOwn ? 'settled' : 'lost'
}

const isOver = async ({ order }: ProofRow, { chain }: LoopContext): Promise<boolean> =>
  (await chain.head()).nowSeconds > order.acceptBy + order.execWindow

/** Shows a paid proof. A coordinator that will not have it can read it from the chain all the same. */
async function deliver(row: ProofRow, context: LoopContext): Promise<'delivered' | undefined> {
  const { chain, coordinator, logger, providerId, signer } = context
  const { taskId, outputHash, proof } = row
  const claim: ProofClaim = { jobId: taskId, providerId, outputHash, proofHash: keccak256(proof) }
  const signature = await signer.signTypedData(proofClaimTypedData(chain.domain, claim))
  try {
    await coordinator.submitProof({ taskId, proverId: providerId, outputHash, proof, signature })
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.retryable) throw error
    logger.warn({ taskId, err: error }, 'the coordinator does not take a paid proof')
  }
  return 'delivered'
}
