import { dirname, join, resolve } from 'node:path'
import {
  type Buyer,
  type BuyerOptions,
  connectChannelChain,
  createBuyer,
  httpDirectory,
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
  policy?: BuyerOptions['policy']
  tendEveryMs?: number | undefined
  onTrouble?: ((error: DuckMeshError) => void) | undefined
}

/**
 * Opens the buyer of an account on a mesh. Its purse has a folder of its own: it belongs to one key and one mesh.
 * @throws DuckMeshError `BAD_CONFIG` without a key, `STORE_LOCKED` while a gateway uses the purse, `CHAIN_UNAVAILABLE`
 */
export async function openBuyer(parameters: OpenBuyerParameters): Promise<Buyer> {
  const { io, settings, client, stateDir, policy, tendEveryMs, onTrouble } = parameters
  const { account, coordinatorUrl, rpcUrl, source } = settings
  if (!account) {
    throw new MeshError('BAD_CONFIG', 'A gateway pays with a key: --key-file or DUCKMESH_PRIVATE_KEY.', {
      setting: 'DUCKMESH_PRIVATE_KEY',
    })
  }
  const { chainId, verifyingContract: mesh } = client.context.domain
  const beside = source.endsWith('mesh.json') ? dirname(source) : join(io.cwd, '.duckmesh')
  const folder = stateDir ? resolve(io.cwd, stateDir) : join(beside, 'gateway')
  const name = [chainId, mesh.slice(2, 10), account.address.slice(2, 10)].join('-').toLowerCase()
  const chain = await connectChannelChain({ rpcUrl, mesh, account, clock: systemClock })
  return createBuyer({
    chain,
    store: openSqlitePurseStore(join(folder, name), Date.now()),
    reference: openReference(join(folder, name)),
    directory: httpDirectory(coordinatorUrl),
    voucherKey: account,
    clock: systemClock,
    policy,
    tendEveryMs,
    onTrouble,
  })
}
