import { readFileSync } from 'node:fs'

/** Whether a process was stopped by SIGSTOP. Source: proc(5), the field after the name in parentheses. */
export const standsStill = (pid: number): boolean =>
  /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
