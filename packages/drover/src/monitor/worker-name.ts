/**
 * The name of a worker, `host.pid.number`: as long as an `application_name` has room for, and of characters that need no
 * quotes.
 */
export function workerName(host: string, pid: number | string, number: number): string {
  return `${prefixOf(host, pid)}${number}`
}

/** Whether a worker is one of the process that calls itself `host.pid` in its samples. */
export function isWorkerOf(worker: string, process: string): boolean {
  const [, host, pid] = /^(.*)\.(\d+)$/s.exec(process) ?? []
  return host !== undefined && pid !== undefined && worker.startsWith(prefixOf(host, pid))
}

function prefixOf(host: string, pid: number | string): string {
  return `${host.replace(/[^\w.-]/g, '-').slice(0, 24)}.${pid}.`
}
