import { readFileSync } from 'node:fs'

/** Clock ticks of Linux are 10 ms on every machine that Node.js runs on. */
const TICK_MS = 10

/**
 * CPU time that a process has used since it began, all its threads, milliseconds. Source: proc_pid_stat(5).
 * @returns undefined on systems without `/proc`
 */
export function cpuTimeMs(pid: number): number | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // another system than Linux
  }
  // the name, in brackets, may hold anything
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return TICK_MS * (Number(fields[11]) + Number(fields[12]))
}
