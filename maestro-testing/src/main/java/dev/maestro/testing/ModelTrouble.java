package dev.maestro.testing;

/**
 * What can be wrong with a call of a model; a {@link ModelServer} answers with the status and the
 * body that the service of the protocol sends then.
 */
public enum ModelTrouble {
  /** Too many requests just now. */
  RATE_LIMITED,
  /** What was bought is used up. */
  QUOTA_EXHAUSTED,
  /** The key is not known. */
  BAD_KEY,
  /** The conversation does not fit the model. */
  CONTEXT_TOO_LONG,
  /** The service has too much to do. */
  OVERLOADED,
  /** The service failed. */
  SERVER_ERROR
}
