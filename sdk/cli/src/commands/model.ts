import { DuckMeshError } from '@duckmesh/protocol'
import type { DuckMeshClient } from '@duckmesh/sdk'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { hiddenKeyId, hideFile, modelFile, packedKey } from '../models/modelFile.ts'
import type { Output } from '../output.ts'
import { jobIdArgument } from '../parseArgument.ts'

type ModelFlags = { vk?: string }
type ModelAction = (
  client: DuckMeshClient,
  target: string,
  flags: ModelFlags,
  output: Output,
) => Promise<void>

/** `duckmesh model register|hide <model.json>` and `duckmesh model show <id>`: models that proofs are about. */
export const modelCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<ModelFlags>(
    'model <action> <target>',
    'register <model.json> with public weights, hide <model.json> behind a commitment, or show <id>',
    io,
    finish,
    async ({ flags, output, connect }, action = '', target = '') => {
      if (!Object.hasOwn(actions, action)) {
        throw new DuckMeshError('BAD_REQUEST', `"${action}" is none of ${Object.keys(actions).join(', ')}.`, {
          argument: 'action',
        })
      }
      await actions[action]!(await connect(), target, flags, output)
      return exitCodes.ok
    },
  ).option('--vk <file>', 'verifying key of the circuit (default on a local chain: that of this machine)')

const actions: Record<string, ModelAction> = {
  register: async (client, path, { vk }, output) => {
    const { packModel } = await import('@duckmesh/circuits')
    const { name, weights, metadataHash } = await modelFile(path, packModel)
    const key = await packedKey(vk, client.context.domain.chainId)
    const registered = await client.registerModel({ key, weights, metadataHash })
    output.document({ name, ...registered })
    table(output, registered.modelId, {
      name,
      weights: `${weights.length}`,
      ...sent(registered.transactions),
    })
  },
  hide: async (client, path, { vk }, output) => {
    const { hidden, file } = await hideFile(path)
    const { name, commitment, metadataHash } = hidden
    const keyId = await hiddenKeyId(vk, client.context.domain.chainId)
    const registered = await client.registerHiddenModel({ keyId, commitment, metadataHash })
    output.document({ name, commitment, file, ...registered })
    const rows = { name, commitment: `${commitment}`, 'weights and salt': `${file}, keep it to yourself` }
    table(output, registered.modelId, { ...rows, ...sent(registered.transactions) })
  },
  show: async (client, target, _flags, output) => {
    const modelId = jobIdArgument(target)
    const hidden = await client.getHiddenModel(modelId).catch((thrown: unknown) => {
      if (DuckMeshError.from(thrown).code === 'MODEL_UNREGISTERED') return undefined
      throw thrown
    })
    if (hidden) {
      output.document(hidden)
      const { owner, keyId, commitment } = hidden
      return table(output, modelId, { owner, key: keyId, commitment: `${commitment}`, weights: 'hidden' })
    }
    const model = await client.getModel(modelId)
    output.document(model)
    const { keyId, by, metadataHash, transaction, weights } = model
    table(output, modelId, {
      key: keyId,
      metadata: metadataHash,
      'registered by': by,
      transaction,
      weights: weights ? `${weights.length}, read from its calldata` : 'not in its calldata',
    })
  },
}

const sent = (transactions: Hex[]) => ({
  transactions: transactions.length === 0 ? 'none, it was registered' : transactions.join('\n'),
})

const table = (output: Output, modelId: Hex, rows: Record<string, string>): void =>
  output.line(formatTable([['model', output.colours.bold(modelId)], ...Object.entries(rows)]))
