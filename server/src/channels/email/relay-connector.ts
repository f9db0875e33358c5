// Opens connections to mail servers. A name is resolved once, all of its addresses must be such as a mail
// server may have, and the connection goes to one of them: a second lookup could answer differently.
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { SMTPPoolOptions } from 'nodemailer/lib/smtp-pool'
import { isRelayAllowed, plainHost, type AllowedAddresses } from '../public-address.ts'
import { connectionTimeout } from './smtp-settings.ts'

type GetSocket = NonNullable<SMTPPoolOptions['getSocket']>
type Resolve = (
  host: string,
  answer: (error: Error | null, addresses?: LookupAddress[]) => void,
) => void

export function relayConnector({
  allowed,
  resolve = resolveBySystem,
}: {
  allowed: AllowedAddresses
  resolve?: Resolve
}): GetSocket {
  return ({ host = '', port, secure }, done) => {
    const isAllowed = (address: string) =>
      isRelayAllowed(address, allowed) || allowed.hosts.has(plainHost(host.toLowerCase()))
    if (isIP(host) !== 0 && !isAllowed(host)) return void setImmediate(done, blocked())

    const lookup: LookupFunction = (name, { all }, answer) => {
      resolve(name, (error, addresses) => {
        const first = addresses?.[0]
        if (error || !first) return answer(failure('EDNS', error ?? new Error('no address')), [])
        if (!addresses.every(({ address }) => isAllowed(address))) return answer(blocked(), [])
        if (all) answer(null, addresses)
        else answer(null, first.address, first.family)
      })
    }
    const target = { host, port: Number(port) || (secure ? 465 : 587), lookup }
    open(connect(target), done)
  }
}

function open(socket: Socket, done: Parameters<GetSocket>[1]): void {
  const end = (error: Error | null) => {
    clearTimeout(timer)
    socket.removeAllListeners('connect').removeAllListeners('error')
    if (!error) return done(null, { connection: socket })
    socket.on('error', () => {}).destroy()
    return done(error)
  }
  const timer = setTimeout(
    () => end(failure('ETIMEDOUT', new Error('connecting took too long'))),
    connectionTimeout,
  )
  socket.once('connect', () => end(null))
  socket.once('error', (error) => end(isOurs(error) ? error : failure('ESOCKET', error)))
}

const resolveBySystem: Resolve = (host, answer) => systemLookup(host, { all: true }, answer)

/** As the mail library says it: a code of its own, and the one of the system beside it. */
function failure(code: string, error: NodeJS.ErrnoException): Error {
  return Object.assign(new Error(error.message, { cause: error }), {
    code,
    originalCode: error.code,
  })
}

const isOurs = (error: NodeJS.ErrnoException) => error.code === 'EDNS' || error.code === 'EBLOCKED'

function blocked(): Error {
  return failure('EBLOCKED', new Error('the host is at an address that no mail server has'))
}
