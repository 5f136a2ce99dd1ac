package dev.maestro.failure;

/** The kinds of error that decide what happens next. */
public enum ErrorClass {
  /** Not signed in, or a bad key: no retry helps. */
  AUTHENTICATION,
  /** A plan or a quota is used up, maybe until a known instant. */
  QUOTA_EXHAUSTED,
  /** Too many requests just now. */
  RATE_LIMITED,
  /** The conversation no longer fits the model. */
  CONTEXT_OVERFLOW,
  /** The provider or the model declined. */
  REFUSED,
  /** Stopped on request. */
  CANCELLED,
  /** A limit on time was reached. */
  TIMEOUT,
  /** Something that may be gone next time. */
  TRANSIENT,
  /** Something that stays until somebody changes something. */
  PERMANENT;

  /** {@return whether making the same call again can help} */
  public boolean isRetryable() {
    return this != AUTHENTICATION && this != PERMANENT && this != CANCELLED;
  }
}
