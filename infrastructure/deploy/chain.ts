import { chainError, DuckMeshError } from '@duckmesh/protocol'
import {
  type Address,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  keccak256,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
} from 'viem'
import { isLocalChain } from './records.ts'

/** How long a transaction may stay unmined before the run gives up, ms; the next run goes on from there. */
const MINED_WITHIN_MS = 180_000

/** A chain, and the account that sends transactions on it. */
export type Chain = {
  chainId: number
  account: LocalAccount
  reader: PublicClient
  /**
   * Sends a transaction and waits until it is mined. @throws DuckMeshError when it is refused or reverted
   * @param beforeSend told the hash when the transaction is signed and nobody has it yet
   */
  send(
    request: ChainRequest,
    what: string,
    beforeSend?: (hash: Hex) => Promise<void>,
  ): Promise<TransactionReceipt>
}

/** What a transaction does; no `to` creates a contract. */
export type ChainRequest = { to?: Address; data: Hex }

/**
 * Connects to a chain.
 * @param expectedChainId what the settings say; another chain is refused
 * @throws DuckMeshError `BAD_CONFIG` on another chain, `CHAIN_UNAVAILABLE`
 */
export async function connectChain(
  rpcUrl: string,
  account: LocalAccount,
  expectedChainId?: number,
): Promise<Chain> {
  const transport = http(rpcUrl, { batch: { batchSize: 10 } })
  const chainId = await createPublicClient({ transport })
    .getChainId()
    .catch((thrown: unknown) => {
      throw chainError(thrown, 'reading the chain id')
    })
  if (expectedChainId !== undefined && chainId !== expectedChainId) {
    const message = `The settings are for chain ${expectedChainId}, but this is chain ${chainId}.`
    throw new DuckMeshError('BAD_CONFIG', message, { expected: expectedChainId, found: chainId })
  }
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const reader = createPublicClient({
    chain,
    transport,
    pollingInterval: isLocalChain(chainId) ? 20 : 2_000,
    cacheTime: 0,
  })
  const writer = createWalletClient({ chain, transport, account })
  const send: Chain['send'] = async (request, what, beforeSend) => {
    const prepared = await writer.prepareTransactionRequest({ ...request, account, chain })
    const signed = await writer.signTransaction(prepared as Parameters<typeof writer.signTransaction>[0])
    await beforeSend?.(keccak256(signed))
    const hash = await reader.sendRawTransaction({ serializedTransaction: signed })
    const receipt = await reader.waitForTransactionReceipt({ hash, timeout: MINED_WITHIN_MS })
    if (receipt.status === 'success') return receipt
    throw new DuckMeshError('CHAIN_REVERTED', `The transaction for ${what} was reverted.`, { what, hash })
  }
  return { chainId, account, reader, send }
}

/** Wei that a transaction cost: its gas, and on a rollup the part for the chain below. */
export function costOf(receipt: TransactionReceipt): bigint {
  const { l1Fee } = receipt as { l1Fee?: Hex }
  return receipt.gasUsed * receipt.effectiveGasPrice + BigInt(l1Fee ?? 0)
}
