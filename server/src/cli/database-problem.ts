// Why a database cannot be used: which step failed, on which host as which user, and what helps.
import { sqlState } from '../sql/db.ts'
import { isUnavailable } from '../sql/unavailable.ts'

export type Problem = { text: string; fix: string }

type Target = { host: string; port: string; user: string; database: string }

/** Null when the error is about something else. The password is never part of the answer. */
export function databaseProblem(error: unknown, databaseUrl: string | null): Problem | null {
  const cause = rootOf(error)
  const target = databaseUrl === null ? null : targetOf(databaseUrl)
  const where = target
    ? `PostgreSQL at ${target.host}:${target.port} (user ${target.user}, database ${target.database})`
    : 'The embedded PostgreSQL'
  const state = sqlState(cause)
  const known = state === null ? networkProblem(cause, target) : serverProblem(state, target)
  if (known) return { text: `${where} ${known.text}`, fix: known.fix }
  if (!isUnavailable(cause)) return null
  return {
    text: `${where} cannot be used: ${(cause as Error).message}`,
    fix: target
      ? 'Check BELFRY_DATABASE_URL: belfry doctor'
      : 'Look into postgres.log in the data directory.',
  }
}

/** pg wraps nothing, Node puts the tries of several addresses together: the first one tells enough. */
function rootOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error
}

function targetOf(databaseUrl: string): Target {
  const url = URL.parse(databaseUrl)
  return {
    host: url?.searchParams.get('host') ?? url?.hostname ?? '?',
    port: url?.port || '5432',
    user: decodeURIComponent(url?.username ?? '') || 'of the system',
    database: decodeURIComponent(url?.pathname.slice(1) ?? '') || 'of that name',
  }
}

function networkProblem(error: unknown, target: Target | null): Problem | null {
  if (!(error instanceof Error) || target === null) return null
  const { code, message } = error as NodeJS.ErrnoException
  const { host, port } = target
  const isTls = /SSL|TLS|certificate/i.test(message) || /CERT|SSL|TLS/.test(code ?? '')
  if (isTls)
    return {
      text: `failed while securing the connection (TLS): ${message}`,
      fix: 'Set sslmode in BELFRY_DATABASE_URL to what the server offers, and sslrootcert to its authority.',
    }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return {
      text: 'failed at finding the host (DNS).',
      fix: `Is the name right? getent hosts ${host}`,
    }
  if (code === 'ECONNREFUSED')
    return {
      text: 'refused the connection (TCP): nothing listens there.',
      fix: `Is PostgreSQL running, and does it listen on port ${port}? pg_isready -h ${host} -p ${port}`,
    }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || /timeout/i.test(message))
    return {
      text: 'did not answer (TCP).',
      fix: 'Is a firewall in between, or the address of another network?',
    }
  return null
}

function serverProblem(state: string, target: Target | null): Problem | null {
  const database = target?.database ?? 'postgres'
  const problems: Record<string, Problem> = {
    '28P01': {
      text: 'refused the password.',
      fix: 'Correct user and password in BELFRY_DATABASE_URL.',
    },
    '28000': {
      text: 'does not let this user in.',
      fix: 'Allow the user in pg_hba.conf, or use another.',
    },
    '3D000': { text: 'has no such database.', fix: `Create it: createdb ${database}` },
    '42501': {
      text: 'does not give this user enough rights.',
      fix: `Belfry makes its tables in a schema of its own: grant create on database ${database} to the user.`,
    },
    '53300': {
      text: 'has no connection left.',
      fix: 'Raise max_connections, or stop something else.',
    },
    '57P03': { text: 'is starting or stopping.', fix: 'Try again in a few seconds.' },
  }
  return problems[state] ?? null
}
