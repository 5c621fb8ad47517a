import { readdirSync, readFileSync } from 'node:fs'

/** Reads `pid (name) state ppid …`, proc(5); undefined for a process that has ended, zombies included. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** Process ids of everything that a process started, and what those started. */
export function descendantsOf(ancestor: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = Map.groupBy(pids.map(Number), parentOf)
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)])
  return below(ancestor)
}

/** Whether a process runs. */
export const isRunning = (pid: number): boolean => parentOf(pid) !== undefined
