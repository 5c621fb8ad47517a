import {
  type Authorization,
  authorizationTypedData,
  chainError,
  DuckMeshError,
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
import type { CreditChain } from '../credit/creditChain.ts'
import type { TransferRecord } from '../credit/creditStore.ts'

const RPC_TIMEOUT_MS = 5_000
const RECEIPT_TIMEOUT_MS = 60_000
const POLL_MS = 100

/**
 * The chain of the credit books over JSON-RPC.
 * @param account the gateway's: receives top-ups and pays the gas
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function connectCreditChain(
  rpcUrl: string,
  mesh: Address,
  account: LocalAccount,
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
  const payee = account.address
  const erc20 = { address: token, abi: duckTokenAbi } as const
  const ledger = { address: mesh, abi: duckMeshAbi } as const

  const walletWei = () => reader.readContract({ ...erc20, functionName: 'balanceOf', args: [payee] })
  const freeWei = () => reader.readContract({ ...ledger, functionName: 'accountOf', args: [payee] })

  const call = async (to: { address: Address; abi: Abi }, functionName: string, args: readonly unknown[]) => {
    const target = { ...to, functionName, args, account }
    // "pending" has the time of the next block: "latest" would refuse what has just become due
    await reader.simulateContract({ ...target, blockTag: 'pending' } as never)
    const hash = await writer.writeContract({ ...target, chain: null } as never)
    const { status } = await reader.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS })
    if (status === 'success') return
    throw new DuckMeshError('CHAIN_REVERTED', `The contract refused ${functionName}.`, {
      action: functionName,
      hash,
    })
  }

  /** Whether the payment came by a transaction of this account: nobody else can bring a receive to it. */
  const wasReceived = async ({ authorization, signature, fromBlock }: TransferRecord): Promise<boolean> => {
    const logs = await reader.getContractEvents({
      ...erc20,
      eventName: 'AuthorizationUsed',
      args: { authorizer: authorization.from, nonce: authorization.nonce },
      fromBlock,
    })
    const wanted = encodeFunctionData({
      abi: duckTokenAbi,
      functionName: 'receiveWithAuthorization',
      args: argumentsOf(authorization, signature),
    })
    for (const { transactionHash } of logs) {
      const { from, to, input } = await reader.getTransaction({ hash: transactionHash })
      if (to && isAddressEqual(from, payee) && isAddressEqual(to, token) && input === wanted) return true
    }
    return false
  }

  return {
    payee,
    token,
    head: () =>
      guard('getBlock', async () => {
        const { number, timestamp } = await reader.getBlock()
        return { number, timestamp: Number(timestamp) }
      }),
    state: (transfer) =>
      guard('authorizationState', async () => {
        const { from, nonce } = transfer.authorization
        const args = [from, nonce] as const
        if (!(await reader.readContract({ ...erc20, functionName: 'authorizationState', args })))
          return 'unused'
        // what goes out was signed by this account, which signs each nonce for one transfer alone
        if (transfer.direction === 'out') return 'done'
        return (await wasReceived(transfer)) ? 'done' : 'void'
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
