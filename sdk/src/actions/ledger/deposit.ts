import { chainError } from '@duckmesh/protocol'
import {
  type Address,
  BaseError,
  type Hex,
  MethodNotFoundRpcError,
  MethodNotSupportedRpcError,
  parseSignature,
} from 'viem'
import { chainNowSeconds } from '../../chain/chainTime.ts'
import { readToken } from '../../chain/readMesh.ts'
import { sendToMesh, sendToToken } from '../../chain/sendTransaction.ts'
import { walletError } from '../../chain/walletError.ts'
import { type ClientContext, walletOf } from '../../clients/clientContext.ts'

/** What a deposit did. */
export type DepositResult = {
  /** Hashes of its transactions: one with a permit, two where the account cannot sign one. */
  transactions: Hex[]
}

const PERMIT_SECONDS = 3_600

/** EIP-712 type of an ERC-2612 permit. */
const permitTypes = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/**
 * Moves DUCK from the account's wallet to its free balance in DuckMesh. One transaction with an ERC-2612 permit;
 * `approve` and `deposit` for contract wallets and for wallets that cannot sign typed data.
 * @param amountWei DUCK wei
 * @throws DuckMeshError `CHAIN_REVERTED` when the wallet holds too little, `CHAIN_UNAVAILABLE`, `CANCELLED` when
 * the wallet declines, `BAD_CONFIG`
 */
export async function deposit(context: ClientContext, amountWei: bigint): Promise<DepositResult> {
  const owner = walletOf(context).account.address
  const spender = context.domain.verifyingContract
  const allowanceWei = await readToken(context, 'allowance', [owner, spender])
  if (allowanceWei >= amountWei) return depositOnly(context, amountWei, [])
  const permit = (await isContractWallet(context, owner)) ? undefined : await signPermit(context, amountWei)
  if (permit) {
    const { deadline, v, r, s } = permit
    const args = [amountWei, deadline, v, r, s] as const
    return { transactions: [await sendToMesh(context, { functionName: 'depositWithPermit', args })] }
  }
  const approval = await sendToToken(context, { functionName: 'approve', args: [spender, amountWei] })
  return depositOnly(context, amountWei, [approval])
}

async function depositOnly(context: ClientContext, amountWei: bigint, before: Hex[]): Promise<DepositResult> {
  const hash = await sendToMesh(context, { functionName: 'deposit', args: [amountWei] })
  return { transactions: [...before, hash] }
}

// an EIP-7702 account has code that only points to other code, and still signs with its key
async function isContractWallet({ publicClient }: ClientContext, address: Address): Promise<boolean> {
  const code = await publicClient.getCode({ address }).catch((thrown: unknown) => {
    throw chainError(thrown, 'getCode')
  })
  return code !== undefined && code !== '0x' && !code.startsWith('0xef0100')
}

async function signPermit(context: ClientContext, amountWei: bigint) {
  const wallet = walletOf(context)
  const owner = wallet.account.address
  const [[, name, version, chainId, verifyingContract], nonce] = await Promise.all([
    readToken(context, 'eip712Domain', []),
    readToken(context, 'nonces', [owner]),
  ])
  const deadline = BigInt((await chainNowSeconds(context)) + PERMIT_SECONDS)
  try {
    const signature = await wallet.signTypedData({
      domain: { name, version, chainId: Number(chainId), verifyingContract },
      types: permitTypes,
      primaryType: 'Permit',
      message: { owner, spender: context.domain.verifyingContract, value: amountWei, nonce, deadline },
    })
    const { r, s, yParity } = parseSignature(signature)
    return { deadline, v: 27 + yParity, r, s }
  } catch (thrown) {
    if (!cannotSign(thrown)) throw walletError(thrown, 'signing the permit') // a person who declined must not be asked again in another way
    return undefined
  }
}

function cannotSign(thrown: unknown): boolean {
  if (!(thrown instanceof BaseError)) return false
  const found = thrown.walk(
    (error) => error instanceof MethodNotFoundRpcError || error instanceof MethodNotSupportedRpcError,
  )
  return found !== null
}
