import {
  authenticate,
  hashCanonical,
  type InferenceResult,
  jobIdOf,
  type Order,
  type Receipt,
  receiptTypedData,
  submitBodySchema,
} from '@duckmesh/protocol'
import { zeroHash } from 'viem'
import { type Handler, type HttpStub, json, startHttpStub } from './startHttpStub.ts'
import type { TestMesh, TestProvider } from './startTestMesh.ts'

/** A provider's node on the on-chain lane: accepts, submits and delivers on the real contracts. */
export type TestNode = HttpStub & {
  /** What it computes. */
  result: InferenceResult
  /** What it hands out, when that is something else. */
  delivers: InferenceResult | undefined
  /** Whether it does any work at all. */
  isLazy: boolean
  /** Orders that came. */
  received: Order[]
}

/** Starts the node of a provider on a free port. */
export async function startTestNode(mesh: TestMesh, { providerId, signer }: TestProvider): Promise<TestNode> {
  const stub = await startHttpStub()
  const node: TestNode = {
    ...stub,
    result: { text: ' quack', tokens: [7], finishReason: 'stop' },
    delivers: undefined,
    isLazy: false,
    received: [],
  }
  stub.handlers['POST /jobs'] = async (response, request, body) => {
    const { order } = submitBodySchema.parse(body)
    node.received.push(order)
    if (!node.isLazy) {
      await mesh.call(signer, mesh.mesh, 'acceptJob', [order, providerId])
      const jobId = jobIdOf(mesh.domain, order)
      await mesh.call(signer, mesh.mesh, 'submitResult', [jobId, hashCanonical(node.result)])
    }
    await json({ jobId: jobIdOf(mesh.domain, order) }, 202)(response, request, body)
  }
  const deliver: Handler = async (response, request, body) => {
    const now = Math.floor(Date.now() / 1000)
    await authenticate(mesh.domain, request.headers.authorization, signer.address, now)
    const jobId = request.url?.split('/')[2]
    const order = node.received.find((candidate) => jobIdOf(mesh.domain, candidate) === jobId)!
    const result = node.delivers ?? node.result
    const receipt: Receipt = {
      jobId: jobIdOf(mesh.domain, order),
      providerId,
      outputHash: hashCanonical(node.result),
      assignmentHash: zeroHash,
      amountWei: order.priceWei,
      promptTokens: 2,
      completionTokens: node.result.tokens.length,
      startedAt: 1,
      finishedAt: 2,
    }
    const signature = await signer.signTypedData(receiptTypedData(mesh.domain, receipt))
    await json({ result, receipt: { receipt, signature } })(response, request, body)
  }
  stub.handlers['GET /jobs/*'] = deliver
  return node
}
