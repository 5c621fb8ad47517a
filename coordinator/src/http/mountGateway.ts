import {
  createKey,
  type HostedGateway,
  listKeys,
  payOut,
  readCredit,
  revokeKey,
  topUp,
} from '@duckmesh/gateway/home'
import {
  apiKeyBodySchema,
  gatewayRoutes as routes,
  topUpBodySchema,
  withdrawalBodySchema,
} from '@duckmesh/protocol'
import type { Router } from 'express'
import { z } from 'zod'
import type { Container } from '../container.ts'
import { mount } from './mount.ts'

const keyPathSchema = z.object({ keyId: z.uuid() })

/** Puts the routes of the hosted gateway on a router: credit and API keys of whoever signed the session. */
export function mountGateway(router: Router, container: Container, { credit }: HostedGateway): void {
  const { store, nowMs } = credit
  mount(router, container, routes.credit, ({ account }) => readCredit(credit, account!))
  mount(router, container, routes.topUp, async ({ account, body }) =>
    topUp(credit, account!, topUpBodySchema.parse(body)),
  )
  mount(router, container, routes.withdraw, async ({ account, body }) =>
    payOut(credit, account!, withdrawalBodySchema.parse(body).amountWei),
  )
  mount(router, container, routes.createKey, async ({ account, body }) =>
    createKey(store, account!, apiKeyBodySchema.parse(body), nowMs()),
  )
  mount(router, container, routes.keys, async ({ account }) => ({ keys: await listKeys(store, account!) }))
  mount(router, container, routes.revokeKey, async ({ account, parameters }) => {
    await revokeKey(store, account!, keyPathSchema.parse(parameters).keyId, nowMs())
    return { ok: true }
  })
}
