import { once } from 'node:events'
import type { StreamRoute } from '@duckmesh/gateway'
import { type Defaults, type MenuMode, menuModes, startLocalGateway } from '@duckmesh/gateway/home'
import { DuckMeshError, formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { closeChannels } from '../gateway/closeChannels.ts'
import { answerLine } from '../gateway/lines.ts'
import { openBuyer, purseFolder, routeOf } from '../gateway/openBuyer.ts'
import { createRedundantRunner } from '../gateway/redundantRunner.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { duckArgument, integerArgument } from '../parseArgument.ts'

type GatewayFlags = {
  port: string
  verify: string
  privacy: string
  relay?: boolean
  maxPrice?: string
  budget?: string
  apiKey?: string
  stateDir?: string
  close?: boolean
  publishVerdicts?: boolean
}

/** `duckmesh gateway`: an OpenAI API on this machine, paid with the key of its user. */
export const gatewayCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<GatewayFlags>(
    'gateway',
    'serve the OpenAI API on this machine, paid from your balance',
    io,
    finish,
    async ({ flags, connect, settings, output }) => {
      const defaults = defaultsOf(flags, routeOf(io.env, flags.relay))
      const port = integerArgument('port', flags.port, 0, 65_535)
      const budgetWei = flags.budget === undefined ? undefined : duckArgument('budget', flags.budget)
      const apiKey = flags.apiKey ?? io.env.DUCKMESH_GATEWAY_API_KEY
      const client = await connect()
      const parameters = {
        io,
        settings: await settings(),
        client,
        stateDir: flags.stateDir,
        route: defaults.route,
        publishesVerdicts: flags.publishVerdicts,
      }
      const warn = (error: Error) => {
        if (!output.isJson) io.stderr(`${output.colours.dim(error.message)}\n`)
      }
      const buyer = await openBuyer({ ...parameters, onTrouble: warn })
      const gateway = await startLocalGateway({
        buyer,
        redundant: createRedundantRunner(client),
        defaults,
        port,
        apiKey,
        budgetWei,
        onAnswer: (facts) => output.line(answerLine(facts, new Date())),
        onError: warn,
      }).catch(async (thrown: unknown) => {
        await buyer.close()
        throw thrown
      })
      try {
        const { account, freeWei } = await client.getBalance()
        const { heldWei } = await buyer.balance()
        const { voucherKey } = buyer.identity()
        const purse = { folder: purseFolder(parameters), voucherKey }
        output.document({
          baseUrl: gateway.baseUrl,
          account,
          freeWei,
          heldWei,
          purse,
          ...defaults,
          budgetWei,
        })
        const { bold, dim } = output.colours
        output.line(`OpenAI API  ${bold(gateway.baseUrl)}`)
        output.line(
          `paid by     ${account}: ${formatDuck(freeWei)} DUCK free, ${formatDuck(heldWei)} in channels`,
        )
        output.line(`purse       ${purse.folder}, key ${voucherKey}`)
        output.line(
          `answers     ${defaults.verify}, ${defaults.privacy}, ${wayText[defaults.route]}${limitText(defaults, budgetWei)}`,
        )
        output.line(`open to     ${apiKey ? 'programs with the API key' : 'every program on this machine'}`)
        output.line()
        output.line(`  OPENAI_BASE_URL=${gateway.baseUrl} OPENAI_API_KEY=${apiKey ? '…' : 'duckmesh'}`)
        output.line()
        if (freeWei + heldWei === 0n) output.line(`Nothing can be bought yet: ${bold('duckmesh deposit 10')}`)
        output.line(dim('Ctrl-C stops it; channels stay open for the next start.'))
        if (!io.signal.aborted) await once(io.signal, 'abort')
      } finally {
        await gateway.stop()
      }
      output.line(`spent ${formatDuck(gateway.spentWei())} DUCK`)
      if (flags.close) {
        const channels = await closeChannels(parameters)
        const backWei = channels.reduce((sum, { returnsWei }) => sum + returnsWei, 0n)
        output.line(`${formatDuck(backWei)} DUCK come back: see duckmesh channels`)
      }
      return exitCodes.ok
    },
  )
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any', '8787')
    .option('--verify <mode>', `how answers are checked: ${menuModes.join(', ')}`, 'signed')
    .option('--privacy <kind>', 'open, or sealed to the provider', 'open')
    .option('--relay', 'by the relay of the coordinator, always sealed; auto: where needed (DUCKMESH_ROUTE)')
    .option('--max-price <duck>', 'most that one request may cost')
    .option('--budget <duck>', 'most that all requests may cost until it stops')
    .option('--api-key <key>', 'key that clients must have (DUCKMESH_GATEWAY_API_KEY)')
    .option('--state-dir <path>', 'folder of the purse (default: gateway, beside the mesh file)')
    .option('--publish-verdicts', 'hand receipts and verdicts of checked answers in as evidence')
    .option('--close', 'close all channels when it stops')

function defaultsOf({ verify, privacy, maxPrice }: GatewayFlags, route: StreamRoute): Defaults {
  const known = menuModes.find((mode): mode is MenuMode => mode === verify)
  if (!known) throw bad('verify', verify, menuModes.join(', '))
  if (privacy !== 'open' && privacy !== 'sealed') throw bad('privacy', privacy, 'open or sealed')
  const maxPriceWei = maxPrice === undefined ? undefined : duckArgument('max-price', maxPrice)
  return { verify: known, privacy: route === 'relay' ? 'sealed' : privacy, route, maxPriceWei }
}

const bad = (argument: string, value: string, want: string): DuckMeshError =>
  new DuckMeshError('BAD_REQUEST', `${argument} "${value}" is not ${want}.`, { argument, value })

/** How answers travel, for people. */
const wayText: Record<StreamRoute, string> = {
  direct: 'straight from the providers',
  relay: 'by the relay',
  auto: 'straight from the providers, or by the relay',
}

function limitText({ maxPriceWei }: Defaults, budgetWei: bigint | undefined): string {
  const request = maxPriceWei === undefined ? '' : `, at most ${formatDuck(maxPriceWei)} DUCK a request`
  return budgetWei === undefined ? request : `${request}, at most ${formatDuck(budgetWei)} DUCK in all`
}
