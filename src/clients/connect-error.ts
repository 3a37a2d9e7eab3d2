/** A connection that could not be made. The message is libpq's, with its "connection to server at … failed: ". */
export class ConnectError extends Error {
  readonly needsPassword: boolean;

  constructor(message: string, needsPassword: boolean, options?: ErrorOptions) {
    super(message, options);
    this.needsPassword = needsPassword;
  }
}
