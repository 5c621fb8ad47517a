import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobStatus } from '@duckmesh/protocol'
import { zeroAddress } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { DuckMeshClient } from '../clients/DuckMeshClient.ts'
import { balanceQueryOptions } from './balanceQueryOptions.ts'
import { jobQueryOptions } from './jobQueryOptions.ts'
import { providersQueryOptions } from './providersQueryOptions.ts'

// the options only describe queries, so nothing here is asked
const client = new DuckMeshClient({
  domain: { chainId: 1, verifyingContract: zeroAddress },
  wallet: undefined,
} as unknown as ClientContext)
const jobId = `0x${'22'.repeat(32)}` as const
const inState = (state: JobStatus['state']) => ({ state: { data: { state } as JobStatus } })

describe('query options', () => {
  it('default: a job is asked for again until it is closed', () => {
    const { refetchInterval, enabled } = jobQueryOptions(client, { jobId })
    assert.equal(enabled, true)
    assert.equal(refetchInterval({ state: {} }), 2_000)
    assert.equal(refetchInterval(inState('anchored')), 2_000)
    for (const state of ['settled', 'refunded', 'failed', 'expired'] as const) {
      assert.equal(refetchInterval(inState(state)), false)
    }
  })

  it('behavior: nothing is asked without a job id or an account', () => {
    assert.equal(jobQueryOptions(client, { jobId: undefined }).enabled, false)
    assert.equal(balanceQueryOptions(client).enabled, false)
    assert.equal(balanceQueryOptions(client, { account: zeroAddress }).enabled, true)
  })

  it('behavior: keys tell meshes apart', () => {
    const other = new DuckMeshClient({
      ...client.context,
      domain: { chainId: 2, verifyingContract: zeroAddress },
    })
    assert.notDeepEqual(providersQueryOptions(client).queryKey, providersQueryOptions(other).queryKey)
  })
})
