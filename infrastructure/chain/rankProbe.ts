import { DuckMeshClient } from '@duckmesh/sdk'

console.log(DuckMeshClient)
