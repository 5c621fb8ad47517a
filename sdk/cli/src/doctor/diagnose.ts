import { coordinatorRoutes, formatDuck, routePath } from '@duckmesh/protocol'
import { CoordinatorClient, DuckMeshClient } from '@duckmesh/sdk'
import { createPublicClient, http } from 'viem'
import type { Settings } from '../settings.ts'
import { Examination, type Finding, Trouble } from './finding.ts'

const TIMEOUT_MS = 5_000
const OLDEST_NODE = 24
const LOCAL_CHAIN_ID = 31_337
/** Clocks may differ by this much: orders live for minutes, sessions for five. */
const SKEW_SECONDS = 30
/** A public chain without a block for so long stands still. */
const STALE_SECONDS = 300

const fetchFrom = (url: string, init: RequestInit) => fetch(url, init)

/**
 * Checks everything that a job needs, in the order in which things depend on each other.
 * @param settings resolves which mesh it is about
 */
export async function diagnose(settings: () => Promise<Settings>): Promise<Finding[]> {
  const examination = new Examination()
  const examine = examination.examine.bind(examination)
  await examine('node-version', [], async () => {
    const { node } = process.versions
    if (Number.parseInt(node, 10) < OLDEST_NODE) {
      throw new Trouble(`Node ${node}`, `Install Node ${OLDEST_NODE} or newer.`)
    }
    return { detail: `Node ${node}`, value: node }
  })
  const found = await examine('settings', [], async () => {
    const value = await settings()
    return { detail: `from ${value.source}`, value }
  })
  const rpc = await examine('rpc', [found], async () => rpcAnswers(found!.rpcUrl))
  const coordinator = await examine('coordinator-health', [found], () => answers(found!, 'health'))
  await examine('coordinator-ready', [coordinator], () => answers(found!, 'ready'))
  const info = await examine('coordinator-info', [coordinator], async () => {
    const client = new CoordinatorClient({
      url: found!.coordinatorUrl,
      timeoutMs: TIMEOUT_MS,
      fetch: fetchFrom,
    })
    const value = await client.info()
    return { detail: value.address, value }
  })
  await examine('chain-id', [rpc, info], async () => {
    if (rpc!.chainId !== info!.chainId) {
      const message = `chain ${rpc!.chainId} behind the RPC URL, chain ${info!.chainId} at the coordinator`
      throw new Trouble(message, 'Use the RPC URL of the chain that the coordinator works on.')
    }
    return { detail: String(rpc!.chainId), value: rpc!.chainId }
  })
  const client = await examine('contracts', [rpc, info], async () => {
    const { coordinatorUrl, rpcUrl, account, mesh, fromBlock } = found!
    const value = await DuckMeshClient.connect({
      coordinatorUrl,
      rpcUrl,
      account,
      mesh,
      fromBlock,
      timeoutMs: TIMEOUT_MS,
    })
    return { detail: `DuckMesh at ${info!.mesh}`, value }
  })
  await examine('clocks', [rpc, info], async () => clocksAgree(rpc!, info!.nowSeconds))
  await examine('balance', [client], async () => hasMoney(client!))
  await examine('providers', [client], async () => {
    const { providers } = await client!.getProviders()
    const online = providers.filter((provider) => provider.isOnline && provider.isActive)
    const detail = `${online.length} of ${providers.length} online and staked`
    if (online.length < 3) throw new Trouble(detail, 'Start at least three provider nodes.')
    return { detail, value: online.length }
  })
  return examination.findings
}

type Rpc = { chainId: number; blockSeconds: number }

async function rpcAnswers(rpcUrl: string): Promise<{ detail: string; value: Rpc }> {
  const reader = createPublicClient({ transport: http(rpcUrl, { timeout: TIMEOUT_MS, retryCount: 0 }) })
  try {
    const [chainId, block] = await Promise.all([reader.getChainId(), reader.getBlock()])
    const value = { chainId, blockSeconds: Number(block.timestamp) }
    return { detail: `${rpcUrl}, block ${block.number}`, value }
  } catch {
    // what exactly viem met is of no use here: there is one thing to do
    throw new Trouble(`${rpcUrl} does not answer`, 'Start the chain, or set DUCKMESH_RPC_URL.')
  }
}

async function answers({ coordinatorUrl }: Settings, route: 'health' | 'ready') {
  const url = `${coordinatorUrl.replace(/\/+$/, '')}${routePath(coordinatorRoutes[route])}`
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
    throw new Trouble(`${url} does not answer`, 'Start the coordinator, or set DUCKMESH_COORDINATOR_URL.')
  })
  if (!response.ok) {
    throw new Trouble(`${url} answers with ${response.status}`, 'Read the log of the coordinator.')
  }
  return { detail: url, value: url }
}

async function clocksAgree({ chainId, blockSeconds }: Rpc, coordinatorSeconds: number) {
  const now = Math.floor(Date.now() / 1000)
  const aheadSeconds = blockSeconds - now
  // a development chain makes blocks on demand, so an old last block says nothing there
  const isStale = chainId !== LOCAL_CHAIN_ID && -aheadSeconds > STALE_SECONDS
  if (aheadSeconds > SKEW_SECONDS || isStale) {
    const fix = 'Set the clock of this machine; restart a development chain whose time was moved.'
    throw new Trouble(`the last block is ${aheadSeconds} s ahead of this machine`, fix)
  }
  const differenceSeconds = coordinatorSeconds - now
  if (Math.abs(differenceSeconds) > SKEW_SECONDS) {
    const message = `the coordinator is ${differenceSeconds} s ahead of this machine`
    throw new Trouble(message, 'Set the clock of this machine, or tell the operator of the coordinator.')
  }
  return { detail: `coordinator ${differenceSeconds} s, last block ${aheadSeconds} s`, value: true }
}

async function hasMoney(client: DuckMeshClient) {
  if (!client.account) {
    throw new Trouble('no account', 'Set DUCKMESH_PRIVATE_KEY or pass --key-file to order jobs.')
  }
  const { freeWei, walletWei, gasWei } = await client.getBalance()
  const detail = `${formatDuck(freeWei)} DUCK free, ${formatDuck(walletWei)} DUCK in the wallet`
  if (freeWei === 0n) {
    const fix =
      walletWei > 0n
        ? 'Run `duckmesh deposit 10`.'
        : `Send DUCK to ${client.account}, then run \`duckmesh deposit\`.`
    throw new Trouble(detail, fix)
  }
  if (gasWei === 0n) {
    throw new Trouble(`${detail}, no coin for gas`, `Send some of the chain’s coin to ${client.account}.`)
  }
  return { detail, value: freeWei }
}
