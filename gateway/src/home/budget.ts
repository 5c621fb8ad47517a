import { DuckMeshError } from '@duckmesh/protocol'
import type { Till } from '../gateway.ts'

/**
 * Creates a till that gives out at most a sum, counted from now on: what requests that run may still cost is put aside,
 * so any number of them together stays within it.
 * @param limitWei DUCK wei
 */
export function createBudget(limitWei: bigint): Till {
  let spentWei = 0n
  let heldWei = 0n
  return {
    hold: async (amountWei) => {
      const leftWei = limitWei - heldWei - spentWei
      if (leftWei < amountWei) {
        const message = 'The budget of this gateway does not cover this request.'
        throw new DuckMeshError('BUDGET_SPENT', message, {
          leftWei: String(leftWei),
          neededWei: String(amountWei),
        })
      }
      heldWei += amountWei
      let isOpen = true
      return {
        settle: async (costWei) => {
          if (!isOpen) return
          isOpen = false
          heldWei -= amountWei
          spentWei += costWei
        },
      }
    },
  }
}
