import { randomBytes } from 'node:crypto'
import { DuckMeshError, type TopUpBody, type Transfer } from '@duckmesh/protocol'
import { type Address, bytesToHex, type Hex } from 'viem'
import type { CreditChain } from './creditChain.ts'
import type { CreditStore, TransferRecord } from './creditStore.ts'

/** What transfers work with. */
export type TransferParts = {
  store: CreditStore
  chain: CreditChain
  nowMs(): number
  /** Least top-up, DUCK wei: the gateway pays the gas. */
  minTopUpWei: bigint
}

/** A top-up that could still happen after this time, seconds, is refused: nobody should have to watch it for ever. */
const MAX_VALID_SECONDS = 86_400
/** Transfers of one account that may be under way at once. */
const MAX_OPEN = 4

/** How long a withdrawal may take to get into a block before it counts as failed, seconds. */
const WITHDRAWAL_SECONDS = 3_600

/**
 * Takes a signed payment of an account to the gateway, brings it to the chain and credits it when enough blocks have
 * followed: until then it is `open`. Sending it again is harmless: its nonce names it.
 * @throws DuckMeshError `BAD_REQUEST` under the least amount, `CHAIN_REVERTED` for one that the token refuses
 */
export async function topUp(parts: TransferParts, account: Address, body: TopUpBody): Promise<Transfer> {
  const { store, chain, nowMs, minTopUpWei } = parts
  const { amountWei, validAfter, validBefore, nonce, signature } = body
  const known = await store.transfer(nonce)
  if (known) return advance(parts, own(known, account))
  if (amountWei < minTopUpWei) {
    const details = { param: 'amountWei', minTopUpWei: String(minTopUpWei) }
    throw new DuckMeshError('BAD_REQUEST', `The least top-up is ${minTopUpWei} DUCK wei.`, details)
  }
  const { number: fromBlock, timestamp } = await chain.head()
  if (validBefore > timestamp + MAX_VALID_SECONDS) {
    const details = { param: 'validBefore', maxSeconds: MAX_VALID_SECONDS }
    throw new DuckMeshError('BAD_REQUEST', 'The authorization is good for longer than a day.', details)
  }
  await limitOpen(store, account)
  const authorization = {
    from: account,
    to: chain.payee,
    value: amountWei,
    validAfter: BigInt(validAfter),
    validBefore: BigInt(validBefore),
    nonce,
  }
  await chain.simulate(authorization, signature)
  const transfer: TransferRecord = {
    nonce,
    direction: 'in',
    amountWei,
    state: 'open',
    account,
    authorization,
    signature,
    fromBlock,
    createdAtMs: nowMs(),
  }
  await store.beginTransfer(transfer)
  return advance(parts, transfer)
}

/**
 * Pays unused credit back to the address of the account. It leaves the credit first; if it never gets to the chain, it
 * comes back to it.
 * @throws DuckMeshError `CREDIT_TOO_LOW`, `CREDIT_NOT_PAID_OUT` while the money of the gateway is in its channels
 */
export async function payOut(parts: TransferParts, account: Address, amountWei: bigint): Promise<Transfer> {
  const { store, chain, nowMs } = parts
  if (amountWei === 0n)
    throw new DuckMeshError('BAD_REQUEST', 'Nothing is to be paid out.', { param: 'amountWei' })
  const payableWei = await chain.payableWei()
  const freeWei = (await store.balance(account))?.freeWei ?? 0n
  const low = () =>
    new DuckMeshError('CREDIT_TOO_LOW', 'The credit does not cover this withdrawal.', {
      freeWei: String(freeWei),
      neededWei: String(amountWei),
    })
  if (freeWei < amountWei) throw low()
  if (payableWei < amountWei) {
    const details = { payableWei: String(payableWei), neededWei: String(amountWei) }
    throw new DuckMeshError('CREDIT_NOT_PAID_OUT', 'The gateway cannot pay this now.', details)
  }
  await limitOpen(store, account)
  const { number: fromBlock, timestamp } = await chain.head()
  const authorization = {
    from: chain.payee,
    to: account,
    value: amountWei,
    validAfter: 0n,
    validBefore: BigInt(timestamp + WITHDRAWAL_SECONDS),
    nonce: bytesToHex(randomBytes(32)) as Hex,
  }
  const transfer: TransferRecord = {
    nonce: authorization.nonce,
    direction: 'out',
    amountWei,
    state: 'open',
    account,
    authorization,
    signature: await chain.sign(authorization),
    fromBlock,
    createdAtMs: nowMs(),
  }
  if ((await store.beginTransfer(transfer)) === 'low') throw low()
  return advance(parts, transfer)
}

/**
 * Brings every open transfer on, frees what crashed requests hold, and keeps the wallet balanced. To be called now and
 * then: it goes by what the store and the chain say, so nothing is lost or done twice by a crash at any point.
 * @throws DuckMeshError what failed first, after all others have had their turn
 */
export async function tendCredit(parts: TransferParts): Promise<void> {
  const { store, chain, nowMs } = parts
  await store.releaseExpired(nowMs())
  const open = await store.openTransfers()
  const failures: unknown[] = []
  for (const transfer of open) await advance(parts, transfer).catch((error: unknown) => failures.push(error))
  await chain.balanceWallet(await outgoingWei(parts))
  if (failures.length > 0) throw failures[0]
}

/**
 * Brings one transfer on as far as it goes now: by its fate on chain, never by the error of a send. It ends when its fate
 * stands; one that a reorganisation has undone before that is sent again.
 */
async function advance(parts: TransferParts, transfer: TransferRecord): Promise<Transfer> {
  const { store, chain } = parts
  if (transfer.state !== 'open') return shown(transfer, 0)
  let fate = await chain.fateOf(transfer)
  let failure: unknown
  if (fate.state === 'unused') {
    if (transfer.direction === 'out') await chain.balanceWallet(await outgoingWei(parts))
    await chain.send(transfer).catch((error: unknown) => {
      failure = error
    })
    fate = await chain.fateOf(transfer)
  }
  if (fate.blocksLeft !== 0) {
    // it stays open, for `tendCredit`; a first try that fails is worth telling when nothing was taken for it
    if (failure && fate.state === 'unused' && transfer.direction === 'in') throw failure
    return shown(transfer, fate.blocksLeft)
  }
  const ended = fate.state === 'done' ? 'done' : 'failed'
  await store.endTransfer(transfer.nonce, ended)
  if (ended === 'done' && transfer.direction === 'in') {
    // what came in can open channels at once; a failure is mended by the next round of `tendCredit`
    await chain.balanceWallet(await outgoingWei(parts)).catch(() => undefined)
  }
  return shown({ ...transfer, state: ended }, 0)
}

async function limitOpen(store: CreditStore, account: Address): Promise<void> {
  const open = (await store.openTransfers()).filter((transfer) => transfer.account === account)
  if (open.length < MAX_OPEN) return
  throw new DuckMeshError('RATE_LIMITED', `${MAX_OPEN} transfers of this account are under way.`, {
    retryAfterMs: 5_000,
  })
}

/** What is still to leave the wallet, DUCK wei. */
async function outgoingWei({ store, chain }: TransferParts): Promise<bigint> {
  const out = (await store.openTransfers()).filter(({ direction }) => direction === 'out')
  const fates = await Promise.all(out.map((transfer) => chain.fateOf(transfer)))
  return out.reduce((sum, { amountWei }, at) => (fates[at]!.state === 'unused' ? sum + amountWei : sum), 0n)
}

function own(transfer: TransferRecord, account: Address): TransferRecord {
  if (transfer.account === account && transfer.direction === 'in') return transfer
  throw new DuckMeshError('FORBIDDEN', 'This nonce is of another transfer.')
}

/** A transfer as it may be shown. @param blocksLeft see `Transfer` */
export const shown = (
  { nonce, direction, amountWei, state }: TransferRecord,
  blocksLeft: number | null,
): Transfer => ({ nonce, direction, amountWei, state, blocksLeft })
