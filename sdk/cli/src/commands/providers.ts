import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'

/** `duckmesh providers`: who is there, with stake, load and models. */
export const providersCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('providers', 'list providers and models', io, finish, async ({ connect, output }) => {
    const client = await connect()
    const [{ providers }, { models }] = await Promise.all([client.getProviders(), client.getModels()])
    output.document({ providers, models })
    const { bold, dim, green } = output.colours
    const nameOf = new Map(models.map(({ policy, profile }) => [policy, profile.name]))
    output.line(
      formatTable([
        ['id', 'online', 'active', 'stake', 'locked', 'jobs', 'models', 'endpoint'].map(bold),
        ...providers.map((provider) => [
          String(provider.providerId),
          provider.isOnline ? green('yes') : dim('no'),
          provider.isActive ? 'yes' : 'no',
          formatDuck(provider.stakedWei),
          formatDuck(provider.lockedWei),
          `${provider.activeJobs}/${provider.capacity}`,
          [...new Set(provider.policies.map((policy) => nameOf.get(policy) ?? policy.slice(0, 10)))].join(
            ' ',
          ),
          provider.endpoint ?? dim('none'),
        ]),
      ]),
    )
    output.line()
    output.line(
      formatTable([
        ['model', 'providers', 'least price a seat', 'engine', 'policy'].map(bold),
        ...models.map((model) => [
          model.profile.name,
          String(model.providers),
          `${formatDuck(model.minPriceWei)} DUCK`,
          `${model.profile.engine} ${model.profile.kernelClass}`,
          model.policy,
        ]),
      ]),
    )
    return exitCodes.ok
  })
