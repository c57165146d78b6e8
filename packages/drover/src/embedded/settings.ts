/** For a machine of two cores: enough for a million rows, little enough to run twice. */
const defaults: Readonly<Record<string, string>> = {
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  maintenance_work_mem: '256MB',
  work_mem: '32MB',
  max_connections: '60',
  wal_level: 'replica',
  max_wal_senders: '0',
  log_min_messages: 'warning',
  // The server refuses this setting where the system cannot tell that a peer is gone.
  ...(process.platform !== 'win32' && { client_connection_check_interval: '2s' }),
}

/**
 * Only tests may do without: a power failure ruins the data. Commits stay synchronous, so that a server which is killed
 * still has what it confirmed.
 */
const withoutFsync: Readonly<Record<string, string>> = { fsync: 'off', full_page_writes: 'off' }

/** The server's settings: drover's own, below those that were asked for. */
export function serverSettings(options: {
  readonly fsync?: boolean | undefined
  readonly settings?: Readonly<Record<string, string>> | undefined
}): Readonly<Record<string, string>> {
  return { ...defaults, ...(options.fsync === false && withoutFsync), ...options.settings }
}
