// `belfry listen`: has what becomes of notifications sent to a program on this machine, as a hook would, until Ctrl-C.
// For trying out a receiver that Belfry cannot reach: no result is tried again, and nothing is kept.
import { hash } from 'node:crypto'
import { on } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { WebSocket } from 'ws'
import { newestApiVersion } from '../domain/api-version.ts'
import { resultTypes } from '../domain/result.ts'
import { standardWebhookKey } from '../domain/webhook-signature.ts'
import { newHookSecret } from '../pipeline/hook-secrets.ts'
import { signedHeaders } from '../signed-headers.ts'
import { findApi, problemOf, type ApiOptions } from './api.ts'
import { examples, parseListOf, withJoinOptions } from './options.ts'
import { print, printJson, say, styled } from './output.ts'

type ListenOptions = ApiOptions & { forwardTo: string; types?: string[]; secret?: string }

const answerMs = 15_000 // as long as Belfry waits for a hook
const againMs = 1_000

export function listenCommand(): Command {
  const listen = new Command('listen')
    .description('Forward what becomes of notifications to a program here, as a hook. Ctrl-C ends.')
    .requiredOption('--forward-to <address>', 'where it is sent, by POST', parseAddress)
    .option('--types <types>', 'which results, comma separated', parseListOf(resultTypes))
    .option('--secret <secret>', 'what signs (default: a new one, which is shown)', parseSecret)
    .option('--url <url>', 'where Belfry answers (default: the one of the data directory)')
    .addHelpText(
      'after',
      examples('belfry listen --forward-to http://localhost:3000/hooks --types delivery.failed'),
    )
    .action(forwardAll)
  return withJoinOptions(listen)
}

async function forwardAll(options: ListenOptions): Promise<void> {
  const { url, key } = await findApi(options)
  const { types, forwardTo, json = false, secret = newHookSecret() } = options
  if (!options.secret) say(`What is forwarded is signed with ${secret}`)
  const query = new URLSearchParams(types && { types: types.join(',') })
  for (;;) {
    const address = `${url.replace(/^http/, 'ws')}/ws?${query}`
    try {
      for await (const { event, id, data } of follow(address, key)) {
        if (event.includes('.')) await forward(data, { forwardTo, secret, json })
        if (event === 'reset') say('Some results were missed: belfry tail, GET /notifications')
        if (id === undefined) continue
        if (!query.has('last_event_id')) say(`Forwarding to ${forwardTo}; Ctrl-C ends.`)
        query.set('last_event_id', id)
      }
    } catch (error) {
      // Once it has begun, what is lost comes back; a refusal does not.
      if (error instanceof Refusal || !query.has('last_event_id')) throw error
    }
    await delay(againMs)
  }
}

class Refusal extends Error {}

type Heard = { event: string; id?: string; data: { type: string; data: { id?: string } } }

/** Until the connection ends. @throws Refusal when it is refused for good. */
async function* follow(address: string, key: string): AsyncGenerator<Heard> {
  const headers = { authorization: `Bearer ${key}`, 'belfry-version': newestApiVersion }
  const socket = new WebSocket(address, { headers })
  // Results go out one by one: a socket that brings them faster is paused.
  const messages = on(socket, 'message', {
    close: ['close'],
    highWaterMark: 100,
    lowWaterMark: 10,
  })
  const refused = new Promise<never>((_resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0
      const isPassing = status === 429 || status >= 500
      text(response).then((body) => {
        const words = `${new URL(address).origin} refuses: ${problemOf(status, body).detail}`
        reject(isPassing ? new Error(words) : new Refusal(words))
      }, reject)
    })
  })
  try {
    for (;;) {
      const { done, value } = await Promise.race([messages.next(), refused])
      if (done) return
      yield JSON.parse(String((value as [Buffer])[0])) as Heard
    }
  } finally {
    socket.terminate()
  }
}

type Way = { forwardTo: string; secret: string; json: boolean }

/** Sends one result, and says what was answered. */
async function forward(result: Heard['data'], { forwardTo, secret, json }: Way): Promise<void> {
  const body = JSON.stringify(result)
  const id = `msg_${hash('sha256', body)}` // the same when it comes again after a cut
  const startedMs = performance.now()
  const { status, detail } = await fetch(forwardTo, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...signedHeaders(secret, { id, body, at: new Date() }),
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(answerMs),
  }).then(
    async (response) => {
      await response.body?.cancel()
      return { status: response.status, detail: `HTTP ${response.status}` }
    },
    (error: Error) => ({ status: null, detail: `no answer: ${causeOf(error)}` }),
  )
  const ms = Math.round(performance.now() - startedMs)
  const { type, data } = result
  if (json) return printJson({ type, id: data.id, status, detail, duration_ms: ms })
  const isTaken = status !== null && status >= 200 && status < 300
  const mark = isTaken ? styled('green', '✓') : styled('red', '✗')
  print(`${mark} ${type} ${styled('dim', data.id ?? '')} ${detail}, ${ms} ms`)
}

/** fetch keeps what went wrong in `cause`. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}

function parseAddress(address: string): string {
  const url = URL.parse(address)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return address
  throw new InvalidArgumentError('Use an address such as http://localhost:3000/hooks.')
}

function parseSecret(secret: string): string {
  if (standardWebhookKey(secret) !== null) return secret
  throw new InvalidArgumentError('Use whsec_ and 24 to 64 bytes in base64.')
}
