// PostgreSQL's settings: everything durable, nothing on the network, modest memory.

export type Settings = Record<string, string>

/** `overrides` are for tests. */
export function serverSettings(
  { major, socketDirectory }: { major: number; socketDirectory: string },
  overrides: Settings,
): Settings {
  return {
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    port: '5432', // names the socket's file; a port set in a file must not win
    max_connections: '60',

    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    max_wal_size: '2GB',
    wal_compression: 'on',

    shared_buffers: '128MB',
    jit: 'off', // compiling costs more than our short statements take
    ...(major >= 18 ? { io_method: 'sync' } : {}), // no pool of I/O processes for one small disk
    autovacuum_naptime: '15s', // queue tables change all the time
    idle_in_transaction_session_timeout: '60s', // an old snapshot keeps every queue row alive
    timezone: 'UTC',

    logging_collector: 'off',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    log_error_verbosity: 'terse', // details quote values, and values are people's data
    ...overrides,
  }
}

export function settingFlags(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
