import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { hostname } from 'node:os'

/** A machine of its own, as far as the network and its name go: a network namespace with one cable to the bridge. */
export interface Host {
  readonly name: string
  readonly address: string
  /** The words that start a program on it, in place of the program's own. */
  command(...words: readonly string[]): readonly [string, ...string[]]
  /** Pulls the cable: nothing arrives any more, in either direction, and nobody is told. */
  cutOff(): void
  /** Lets nothing arrive at the host of what is sent to it from here; what it sends arrives. */
  deafen(): void
  /** Mends what {@link cutOff} and {@link deafen} did. */
  mend(): void
}

/** Hosts around a bridge, on which the server listens. */
export interface Network {
  /** The bridge's own address, by which hosts reach the server. */
  readonly address: string
  /** All addresses of the network, as pg_hba.conf writes them. */
  readonly range: string
  readonly hosts: readonly Host[]
  /** Resolves when hosts, cables, bridge and every process on a host are gone. */
  close(): Promise<void>
}

/** Why no hosts can be made here; undefined where they can. */
export function whyNoHosts(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a matter of Linux'
  if (process.getuid?.() !== 0) return 'only root makes network namespaces'
  if (spawnSync('ip', ['-V']).status !== 0) return 'iproute2 is not installed (apt-get install iproute2)'
  const tried = spawnSync('unshare', ['--net', '--uts', 'hostname', 'somewhere'])
  return tried.status === 0 ? undefined : 'this machine allows no namespaces of its own'
}

/** Networks that this process has made: their names and addresses tell them apart. */
let networks = 0

/**
 * Makes a bridge, and so many hosts around it. What cleans up is a process of its own, which waits for the end of a pipe: it
 * comes however this one ends.
 */
export function makeNetwork(count: number): Network {
  const number = networks++
  const bridge = `dh${process.pid % 1_000_000}n${number}`
  const prefix = `10.213.${(process.pid + number) % 256}`
  const cleaner = startCleaner(bridge, count)
  const address = `${prefix}.1`
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('addr', 'add', `${address}/24`, 'dev', bridge)
  ip('link', 'set', bridge, 'up')
  const hosts = Array.from({ length: count }, (_, i) => addHost(bridge, i + 1, `${prefix}.${i + 11}`))
  return { address, range: `${prefix}.0/24`, hosts, close: () => clean(cleaner) }
}

function addHost(bridge: string, number: number, address: string): Host {
  const namespace = namespaceOf(bridge, number)
  const port = portOf(bridge, number)
  const name = `far-${number}`
  if (name === hostname()) throw new Error(`A host of the test has the name of this machine: ${name}.`)
  ip('netns', 'add', namespace)
  ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
  ip('link', 'set', port, 'master', bridge)
  ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
  ip('-n', namespace, 'link', 'set', 'lo', 'up')
  ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  ip('link', 'set', port, 'up')
  let isDeaf = false
  return {
    name,
    address,
    // Each of them becomes the next: the process that is started is the program in the end.
    command: (...words) => [
      ...(['ip', 'netns', 'exec', namespace, 'unshare', '--uts', 'sh', '-c'] as const),
      'hostname "$0" && exec "$@"',
      name,
      ...words,
    ],
    cutOff: () => ip('link', 'set', port, 'down'),
    deafen: () => {
      // Frames go to a card that nobody has: a route that leads nowhere would tell the sender.
      ip('neigh', 'replace', address, 'lladdr', '02:00:00:00:00:01', 'nud', 'permanent', 'dev', bridge)
      isDeaf = true
    },
    mend: () => {
      ip('link', 'set', port, 'up')
      if (isDeaf) ip('neigh', 'del', address, 'dev', bridge)
      isDeaf = false
    },
  }
}

const namespaceOf = (bridge: string, number: number) => `drover-${bridge}-${number}`
const portOf = (bridge: string, number: number) => `${bridge}h${number}`

function ip(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`)
}

/** Waits for the end of its input, then removes whatever is there of the network. */
function startCleaner(bridge: string, count: number): ChildProcess {
  const removal = Array.from({ length: count }, (_, i) => {
    const namespace = namespaceOf(bridge, i + 1)
    return `ip netns pids ${namespace} | xargs -r kill -9; ip link del ${portOf(bridge, i + 1)}; ip netns del ${namespace}`
  })
  const script = ['cat', ...removal, `ip link del ${bridge}`].join('; ')
  // A session of its own: what ends this process by its group is not for it.
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  child.unref()
  const pipe = child.stdin as typeof child.stdin & { unref(): void }
  pipe.unref()
  return child
}

async function clean(cleaner: ChildProcess): Promise<void> {
  cleaner.ref()
  cleaner.stdin!.end()
  if (cleaner.exitCode === null) await once(cleaner, 'exit')
}
