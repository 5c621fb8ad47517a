import { type ChildProcess, spawn } from 'node:child_process'

/** How a process is ended that its parent left behind: at once, or with a chance to write its state. */
export type OrphanSignal = 'KILL' | 'TERM'

// Reads "+ SIGNAL pid" and "- SIGNAL pid" until its input ends, which it does however this process ends. Then it ends
// those that are left. `read` is in POSIX sh; numbers are padded with blanks so that 12 is never found in 123.
const SCRIPT = `
left=' '
while read -r sign signal pid; do
  case $sign in
    +) left="$left$signal:$pid " ;;
    -) left="\${left%% $signal:$pid *} \${left#* $signal:$pid }" ;;
  esac
done
for one in $left; do kill -s "\${one%%:*}" "\${one#*:}"; done
sleep 2
for one in $left; do kill -s KILL "\${one#*:}"; done
`

let warden: ChildProcess | undefined

/**
 * Sees to it that a process does not outlive this one, not even when this one is killed.
 * @param pid the process
 * @returns to be called when the process has ended: its number may become that of a stranger
 */
export function endWithParent(pid: number, signal: OrphanSignal): () => void {
  warden ??= startWarden()
  const tell = (sign: '+' | '-') => void warden?.stdin?.write(`${sign} ${signal} ${pid}\n`)
  tell('+')
  return () => tell('-')
}

function startWarden(): ChildProcess {
  // a group of its own, like the services: Ctrl-C must not end it before them
  const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  const stdin = child.stdin as NonNullable<typeof child.stdin> & { unref(): void }
  stdin.unref()
  // without it services are still ended on every orderly exit
  stdin.on('error', () => undefined)
  child.on('error', () => undefined)
  return child
}
