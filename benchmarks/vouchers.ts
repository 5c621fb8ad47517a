import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  deployMesh,
  devAccount,
  devIndex,
  devPrivateKey,
  fundAccounts,
  startAnvil,
} from '@duckmesh/local-chain'
import {
  type ChannelConfig,
  channelIdOf,
  duckMeshAbi,
  duckTokenAbi,
  isSignedBy,
  type MeshDomain,
  parseDuck,
  type SignedVoucher,
  statementKey,
  voucherTypedData,
} from '@duckmesh/protocol'
import { type Account, createPublicClient, createWalletClient, type Hex, http, zeroHash } from 'viem'
import { type Bench, bars } from './bench.ts'

/** Requests that are paid on one channel and claimed at once. */
const REQUESTS = 10_000
/** Price of one request, DUCK wei. */
const REQUEST_WEI = 1_000_000_000n
/** Vouchers that are checked. */
const CHECKED = 1_000

/**
 * What paying for a request costs: one voucher is signed and one is checked for each, and one claim settles them all on
 * the real contract.
 */
export const vouchers: Bench = {
  about: 'Vouchers signed and checked a second on one core, and the one claim that settles 10,000 requests',
  run: async (say) => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-vouchers-'))
    const { rpcUrl, service } = await startAnvil(folder, false)
    try {
      say('deploying')
      const channel = await openChannel(rpcUrl)
      say(`signing ${REQUESTS} vouchers`)
      const signedFromMs = performance.now()
      const signed: SignedVoucher[] = []
      for (let request = 1; request <= REQUESTS; request++) signed.push(await channel.sign(request))
      const signedMs = performance.now() - signedFromMs
      say(`checking ${CHECKED} of them`)
      const checkedFromMs = performance.now()
      for (const voucher of signed.slice(-CHECKED)) {
        if (!(await channel.isGood(voucher))) throw new Error('A voucher was not signed by its payer.')
      }
      const checkedMs = performance.now() - checkedFromMs
      say('claiming')
      const { gasUsed, claimedWei } = await channel.claim(signed.at(-1)!)
      if (claimedWei !== REQUEST_WEI * BigInt(REQUESTS)) throw new Error(`${claimedWei} wei were claimed.`)
      const figures = {
        voucherSignedPerSecond: Math.round((REQUESTS / signedMs) * 1_000),
        voucherCheckedPerSecond: Math.round((CHECKED / checkedMs) * 1_000),
        requestsInOneClaim: REQUESTS,
        claimGas: Number(gasUsed),
        claimPerRequestGas: Number(gasUsed) / REQUESTS,
      }
      const limits = {
        voucherSignedPerSecond: '>=500',
        voucherCheckedPerSecond: '>=100',
        claimGas: '<=60000',
        claimPerRequestGas: '<=6',
      }
      return { figures, bars: bars(figures, limits) }
    } finally {
      await service.kill()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** A payer's channel to a registered provider, on the real contract. */
async function openChannel(rpcUrl: string) {
  const deployer = devAccount(devIndex.deployer)
  // signs as the voucher key of a purse does
  const payer = statementKey(devPrivateKey(devIndex.buyer))
  const owner = devAccount(devIndex.firstOwner)
  const signer = devAccount(devIndex.firstSigner)
  const { chainId, mesh, token } = await deployMesh(rpcUrl, deployer, devAccount(devIndex.treasury).address)
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 })
  const writer = createWalletClient({ transport })
  const mined = async (hash: Hex) => {
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`The transaction ${hash} was reverted.`)
    return receipt
  }
  const onMesh = async (account: Account, functionName: string, args: readonly unknown[]) =>
    mined(
      await writer.writeContract({
        account,
        chain: null,
        address: mesh,
        abi: duckMeshAbi,
        functionName,
        args,
      } as never),
    )
  const deposit = async (account: Account, amountWei: bigint) => {
    await fundAccounts(rpcUrl, deployer, token, [{ address: account.address, duckWei: amountWei }])
    const approve = {
      account,
      chain: null,
      address: token,
      abi: duckTokenAbi,
      functionName: 'approve',
    } as const
    await mined(await writer.writeContract({ ...approve, args: [mesh, amountWei] }))
    await onMesh(account, 'deposit', [amountWei])
  }
  const stakeWei = parseDuck('2000')
  await deposit(owner, stakeWei)
  await onMesh(owner, 'registerProvider', [signer.address, zeroHash, '', stakeWei])
  const fundedWei = parseDuck('1')
  await deposit(payer, fundedWei)
  const config: ChannelConfig = {
    payer: payer.address,
    payerKey: payer.address,
    providerId: 1,
    withdrawDelay: 3_600,
    salt: zeroHash,
  }
  await onMesh(payer, 'openChannel', [config, fundedWei])
  const domain: MeshDomain = { chainId, verifyingContract: mesh }
  const channelId = channelIdOf(domain, config)
  return {
    /** The voucher after so many requests. */
    sign: async (request: number): Promise<SignedVoucher> => {
      const maxCumulativeWei = REQUEST_WEI * BigInt(request)
      const typed = voucherTypedData(domain, { channelId, maxCumulativeWei })
      return { maxCumulativeWei, signature: await payer.signTypedData(typed) }
    },
    isGood: async ({ maxCumulativeWei, signature }: SignedVoucher): Promise<boolean> => {
      const typed = voucherTypedData(domain, { channelId, maxCumulativeWei })
      return isSignedBy({ ...typed, signature }, payer.address)
    },
    /** Claims all of it by the provider's signing key. */
    claim: async ({ maxCumulativeWei, signature }: SignedVoucher) => {
      const claims = [{ config, maxCumulativeWei, cumulativeWei: maxCumulativeWei }]
      const { gasUsed } = await onMesh(signer, 'claim', [config.providerId, claims, signature])
      const { claimedWei } = await reader.readContract({
        address: mesh,
        abi: duckMeshAbi,
        functionName: 'channelOf',
        args: [channelId],
      })
      return { gasUsed, claimedWei }
    },
  }
}
