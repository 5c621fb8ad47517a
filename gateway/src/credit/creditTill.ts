import { randomUUID } from 'node:crypto'
import { DuckMeshError } from '@duckmesh/protocol'
import type { Till } from '../gateway.ts'
import type { CreditStore, KeyRecord } from './creditStore.ts'

/** How much longer than a request its hold lives, ms: it is settled within that, or the process is gone. */
const HOLD_MARGIN_MS = 300_000

/**
 * The till of an API key: prepaid credit of its account. A hold whose process dies is released after the longest life of
 * a request; what it cost until then is the loss of the gateway, not of the account.
 * @param requestMs longest life of a request
 */
export const createCreditTill = (
  store: CreditStore,
  { keyId, account, limitWei, committedWei }: KeyRecord,
  requestMs: number,
  nowMs: () => number,
): Till => ({
  hold: async (amountWei) => {
    const holdId = randomUUID()
    const untilMs = nowMs() + requestMs + HOLD_MARGIN_MS
    const outcome = await store.hold({ holdId, keyId, account, amountWei, untilMs })
    if (outcome === 'revoked') throw new DuckMeshError('UNAUTHENTICATED', 'This API key was revoked.')
    if (outcome !== 'held') {
      const freeWei = (await store.balance(account))?.freeWei ?? 0n
      const isLimit = outcome === 'limit'
      const details = {
        freeWei: String(isLimit ? limitWei! - committedWei : freeWei),
        neededWei: String(amountWei),
      }
      const what = isLimit ? 'The limit of this API key' : 'The credit of this account'
      throw new DuckMeshError('CREDIT_TOO_LOW', `${what} does not cover this request.`, details)
    }
    return { settle: async (costWei) => void (await store.settle(holdId, costWei)) }
  },
})
