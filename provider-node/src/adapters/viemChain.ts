import { chainError, DuckMeshError, duckMeshAbi, duckTokenAbi, onchainStatusName } from '@duckmesh/protocol'
import { meshAgentVerifierAbi, verifierRouterAbi } from '@duckmesh/protocol/modules'
import pLimit from 'p-limit'
import {
  type Account,
  type Address,
  createPublicClient,
  createWalletClient,
  formatLog,
  getAbiItem,
  type Hex,
  http,
  numberToHex,
  parseAbi,
  parseEventLogs,
  toEventSelector,
} from 'viem'
import type { Chain, ChainCall } from '../ports/chain.ts'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import { contractCall } from './contractCall.ts'
import { Reachability } from './reachability.ts'

const RPC_TIMEOUT_MS = 5_000
const RECEIPT_TIMEOUT_MS = 60_000
const RECEIPT_POLL_MS = 100
const ERC1271_MAGIC = '0x1626ba7e'

/** Events after which a channel holds something else; its id is their first indexed field. */
const channelTopics = [
  'ChannelToppedUp',
  'ChannelClosing',
  'ChannelClosed',
  'ChannelRefunded',
  'ChannelClaimed',
].map((name) => toEventSelector(getAbiItem({ abi: duckMeshAbi, name: name as 'ChannelClosed' })))

export type ViemChainOptions = {
  rpcUrl: string
  /** Asked from the endpoint once, by `connectChain`. */
  chainId: number
  mesh: Address
  token: Address
  /** Account that sends and pays gas. */
  account: Account
  clock: Clock
}

/** The chain over JSON-RPC. */
export function createViemChain({ rpcUrl, chainId, mesh, token, account, clock }: ViemChainOptions): Chain {
  const transport = http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 1 })
  const reader = createPublicClient({ transport, pollingInterval: RECEIPT_POLL_MS, cacheTime: 0 })
  const writer = createWalletClient({ transport, account })
  const contract = { address: mesh, abi: duckMeshAbi } as const
  const reachability = new Reachability(clock)
  // the transactions of an account have one sequence of nonces
  const sendInTurn = pLimit(1)

  const guard = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work()
      reachability.answered()
      return answer
    } catch (thrown) {
      const error = chainError(thrown, action)
      if (error.code === 'CHAIN_UNAVAILABLE') reachability.failed()
      else reachability.answered()
      throw error
    }
  }

  const sendNow = async (call: ChainCall): Promise<Hex> => {
    const target = contractCall(call, mesh, token)
    // "pending" has the time of the next block: "latest" would refuse what has just become due
    await reader.simulateContract({ ...target, account, blockTag: 'pending' })
    const hash = await writer.writeContract({ ...target, account, chain: null })
    const receipt = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS })
    if (receipt.status === 'success') return hash
    throw new DuckMeshError('CHAIN_REVERTED', `The contract refused ${call.kind}.`, {
      action: call.kind,
      hash,
    })
  }

  return {
    domain: { chainId, verifyingContract: mesh },
    owner: account.address,
    get unreachableSinceMs() {
      return reachability.unreachableSinceMs
    },
    terms: () =>
      guard('terms', async () => {
        const { minStakeWei } = await reader.readContract({ ...contract, functionName: 'params' })
        return { token, minStakeWei }
      }),
    head: () =>
      guard('eth_getBlock', async () => {
        // the next block may be much later than the latest one; not every endpoint tells about it
        const [latest, next] = await Promise.all([
          reader.getBlock(),
          reader.getBlock({ blockTag: 'pending' }).catch(() => undefined),
        ])
        const times = [latest.timestamp, next?.timestamp ?? 0n].map(Number)
        return { number: latest.number, nowSeconds: Math.max(...times, nowSeconds(clock)) }
      }),
    providerIdOf: (owner) =>
      guard('providerIdOf', () =>
        reader.readContract({ ...contract, functionName: 'providerIdOf', args: [owner] }),
      ),
    provider: (providerId) =>
      guard('providerOf', () =>
        reader.readContract({ ...contract, functionName: 'providerOf', args: [providerId] }),
      ),
    freeWei: (owner) =>
      guard('accountOf', () =>
        reader.readContract({ ...contract, functionName: 'accountOf', args: [owner] }),
      ),
    walletWei: (owner) =>
      guard('balanceOf', () =>
        reader.readContract({ address: token, abi: duckTokenAbi, functionName: 'balanceOf', args: [owner] }),
      ),
    nonceUsed: (requester, nonce) =>
      guard('nonceUsed', () =>
        reader.readContract({ ...contract, functionName: 'nonceUsed', args: [requester, nonce] }),
      ),
    job: (jobId) =>
      guard('jobOf', async () => {
        const { status, ...job } = await reader.readContract({
          ...contract,
          functionName: 'jobOf',
          args: [jobId],
        })
        return { status: onchainStatusName(status), ...job }
      }),
    accusedOf: (jobId) =>
      guard('disputeOf', async () => {
        const args = [jobId] as const
        return (await reader.readContract({ ...contract, functionName: 'disputeOf', args })).providerId
      }),
    seatCommitment: (jobId, providerId) =>
      guard('seatCommitmentOf', () =>
        reader.readContract({ ...contract, functionName: 'seatCommitmentOf', args: [jobId, providerId] }),
      ),
    seatOpening: (jobId, providerId) =>
      guard('seatOpeningOf', () =>
        reader.readContract({ ...contract, functionName: 'seatOpeningOf', args: [jobId, providerId] }),
      ),
    channel: (channelId) =>
      guard('channelOf', () =>
        reader.readContract({ ...contract, functionName: 'channelOf', args: [channelId] }),
      ),
    changedChannels: (fromBlock, toBlock) =>
      guard('eth_getLogs', async () => {
        const blocks = { fromBlock: numberToHex(fromBlock), toBlock: numberToHex(toBlock) }
        const logs = await reader.request({
          method: 'eth_getLogs',
          params: [{ address: mesh, topics: [channelTopics], ...blocks }],
        })
        return [...new Set(logs.flatMap(({ topics }) => topics[1] ?? []))]
      }),
    jobLogs: (jobId, fromBlock) =>
      guard('eth_getLogs', async () => {
        // the job id is the first or the second indexed field of every event about a job
        const found = await Promise.all(
          [
            [null, jobId],
            [null, null, jobId],
          ].map((topics) =>
            reader.request({
              method: 'eth_getLogs',
              params: [{ address: mesh, topics, fromBlock: numberToHex(fromBlock), toBlock: 'latest' }],
            }),
          ),
        )
        const logs = found.flat().map((log) => formatLog(log))
        return logs.sort(
          (a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex),
        )
      }),
    proofHolds: (selector, taskInput, outputHash, proof) =>
      guard('verify', async () => {
        const agentVerifier = await reader.readContract({ ...contract, functionName: 'getAgentVerifier' })
        const router = await reader.readContract({
          address: agentVerifier,
          abi: meshAgentVerifierAbi,
          functionName: 'router',
        })
        const [holds] = await reader.readContract({
          address: router,
          abi: verifierRouterAbi,
          functionName: 'verify',
          args: [selector, taskInput, outputHash, proof],
        })
        return holds
      }),
    settledProof: (jobId, fromBlock) =>
      guard('eth_getLogs', async () => {
        const event = duckMeshAbi.find((entry) => entry.type === 'event' && entry.name === 'ProofSettled')!
        const logs = await reader.getLogs({
          address: mesh,
          event: event as never,
          args: { jobId } as never,
          fromBlock,
        })
        const [settled] = parseEventLogs({ abi: duckMeshAbi, logs, eventName: 'ProofSettled' })
        return settled && { providerId: settled.args.providerId, outputHash: settled.args.outputHash }
      }),
    transactionInput: (hash) =>
      guard('eth_getTransactionByHash', async () => (await reader.getTransaction({ hash })).input),
    isAcceptedByContract: (signer, digest, signature) =>
      guard('isValidSignature', async () => {
        if (!(await reader.getCode({ address: signer }))) return false
        const answer = await reader.readContract({
          address: signer,
          abi: parseAbi(['function isValidSignature(bytes32, bytes) view returns (bytes4)']),
          functionName: 'isValidSignature',
          args: [digest, signature],
        })
        return answer === ERC1271_MAGIC
      }),
    send: (call) => guard(call.kind, () => sendInTurn(() => sendNow(call))),
  }
}
