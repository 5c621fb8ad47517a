import { dirname, join, resolve } from 'node:path'
import {
  type Buyer,
  type BuyerOptions,
  connectChannelChain,
  createBuyer,
  httpDirectory,
  httpEvidence,
  type StreamRoute,
  streamRoutes,
  systemClock,
} from '@duckmesh/gateway'
import { openReference } from '@duckmesh/gateway/reference'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import { type DuckMeshError, DuckMeshError as MeshError } from '@duckmesh/protocol'
import type { DuckMeshClient } from '@duckmesh/sdk'
import type { Io } from '../io.ts'
import type { Settings } from '../settings.ts'

/** What a buyer is opened with. */
export type OpenBuyerParameters = {
  io: Io
  settings: Settings
  client: DuckMeshClient
  /** Folder of the purses. @default `gateway` beside the mesh file, else `.duckmesh/gateway` */
  stateDir?: string | undefined
  /** @default `DUCKMESH_ROUTE`, else `direct` */
  route?: StreamRoute | undefined
  /** Hands receipts and verdicts of checked answers to the coordinator, to be anchored. @default false */
  publishesVerdicts?: boolean | undefined
  policy?: BuyerOptions['policy']
  tendEveryMs?: number | undefined
  onTrouble?: ((error: DuckMeshError) => void) | undefined
}

/**
 * Ways that streams may go.
 * @param isRelayed what the flag `--relay` says, which goes before `DUCKMESH_ROUTE`
 * @throws DuckMeshError `BAD_CONFIG` for a setting that is none of them
 */
export function routeOf({ DUCKMESH_ROUTE: wanted = 'direct' }: Io['env'], isRelayed = false): StreamRoute {
  const known = streamRoutes.find((route) => route === wanted)
  if (isRelayed) return 'relay'
  if (known) return known
  const details = { setting: 'DUCKMESH_ROUTE', value: wanted }
  throw new MeshError('BAD_CONFIG', `DUCKMESH_ROUTE "${wanted}" is not direct, relay or auto.`, details)
}

/**
 * Folder of an account's purse on a mesh.
 * @throws DuckMeshError `BAD_CONFIG` without a key
 */
export function purseFolder({ io, settings, client, stateDir }: OpenBuyerParameters): string {
  const { account, source } = settings
  if (!account) {
    throw new MeshError('BAD_CONFIG', 'A gateway pays with a key: --key-file or DUCKMESH_PRIVATE_KEY.', {
      setting: 'DUCKMESH_PRIVATE_KEY',
    })
  }
  const { chainId, verifyingContract: mesh } = client.context.domain
  const beside = source.endsWith('mesh.json') ? dirname(source) : join(io.cwd, '.duckmesh')
  const folder = stateDir ? resolve(io.cwd, stateDir) : join(beside, 'gateway')
  const name = [chainId, mesh.slice(2, 10), account.address.slice(2, 10)].join('-').toLowerCase()
  return join(folder, name)
}

/**
 * Opens the buyer of an account on a mesh. Its purse has a folder of its own: it belongs to one key and one mesh.
 * @throws DuckMeshError `BAD_CONFIG` without a key, `STORE_LOCKED` while a gateway uses the purse, `CHAIN_UNAVAILABLE`
 */
export async function openBuyer(parameters: OpenBuyerParameters): Promise<Buyer> {
  const { io, settings, client, publishesVerdicts, policy, tendEveryMs, onTrouble } = parameters
  const { route = routeOf(io.env) } = parameters
  const folder = purseFolder(parameters)
  const chain = await connectChannelChain({
    rpcUrl: settings.rpcUrl,
    mesh: client.context.domain.verifyingContract,
    account: settings.account!,
    clock: systemClock,
  })
  return createBuyer({
    chain,
    store: openSqlitePurseStore(folder, Date.now()),
    reference: {
      ...openReference(folder),
      publish: publishesVerdicts ? httpEvidence(settings.coordinatorUrl) : undefined,
    },
    directory: httpDirectory(settings.coordinatorUrl),
    clock: systemClock,
    route,
    policy,
    tendEveryMs,
    onTrouble,
  })
}
