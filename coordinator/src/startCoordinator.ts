import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serverTimeouts } from '@duckmesh/protocol'
import { openHostedGateway } from './adapters/hostedGateway.ts'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { type Container, createContainer } from './container.ts'
import { driveEvidence } from './features/evidence/driver.ts'
import { drive } from './features/market/driver.ts'
import { driveTasks } from './features/proving/schedule.ts'

/** A running coordinator. */
export type RunningCoordinator = { url: string; container: Container; stop(): Promise<void> }

/** How long open requests may take after `stop`, ms. */
const DRAIN_MS = 3_000

/**
 * Starts a coordinator that listens and drives its jobs.
 * @param config settings
 * @param overrides see `createContainer`
 */
export async function startCoordinator(
  config: Config,
  overrides: Partial<Container> = {},
): Promise<RunningCoordinator> {
  const container = await createContainer(config, overrides)
  const hosted = await openHostedGateway(container)
  const server = createServer(serverTimeouts, createApp(container, hosted))
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening')
  const stopping = new AbortController()
  const driving = Promise.all([
    drive(container, stopping.signal),
    driveTasks(container, stopping.signal),
    driveEvidence(container, stopping.signal),
  ])
  const { port } = server.address() as AddressInfo
  const url = `http://${config.HOST}:${port}`
  container.logger.info({ url, coordinator: container.signer.address }, 'coordinator listening')
  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    const closed = once(server, 'close')
    server.close()
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref()
    server.closeIdleConnections()
    await Promise.all([closed, driving])
    await hosted?.stop()
    await container.close()
  }
  return {
    url,
    container,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
