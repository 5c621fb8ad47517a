import { fileURLToPath } from 'node:url'

/** How a provider of the local mesh behaves. */
export type ProviderKind = 'honest' | 'copycat' | 'cheap-model' | 'early-stop' | 'proof-forger'

/** A provider of the local mesh. */
export type ProviderSpec = {
  name: string
  kind: ProviderKind
  /** Least price of one seat, DUCK. @default '0.1' */
  minPriceDuck?: string
  /** Whether it proves circuits: least price of one proof, DUCK. */
  proofPriceDuck?: string
  /** Settings of its own; they go before those of all. */
  env?: Record<string, string>
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** Program of each kind. */
export const providerPrograms: Record<ProviderKind, string> = {
  honest: path('../../provider-node/src/bin/node.ts'),
  copycat: path('./cheats/copycat.ts'),
  'cheap-model': path('./cheats/cheapModel.ts'),
  'early-stop': path('./cheats/earlyStop.ts'),
  'proof-forger': path('./cheats/proofForger.ts'),
}

/** Program of the coordinator. */
export const coordinatorProgram = path('../../coordinator/src/bin/local.ts')

/** Least price of a seat with a cheat of the tour, DUCK: whoever pays less gets honest seats alone. */
const CHEAT_PRICE_DUCK = '0.2'

/** The five of the tour: three honest, of which two also prove, one that copies, one that runs a cheaper model. */
export const tourProviders: ProviderSpec[] = [
  { name: 'mallard', kind: 'honest', proofPriceDuck: '0.2' },
  { name: 'teal', kind: 'honest', proofPriceDuck: '0.3' },
  { name: 'eider', kind: 'honest' },
  { name: 'magpie', kind: 'copycat', minPriceDuck: CHEAT_PRICE_DUCK },
  { name: 'cuckoo', kind: 'cheap-model', minPriceDuck: CHEAT_PRICE_DUCK },
]
