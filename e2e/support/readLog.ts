import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestMesh } from './bringUp.ts'

/** Lines that a service logged with this message. */
export async function readLog(
  { stateDir }: TestMesh,
  name: string,
  message: string,
): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(join(stateDir, 'logs', `${name}.log`), 'utf8')).split('\n')
  return lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === message)
}
