// How the pages behind signed links are answered.
import type { FastifyReply } from 'fastify'
import { ApiError } from '../errors.ts'
import { pageHeaders } from './link-pages.ts'

/** False when the subscriber was deleted meanwhile. */
export async function isStillThere(change: Promise<unknown>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return false
    throw error
  }
}

export function show(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).headers(pageHeaders).serializer(String).send(html)
}
