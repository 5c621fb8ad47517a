import { type ChildProcess, spawn } from 'node:child_process'

// Reads "+ pid" and "- pid" until its input ends, which it does however this process ends, and then ends those that are
// left. `read` is in POSIX sh; numbers are padded with blanks so that 12 is never found in 123.
const SCRIPT = `
left=' '
while read -r sign pid; do
  case $sign in
    +) left="$left$pid " ;;
    -) left="\${left%% $pid *} \${left#* $pid }" ;;
  esac
done
for pid in $left; do kill -s KILL "$pid"; done
`

let warden: ChildProcess | undefined

/**
 * Sees to it that a process does not outlive this one, not even when this one is killed.
 * @param pid the process
 * @returns to be called when the process has ended: its number may become that of a stranger
 */
export function endWithParent(pid: number): () => void {
  warden ??= startWarden()
  const tell = (sign: '+' | '-') => void warden?.stdin?.write(`${sign} ${pid}\n`)
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
