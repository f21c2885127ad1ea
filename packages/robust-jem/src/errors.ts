/** What a user can mend: one sentence of fact, one of remedy, and the facts as data. Printed as one line, exit code 1 (2 for usage). */
export class UserError extends Error {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
  readonly exitCode: 1 | 2

  constructor(
    code: string,
    message: string,
    { exitCode = 1, ...details }: { exitCode?: 1 | 2 } & Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'UserError'
    this.code = code
    this.details = details
    this.exitCode = exitCode
  }
}
