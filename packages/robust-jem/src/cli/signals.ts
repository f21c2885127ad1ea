/** What asks a process to end: Ctrl-C, `kill`, and a terminal that closes. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
