import { fileURLToPath } from 'node:url'

/** How a provider of the local mesh behaves. */
export type ProviderKind = 'honest' | 'copycat' | 'cheap-model'

/** A provider of the local mesh. */
export type ProviderSpec = { name: string; kind: ProviderKind }

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** Program of each kind. */
export const providerPrograms: Record<ProviderKind, string> = {
  honest: path('../../provider-node/src/bin/node.ts'),
  copycat: path('./cheats/copycat.ts'),
  'cheap-model': path('./cheats/cheapModel.ts'),
}

/** Program of the coordinator. */
export const coordinatorProgram = path('../../coordinator/src/bin/local.ts')

/** The five of the tour: three honest, one that copies, one that runs a cheaper model. */
export const tourProviders: ProviderSpec[] = [
  { name: 'mallard', kind: 'honest' },
  { name: 'teal', kind: 'honest' },
  { name: 'eider', kind: 'honest' },
  { name: 'magpie', kind: 'copycat' },
  { name: 'cuckoo', kind: 'cheap-model' },
]
