import { chainError, DuckMeshError, duckMeshAbi } from '@duckmesh/protocol'
import pLimit from 'p-limit'
import { type Account, type Address, createPublicClient, createWalletClient, type Hex, http } from 'viem'
import type { ChannelCall, ChannelChain } from '../ports/channelChain.ts'
import type { Clock } from '../ports/clock.ts'
import { HealthNote } from '../ports/healthNote.ts'
import { sendCall } from './sendCall.ts'

const RPC_TIMEOUT_MS = 5_000
const QUIET_WITHIN_MS = 60_000
const POLL_MS = 100

export type ViemChannelChainOptions = {
  rpcUrl: string
  /** Address of DuckMesh. */
  mesh: Address
  /** Sends, pays gas and owns the channels. */
  account: Account
  clock: Clock
  /** Longest wait for a transaction on its way, milliseconds. @default 60000 */
  quietWithinMs?: number | undefined
}

/**
 * The chain over JSON-RPC.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE` when the endpoint does not answer, `BAD_CONFIG` when there is no DuckMesh at
 * the address
 */
export async function connectChannelChain(options: ViemChannelChainOptions): Promise<ChannelChain> {
  const { rpcUrl, mesh, account, clock, quietWithinMs = QUIET_WITHIN_MS } = options
  const transport = http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 1, batch: true })
  const reader = createPublicClient({ transport, pollingInterval: POLL_MS, cacheTime: 0 })
  const writer = createWalletClient({ transport, account })
  const contract = { address: mesh, abi: duckMeshAbi } as const
  const note = new HealthNote(clock)
  const sendInTurn = pLimit(1)
  const payer = account.address

  const guard = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await work()
      note.answered()
      return answer
    } catch (thrown) {
      const error = chainError(thrown, action)
      if (error.code === 'CHAIN_UNAVAILABLE') note.failed(error)
      else note.answered()
      throw error
    }
  }

  const [chainId, code] = await guard('connect', () =>
    Promise.all([reader.getChainId(), reader.getCode({ address: mesh })]),
  )
  if (!code) {
    const message = `There is no contract at ${mesh} on chain ${chainId}.`
    throw new DuckMeshError('BAD_CONFIG', message, { mesh, chainId })
  }

  return {
    domain: { chainId, verifyingContract: mesh },
    payer,
    health: () => note.health,
    nowSeconds: () => guard('getBlock', async () => Number((await reader.getBlock()).timestamp)),
    freeWei: () =>
      guard('accountOf', () =>
        reader.readContract({ ...contract, functionName: 'accountOf', args: [payer] }),
      ),
    channels: (channelIds) =>
      guard('channelOf', async () => {
        const blockNumber = await reader.getBlockNumber()
        const read = (channelId: Hex) =>
          reader.readContract({ ...contract, functionName: 'channelOf', args: [channelId], blockNumber })
        const states = await Promise.all(channelIds.map(read))
        return states.map(({ fundedWei, claimedWei, closableAfter, opened }) => ({
          fundedWei,
          claimedWei,
          closableAfter,
          isOpened: opened,
        }))
      }),
    signingKey: (providerId) =>
      guard('providerOf', async () => {
        const provider = await reader.readContract({
          ...contract,
          functionName: 'providerOf',
          args: [providerId],
        })
        return provider.signingKey
      }),
    providerCount: () =>
      guard('providerCount', () => reader.readContract({ ...contract, functionName: 'providerCount' })),
    send: (call) =>
      sendInTurn(() =>
        guard(call.kind, () => sendCall({ reader, writer, account }, { ...contract, ...argumentsOf(call) })),
      ),
    isQuiet: () =>
      guard('getTransactionCount', async () => {
        const endMs = clock.nowMs() + quietWithinMs
        for (;;) {
          const [mined, pending] = await Promise.all([
            reader.getTransactionCount({ address: payer, blockTag: 'latest' }),
            reader.getTransactionCount({ address: payer, blockTag: 'pending' }),
          ])
          if (mined >= pending) return true
          if (clock.nowMs() > endMs) return false
          await clock.sleep(POLL_MS)
        }
      }),
  }
}

const argumentsOf = (call: ChannelCall): { functionName: string; args: readonly unknown[] } => ({
  functionName: call.kind,
  args: 'amountWei' in call ? [call.config, call.amountWei] : [call.config],
})
