// A package registry on loopback that has what package-lock.json names, as it is installed in this
// clone: an installation from it needs no network, and gets nothing that was not asked for.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

export type LocalRegistry = { url: string; close(): Promise<void> }

/** What the lock file knows of a package; most of what npm wants to be told. */
type Entry = { version: string; [name: string]: unknown }
type Installed = Entry & { folder: string }

/**
 * `root` is the clone. Packages of other platforms are described, but cannot be fetched; nor can
 * those of `missing`, which are optional.
 */
export async function startLocalRegistry(
  root: string,
  missing: readonly string[] = [],
): Promise<LocalRegistry> {
  const packages = readPackages(root)
  const server = createServer((request, response) => {
    const [, encoded = '', version] = (request.url ?? '').split('/')
    const name = decodeURIComponent(encoded)
    const versions = packages.get(name) ?? []
    const wanted = versions.find((installed) => installed.version === version)
    if (wanted && !missing.includes(name) && existsSync(wanted.folder))
      sendTarball(wanted.folder, response)
    else if (versions.length > 0 && version === undefined)
      response.end(JSON.stringify(describe(name, versions, urlOf(server.address()))))
    else response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: urlOf(server.address()),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function readPackages(root: string): Map<string, Installed[]> {
  const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(lock) as { packages: Record<string, Entry & { link?: true }> }
  const installed = Object.entries(packages)
    .filter(([place, { link }]) => place.includes('node_modules/') && !link)
    .map(([place, entry]) => ({
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      // Its checksum is that of another archive of the same files.
      installed: { ...entry, integrity: undefined, folder: path.join(root, place) },
    }))
  const byName = Map.groupBy(installed, ({ name }) => name)
  return new Map([...byName].map(([name, all]) => [name, all.map((one) => one.installed)]))
}

function describe(name: string, versions: Installed[], url: string): object {
  const described = versions.map(({ folder: _folder, ...entry }) => {
    const tarball = `${url}/${encodeURIComponent(name)}/${entry.version}`
    return [entry.version, { ...entry, name, dist: { tarball } }]
  })
  return {
    name,
    'dist-tags': { latest: versions[0]?.version },
    versions: Object.fromEntries(described) as object,
  }
}

/** Uncompressed: on loopback compressing would take longer than sending. */
function sendTarball(folder: string, response: ServerResponse): void {
  const args = ['-cf', '-', '--exclude=node_modules', '-C', path.dirname(folder)]
  const tar = spawn('tar', [...args, path.basename(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  tar.on('error', (error) => response.destroy(error))
  tar.stdout.pipe(response)
}

function urlOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}` // it listens on a port, not on a pipe
}
