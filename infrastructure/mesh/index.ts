export { type MeshInfo, readMeshInfo } from './meshFile.ts'
export { type ProviderKind, type ProviderSpec, tourProviders } from './providerSpecs.ts'
export { type LocalMesh, type MeshOptions, type MeshStep, startMesh } from './startMesh.ts'
