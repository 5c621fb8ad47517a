import { join } from 'node:path'
import { connectChannelChain, createBuyer, systemClock } from '@duckmesh/gateway'
import { connectCreditChain, createHostedGateway, type HostedGateway } from '@duckmesh/gateway/home'
import { openReference } from '@duckmesh/gateway/reference'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import type { EvidenceBody } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Container } from '../container.ts'
import { takeEvidence } from '../features/evidence/take.ts'
import { listProviders } from '../features/nodes/nodes.ts'

/**
 * Opens the gateway that this coordinator hosts; undefined when the settings name none. Its channels are in a purse on
 * disk that one process can hold, its users' credit in the store.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `STORE_LOCKED` when another process hosts this gateway
 */
export async function openHostedGateway(container: Container): Promise<HostedGateway | undefined> {
  const { config, clock, credit: store, logger } = container
  const { GATEWAY_PRIVATE_KEY, RPC_URL: rpcUrl, DATA_DIR } = config
  if (!GATEWAY_PRIVATE_KEY) return undefined
  const account = privateKeyToAccount(GATEWAY_PRIVATE_KEY as Hex)
  const mesh = config.MESH_ADDRESS as Address
  const chain = await connectCreditChain(rpcUrl, mesh, account, config.DEPOSIT_CONFIRMATIONS)
  const publish = config.EVIDENCE_ANCHORS_ADDRESS
    ? (body: EvidenceBody) => takeEvidence(container, body)
    : undefined
  const onTrouble = (error: Error) => logger.warn({ err: error }, 'gateway: will be tried again')
  const buyer = await createBuyer({
    chain: await connectChannelChain({ rpcUrl, mesh, account, clock: systemClock }),
    store: openSqlitePurseStore(join(DATA_DIR, 'gateway'), clock.nowMs()),
    reference: { ...openReference(join(DATA_DIR, 'gateway')), publish },
    directory: { providers: async () => (await listProviders(container)).providers },
    clock: systemClock,
    onTrouble,
  })
  logger.info({ payee: account.address }, 'gateway hosted')
  return createHostedGateway({
    buyer,
    credit: { store, chain, nowMs: () => clock.nowMs(), minTopUpWei: config.GATEWAY_MIN_TOP_UP_DUCK },
    defaults: {
      verify: 'signed',
      privacy: 'open',
      route: 'direct',
      maxPriceWei: config.GATEWAY_MAX_PRICE_DUCK,
    },
    ratePerMinute: config.GATEWAY_RATE_PER_MINUTE,
    onError: (error, facts) => logger.error({ err: error, ...facts }, error.message),
    onTrouble,
  })
}
