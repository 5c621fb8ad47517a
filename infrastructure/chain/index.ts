export { chainStateFile } from './chainState.ts'
export { readyOnMessage, type Service, type ServiceSpec, startService } from './childService.ts'
export {
  type Deployment,
  deployMesh,
  fundAccounts,
  isDeployed,
  type MeshTerms,
} from './deployMesh.ts'
export { DEV_MNEMONIC, devAccount, devIndex, devPrivateKey } from './devKeys.ts'
export { freePort } from './freePort.ts'
export { type LocalChain, startAnvil } from './startAnvil.ts'
export { findPostgres, startPostgres, type TestPostgres } from './startPostgres.ts'
