import type { InferenceRequest, InferenceResult } from '@duckmesh/protocol'
import { createExecutor, parseConfig } from '@duckmesh/provider-node'
import { zeroAddress } from 'viem'

/** Runs a request here, apart from every mesh: the answer that an honest provider must give. */
export async function ownRun(request: InferenceRequest, model = 'duck1m'): Promise<InferenceResult> {
  const unused = { RPC_URL: 'http://127.0.0.1:1', COORDINATOR_URL: 'http://127.0.0.1:1', DATA_DIR: '.' }
  const key = `0x${'11'.repeat(32)}`
  const keys = { MESH_ADDRESS: zeroAddress, OWNER_PRIVATE_KEY: key, SIGNING_PRIVATE_KEY: key }
  const executor = await createExecutor(parseConfig({ ...unused, ...keys, MODEL: model }))
  try {
    return (await executor.run(request)).result
  } finally {
    await executor.close()
  }
}
