import {
  chainError,
  duckMeshAbi,
  onchainStatusName,
  outcomeFromLogs,
  type ProviderId,
  type SeatsByRound,
  type SnarkjsKey,
} from '@duckmesh/protocol'
import { evidenceAnchorsAbi } from '@duckmesh/protocol/modules'
import { readVerifyingKey } from '@duckmesh/protocol/proving'
import pLimit from 'p-limit'
import {
  type Address,
  BaseError,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  NonceTooLowError,
  parseEventLogs,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Chain, ChainCall } from '../ports/chain.ts'
import { evidenceReads } from './evidenceReads.ts'
import { settledProofBytes } from './settledProofBytes.ts'

/** Longest wait for one RPC answer and for one receipt, ms. */
const RPC_TIMEOUT_MS = 3_000
const RECEIPT_TIMEOUT_MS = 30_000
/** Verifying keys that are remembered. */
const MOST_KEYS = 64

/**
 * The chain over JSON-RPC.
 * @param rpcUrl endpoint; asked once for the chain id
 * @param mesh address of DuckMesh
 * @param account key that pays gas
 */
export async function connectChain(
  rpcUrl: string,
  mesh: Address,
  account: PrivateKeyAccount,
): Promise<Chain> {
  const transport = http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 1, batch: true })
  const reader = createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 })
  const writer = createWalletClient({ transport, account })
  const contract = { address: mesh, abi: duckMeshAbi } as const
  const guard = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw chainError(error, action)
    }
  }
  const chainId = await guard('eth_chainId', () => reader.getChainId())
  // an id is the hash of its key; and what verifies prepares each object once
  const keys = new Map<string, SnarkjsKey>()
  // one account has one sequence of nonces: its transactions go out one after another
  const inTurn = pLimit(1)
  const jobLogs = (jobId: Hex, fromBlock: bigint) =>
    guard('eth_getLogs', async () => {
      // the job id is the first or the second indexed field of every event about a job
      const filters = [
        [null, jobId],
        [null, null, jobId],
      ]
      const found = await Promise.all(
        filters.map((topics) =>
          reader.request({
            method: 'eth_getLogs',
            params: [{ address: mesh, topics, fromBlock: `0x${fromBlock.toString(16)}`, toBlock: 'latest' }],
          }),
        ),
      )
      return found
        .flat()
        .sort(
          (a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex),
        )
    })

  return {
    chainId,
    mesh,
    ...evidenceReads(reader, mesh, guard),
    terms: () =>
      guard('terms', async () => {
        const [token, { minStakeWei }, [, { feeBps, maxJobLifeSeconds }]] = await Promise.all([
          reader.readContract({ ...contract, functionName: 'token' }),
          reader.readContract({ ...contract, functionName: 'params' }),
          reader.readContract({ ...contract, functionName: 'terms' }),
        ])
        return { token, feeBps, minStakeWei, maxJobLifeSeconds }
      }),
    head: () =>
      guard('eth_getBlock', async () => {
        const [number, next] = await Promise.all([
          reader.getBlockNumber(),
          reader.getBlock({ blockTag: 'pending' }),
        ])
        return { number, timestamp: Number(next.timestamp) }
      }),
    providers: () =>
      guard('providers', async () => {
        const count = await reader.readContract({ ...contract, functionName: 'providerCount' })
        const ids: ProviderId[] = Array.from({ length: count }, (_, index) => index + 1)
        return Promise.all(
          ids.map(async (providerId) => {
            const [provider, isActive] = await Promise.all([
              reader.readContract({ ...contract, functionName: 'providerOf', args: [providerId] }),
              reader.readContract({ ...contract, functionName: 'isActive', args: [providerId] }),
            ])
            const { owner, signingKey, stakedWei, lockedWei } = provider
            return { providerId, owner, signingKey, stakedWei, lockedWei, isActive }
          }),
        )
      }),
    providerIdByKey: (key) =>
      guard('providerIdByKey', () =>
        reader.readContract({ ...contract, functionName: 'providerIdByKey', args: [key] }),
      ),
    freeWei: (owner) =>
      guard('accountOf', () =>
        reader.readContract({ ...contract, functionName: 'accountOf', args: [owner] }),
      ),
    nonceUsed: (requester, nonce) =>
      guard('nonceUsed', () =>
        reader.readContract({ ...contract, functionName: 'nonceUsed', args: [requester, nonce] }),
      ),
    job: (jobId) =>
      guard('jobOf', async () => {
        const { status, round, at } = await reader.readContract({
          ...contract,
          functionName: 'jobOf',
          args: [jobId],
        })
        return { status: onchainStatusName(status), round, at }
      }),
    accusedOf: (jobId) =>
      guard('disputeOf', async () => {
        const args = [jobId] as const
        return (await reader.readContract({ ...contract, functionName: 'disputeOf', args })).providerId
      }),
    blockAt: (timestamp) =>
      guard('eth_getBlock', async () => {
        let [low, high] = [0n, await reader.getBlockNumber()]
        while (low < high) {
          const middle = (low + high) / 2n
          const block = await reader.getBlock({ blockNumber: middle })
          if (Number(block.timestamp) < timestamp) low = middle + 1n
          else high = middle
        }
        return low
      }),
    isSignedBy: (address, hash, signature) =>
      guard('verifyHash', () => reader.verifyHash({ address, hash, signature })),
    send: (call, onHash) =>
      guard(call.kind, async () => {
        const sendOnce = async () => {
          const to = toContractCall(call)
          // against the pending block: deadlines count from its time, and an idle chain's latest block is old
          const simulated = { ...contract, ...to, account, blockTag: 'pending' }
          const { request } = await reader.simulateContract(simulated as never)
          return writer.writeContract(request as never)
        }
        // another process with this key may have taken the nonce meanwhile: then the next one is asked for
        const hash = await inTurn(() =>
          sendOnce().catch((error) => {
            if (isNonceTaken(error)) return sendOnce()
            throw error
          }),
        )
        await onHash(hash)
        await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS })
      }),
    anchoredSeats: async (jobId, round, fromBlock) => {
      const logs = await jobLogs(jobId, fromBlock)
      const events = parseEventLogs({ abi: duckMeshAbi, logs: logs as never, eventName: 'SeatsAnchored' })
      const event = events.find((candidate) => candidate.args.round === round)
      return event && { ids: [...event.args.seats], commitments: [...event.args.commitments] }
    },
    slashedIn: async (jobId, fromBlock) => {
      const logs = await jobLogs(jobId, fromBlock)
      const events = parseEventLogs({ abi: duckMeshAbi, logs: logs as never, eventName: 'ProviderSlashed' })
      return events.map((event) => event.args.providerId)
    },
    verifyingKey: async (selector, modelId) => {
      const name = `${selector} ${modelId}`
      const known = keys.get(name)
      if (known) return known
      const key = await guard('keyOf', () => readVerifyingKey(reader, mesh, selector, modelId))
      if (!key) return undefined
      const [oldest] = keys.keys()
      if (keys.size >= MOST_KEYS && oldest !== undefined) keys.delete(oldest)
      keys.set(name, key)
      return key
    },
    settledProof: async (jobId, fromBlock) => {
      const logs = await jobLogs(jobId, fromBlock)
      const [event] = parseEventLogs({ abi: duckMeshAbi, logs: logs as never, eventName: 'ProofSettled' })
      if (!event) return undefined
      const { transactionHash: transaction, args } = event
      const { input } = await guard('eth_getTransactionByHash', () =>
        reader.getTransaction({ hash: transaction }),
      )
      const { providerId: proverId, outputHash } = args
      return { taskId: jobId, proverId, outputHash, proof: settledProofBytes(input), transaction }
    },
    outcome: async (jobId, seats: SeatsByRound, fromBlock) =>
      outcomeFromLogs((await jobLogs(jobId, fromBlock)) as never, seats),
  }
}

const isNonceTaken = (error: unknown): boolean =>
  error instanceof BaseError && error.walk((cause) => cause instanceof NonceTooLowError) !== null

/** A call of the mesh, unless it names another contract. */
type ContractCall = { functionName: string; args: unknown[]; address?: Address; abi?: unknown }

function toContractCall(call: ChainCall): ContractCall {
  switch (call.kind) {
    case 'anchorSeats': {
      const { order, orderSignature, assignment, assignmentSignature, commitments, seatSignatures } = call
      const args = [order, orderSignature, assignment, assignmentSignature, commitments, seatSignatures]
      return { functionName: call.kind, args }
    }
    case 'settleSeats': {
      const { order, orderSignature, assignment, assignmentSignature, outputHash, salts } = call
      const signed = [order, orderSignature, assignment, assignmentSignature]
      return { functionName: call.kind, args: [...signed, outputHash, salts, call.revealSignatures] }
    }
    case 'openSeats':
      return {
        functionName: call.kind,
        args: [call.order, call.ids, call.commitments, call.outputs, call.salts],
      }
    case 'sealSeats':
      return { functionName: call.kind, args: [call.order, call.assignment] }
    case 'expireJob':
      return { functionName: call.kind, args: [call.order] }
    case 'proveFalseProof':
      return { functionName: call.kind, args: [call.order, call.claim, call.claimSignature, call.proof] }
    case 'anchor': {
      const { anchors, sequence, batch } = call
      const args = [BigInt(sequence), batch.root, batch.dataHash, batch.count, batch.until]
      return { address: anchors, abi: evidenceAnchorsAbi, functionName: call.kind, args }
    }
  }
}
