import type { Address, Hex } from 'viem'
import type { SetupCall } from './setupCalls.ts'

/** The arguments of `propose` of DuckGovernor, which also say what any other owner has to send. */
export type Proposal = { targets: Address[]; values: 0[]; calldatas: Hex[]; description: string }

/** Puts calls that only the owner can make into one proposal, in their order. */
export const proposalOf = (calls: SetupCall[]): Proposal => ({
  targets: calls.map(({ to }) => to),
  values: calls.map(() => 0 as const),
  calldatas: calls.map(({ data }) => data),
  description: `Set up the deployment: ${calls.map(({ name }) => name).join(', ')}`,
})
