import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestClient, http, publicActions } from 'viem'
import { foundry } from 'viem/chains'
import type { Service } from './childService.ts'

/** How often the chain is looked at for new blocks, ms: as much is lost when it is killed. */
const KEEP_EVERY_MS = 500

/** File of the state inside the folder of a chain. */
export const chainStateFile = (folder: string): string => join(folder, 'chain.state')

/**
 * Gives a fresh anvil the state that was kept in a folder, and keeps it there from now on: after every new block, and
 * once more before the chain is stopped. The file is replaced whole, so that a crash in the middle leaves the state
 * before; anvil's own state file is written in place, and a kill can leave half of it.
 * @param service the running chain
 * @returns the same service, whose `stop` keeps the last state
 */
export async function keepChainState(folder: string, rpcUrl: string, service: Service): Promise<Service> {
  const path = chainStateFile(folder)
  const client = createTestClient({
    chain: foundry,
    mode: 'anvil',
    transport: http(rpcUrl, { timeout: 5_000 }),
  }).extend(publicActions)
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept) await client.loadState({ state: kept as `0x${string}` })
  let keptBlock = await client.getBlockNumber({ cacheTime: 0 })

  // a chain that stands still or has just ended is no fault of the keeper: it looks again
  const ask = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined)
  const keep = async () => {
    const block = await ask(client.getBlockNumber({ cacheTime: 0 }))
    if (block === undefined || block === keptBlock) return
    const state = await ask(client.dumpState())
    if (!state) return
    try {
      await writeFile(`${path}.new`, state)
      await rename(`${path}.new`, path)
      keptBlock = block
    } catch (error) {
      process.emitWarning(`The state of the chain was not kept: ${error}`)
    }
  }
  const ended = new AbortController()
  void service.exited.then(() => ended.abort())
  const keeping = (async () => {
    while (!ended.signal.aborted) {
      await keep()
      await ask(sleep(KEEP_EVERY_MS, undefined, { signal: ended.signal, ref: false }))
    }
  })()
  return {
    ...service,
    stop: async (graceMs) => {
      ended.abort()
      await keeping
      if (service.isAlive()) await keep()
      await service.stop(graceMs)
    },
  }
}
