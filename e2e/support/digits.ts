import { commitValues, infer, loadModel } from '@duckmesh/circuits'
import { mnist } from '@duckmesh/circuits/mnist'
import { duckMeshAbi, parseDuck } from '@duckmesh/protocol'
import type { ProvenTask, TaskParameters } from '@duckmesh/sdk'
import type { TestMesh } from './bringUp.ts'
import { until } from './until.ts'

const PIXELS = 14 * 14
export const priceWei = parseDuck('0.5')
export const netWei = parseDuck('0.495')
export const SALT = 98_765_432_123_456_789n

/** The first test image of a digit. */
export function imageOf(label: number): number[] {
  const { pixels, labels } = mnist('t10k', 14)
  const index = labels.indexOf(label)
  return Array.from(pixels.subarray(index * PIXELS, (index + 1) * PIXELS))
}

/** A task for the class of an image. */
export function digitTask(
  mesh: TestMesh,
  pixels: number[],
  changes: Partial<TaskParameters> = {},
): TaskParameters {
  return {
    circuit: 'digits-constant',
    modelId: mesh.info.proofKeys['digits-constant']!,
    request: [commitValues(pixels, 4, SALT)],
    inputs: { pixels: pixels.map(String), salt: String(SALT) },
    priceWei,
    withinSeconds: 240,
    ...changes,
  } as TaskParameters
}

export const provers = (mesh: TestMesh, count: number) =>
  until(
    `${count} provers`,
    async () => {
      const found = (await mesh.client.getProvers()).provers.filter(({ isOnline }) => isOnline)
      return found.length >= count && found
    },
    120_000,
  )

export const classOf = (pixels: number[]): bigint => BigInt(infer(loadModel('digits'), pixels).class)
export const outcomesOf = async (mesh: TestMesh, { taskId }: Pick<ProvenTask, 'taskId'>) =>
  (await mesh.client.getTask(taskId)).attempts.map(({ outcome }) => outcome)

/** Times that the chain paid a proof of this task. */
export async function payments(
  { client, info }: TestMesh,
  { taskId }: Pick<ProvenTask, 'taskId'>,
): Promise<number> {
  const { domain, publicClient } = client.context
  const events = await publicClient.getContractEvents({
    address: domain.verifyingContract,
    abi: duckMeshAbi,
    eventName: 'ProofSettled',
    args: { jobId: taskId },
    fromBlock: BigInt(info.meshBlock),
  })
  return events.length
}
