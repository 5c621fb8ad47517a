import {
  type Authorization,
  authorizationTypedData,
  chainError,
  duckMeshAbi,
  duckTokenAbi,
} from '@duckmesh/protocol'
import pLimit from 'p-limit'
import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  isAddressEqual,
  type LocalAccount,
  maxUint96,
} from 'viem'
import { defaultConfirmations } from '../credit/confirmations.ts'
import type { CreditChain, TransferFate } from '../credit/creditChain.ts'
import type { TransferRecord } from '../credit/creditStore.ts'
import { sendCall } from './sendCall.ts'

const RPC_TIMEOUT_MS = 5_000
const POLL_MS = 100

/**
 * The chain of the credit books over JSON-RPC.
 * @param account the gateway's: receives top-ups and pays the gas
 * @param wantedConfirmations blocks that must follow a transfer before it counts. @default `defaultConfirmations`
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function connectCreditChain(
  rpcUrl: string,
  mesh: Address,
  account: LocalAccount,
  wantedConfirmations?: number,
): Promise<CreditChain> {
  const transport = http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 1, batch: true })
  const reader = createPublicClient({ transport, pollingInterval: POLL_MS, cacheTime: 0 })
  const writer = createWalletClient({ transport, account })
  const inTurn = pLimit(1)
  const guard = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (thrown) {
      throw chainError(thrown, action)
    }
  }
  const token = await guard('token', () =>
    reader.readContract({ address: mesh, abi: duckMeshAbi, functionName: 'token' }),
  )
  const [, name, version, chainId, verifyingContract] = await guard('eip712Domain', () =>
    reader.readContract({ address: token, abi: duckTokenAbi, functionName: 'eip712Domain' }),
  )
  const domain = { name, version, chainId: Number(chainId), verifyingContract }
  const confirmations = wantedConfirmations ?? defaultConfirmations(domain.chainId)
  const belowHead = (head: bigint, blocks: number) => (head > blocks ? head - BigInt(blocks) : 0n)
  const payee = account.address
  const erc20 = { address: token, abi: duckTokenAbi } as const
  const ledger = { address: mesh, abi: duckMeshAbi } as const

  const walletWei = () => reader.readContract({ ...erc20, functionName: 'balanceOf', args: [payee] })
  const freeWei = () => reader.readContract({ ...ledger, functionName: 'accountOf', args: [payee] })

  const call = (to: { address: Address; abi: Abi }, functionName: string, args: readonly unknown[]) =>
    sendCall({ reader, writer, account }, { ...to, functionName, args })

  /** Whether a payment came by this transaction of this account: nobody else can bring a receive to it. */
  const wasReceived = async ({ authorization, signature }: TransferRecord, hash: Hex): Promise<boolean> => {
    const wanted = encodeFunctionData({
      abi: duckTokenAbi,
      functionName: 'receiveWithAuthorization',
      args: argumentsOf(authorization, signature),
    })
    const { from, to, input } = await reader.getTransaction({ hash })
    return to !== null && isAddressEqual(from, payee) && isAddressEqual(to, token) && input === wanted
  }

  /** What became of a nonce that is used, by the event of its use. */
  const fateOfUsed = async (transfer: TransferRecord, head: bigint): Promise<TransferFate> => {
    const { direction, fromBlock, authorization } = transfer
    const args = { authorizer: authorization.from, nonce: authorization.nonce }
    // a reorganisation may have moved it to before the block in which it was first sent
    const query = { ...erc20, args, fromBlock: belowHead(fromBlock, confirmations), strict: true } as const
    const [[used], [cancelled]] = await Promise.all([
      reader.getContractEvents({ ...query, eventName: 'AuthorizationUsed' }),
      reader.getContractEvents({ ...query, eventName: 'AuthorizationCanceled' }),
    ])
    const event = used ?? cancelled
    // state and events were read from two blocks: the next look sees both
    if (!event) return { state: 'void', blocksLeft: confirmations + 1 }
    const blocksLeft = Math.max(0, confirmations - Number(head - event.blockNumber))
    // what goes out was signed by this account, which signs each nonce for one transfer alone
    const isDone = used && (direction === 'out' || (await wasReceived(transfer, used.transactionHash)))
    return { state: isDone ? 'done' : 'void', blocksLeft }
  }

  return {
    payee,
    token,
    head: () =>
      guard('getBlock', async () => {
        const { number, timestamp } = await reader.getBlock()
        return { number, timestamp: Number(timestamp) }
      }),
    fateOf: (transfer) =>
      guard('authorizationState', async () => {
        const { from, nonce, validBefore } = transfer.authorization
        const args = [from, nonce] as const
        const [isUsed, { number: head }] = await Promise.all([
          reader.readContract({ ...erc20, functionName: 'authorizationState', args }),
          reader.getBlock(),
        ])
        if (isUsed) return fateOfUsed(transfer, head)
        const { timestamp } = await reader.getBlock({ blockNumber: belowHead(head, confirmations) })
        return timestamp >= validBefore
          ? { state: 'expired', blocksLeft: 0 }
          : { state: 'unused', blocksLeft: null }
      }),
    simulate: (authorization, signature) =>
      guard('receiveWithAuthorization', async () => {
        const args = argumentsOf(authorization, signature)
        const target = {
          ...erc20,
          functionName: 'receiveWithAuthorization',
          args,
          account,
          blockTag: 'pending',
        }
        await reader.simulateContract(target as never)
      }),
    sign: (authorization) =>
      account.signTypedData(
        authorizationTypedData('TransferWithAuthorization', domain, authorization) as never,
      ),
    send: ({ direction, authorization, signature }) =>
      inTurn(() => {
        const functionName = direction === 'in' ? 'receiveWithAuthorization' : 'transferWithAuthorization'
        return guard(functionName, () => call(erc20, functionName, argumentsOf(authorization, signature)))
      }),
    payableWei: () => guard('balanceOf', async () => (await walletWei()) + (await freeWei())),
    balanceWallet: (neededWei) =>
      inTurn(() =>
        guard('balanceWallet', async () => {
          const haveWei = await walletWei()
          if (haveWei < neededWei) {
            const restWei = neededWei - haveWei
            const canWei = await freeWei()
            const amountWei = canWei < restWei ? canWei : restWei
            if (amountWei > 0n) await call(ledger, 'withdraw', [amountWei, payee])
            return
          }
          if (haveWei === neededWei) return
          const args = [payee, mesh] as const
          const surplusWei = haveWei - neededWei
          const allowedWei = await reader.readContract({ ...erc20, functionName: 'allowance', args })
          if (allowedWei < surplusWei) await call(erc20, 'approve', [mesh, maxUint96])
          await call(ledger, 'deposit', [surplusWei])
        }),
      ),
  }
}

const argumentsOf = ({ from, to, value, validAfter, validBefore, nonce }: Authorization, signature: Hex) =>
  [from, to, value, validAfter, validBefore, nonce, signature] as const
