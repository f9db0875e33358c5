import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { selfSigned } from '../../../test/self-signed.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { smtp } from './smtp.ts'

const context = exampleContext({})
after(() => context.outgoing.close())

const content = { subject: 'Your order', html: '<p>On its way</p>', text: 'On its way\n' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const never = new AbortController().signal

function secure(socket: Socket): void {
  new TLSSocket(socket, { isServer: true, ...selfSigned }).on('error', () => {})
}

function offerStartTls(socket: Socket): void {
  socket.write('220 here\r\n')
  socket.on('data', function answer(chunk: Buffer) {
    if (chunk.toString().startsWith('EHLO'))
      return void socket.write('250-here\r\n250 STARTTLS\r\n')
    socket.off('data', answer)
    socket.write('220 go on\r\n', () => secure(socket))
  })
}

// when TLS begins, settings, what the server does with a connection
const cases: [string, object, (socket: Socket) => void][] = [
  ['from the start', { secure: true }, secure],
  ['after STARTTLS', { require_tls: true }, offerStartTls],
]
for (const [how, settings, take] of cases)
  test(`a certificate that nobody signed is told as such, ${how}`, async (t) => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}))
      take(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    const { port } = server.address() as AddressInfo
    const account = { host: '127.0.0.1', port, from: 'no-reply@acme.example', ...settings }
    const provider = smtp.create(account, context)

    const outcome = await provider.send(message, never)
    const verified = await provider.verify?.(never)

    await provider.close()
    for (const told of [outcome, verified!]) {
      assert.deepEqual([told.kind, told.code], ['retry', 'bad_certificate'], JSON.stringify(told))
      assert.match(told.detail ?? '', /^the certificate of the mail server is signed by nobody/)
    }
  })
