import { DuckMeshError } from '@duckmesh/protocol'
import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  NonceTooLowError,
  type PublicClient,
  type WalletClient,
} from 'viem'

const RECEIPT_TIMEOUT_MS = 60_000
/** Times that the next nonce is asked for. */
const TRIES = 8

/** A call of a contract that changes something. */
export type ContractCall = { address: Address; abi: Abi; functionName: string; args: readonly unknown[] }

/**
 * Simulates a call, sends it and waits for its block. Another gateway of the same account may take the nonce meanwhile:
 * then this transaction can never happen any more, and it is sent with the next one.
 * @throws DuckMeshError `CHAIN_REVERTED` for a transaction that was mined and failed; what viem throws otherwise
 */
export async function sendCall(
  { reader, writer, account }: { reader: PublicClient; writer: WalletClient; account: Account },
  call: ContractCall,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    // "pending" has the time of the next block: "latest" would refuse what has just become due
    await reader.simulateContract({ ...call, account, blockTag: 'pending' } as never)
    try {
      const hash = await writer.writeContract({ ...call, account, chain: null } as never)
      const receipt = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS })
      if (receipt.transactionHash !== hash && tries < TRIES) continue
      if (receipt.status === 'success' && receipt.transactionHash === hash) return
      const { functionName: action } = call
      throw new DuckMeshError('CHAIN_REVERTED', `The contract refused ${action}.`, { action, hash })
    } catch (thrown) {
      if (!isNonceTaken(thrown) || tries === TRIES) throw thrown
    }
  }
}

const isNonceTaken = (thrown: unknown): boolean =>
  thrown instanceof BaseError &&
  thrown.walk(
    (cause) =>
      cause instanceof NonceTooLowError ||
      (cause instanceof BaseError && /replacement transaction underpriced/i.test(cause.details)),
  ) !== null
