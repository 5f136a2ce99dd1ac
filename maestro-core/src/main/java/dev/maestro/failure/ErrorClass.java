package dev.maestro.failure;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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
  /** The conversation to resume is not there any more; the next launch begins a new one. */
  SESSION_LOST,
  /** The provider or the model declined. */
  REFUSED,
  /** Stopped on request. */
  CANCELLED,
  /** A limit on time was reached. */
  TIMEOUT,
  /** It has used up what the launch may use up, or what is left of that is too little to go on. */
  BUDGET_EXCEEDED,
  /** It has come to a limit that it has of its own, such as how often its model may be called. */
  LIMIT_REACHED,
  /** Something that may be gone next time. */
  TRANSIENT,
  /** Something that stays until somebody changes something. */
  PERMANENT;

  /** {@return its name in text forms, such as {@code quota-exhausted}} */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return the error class with this name in text forms, if there is one} */
  public static Optional<ErrorClass> ofCode(String code) {
    return Arrays.stream(values()).filter(value -> value.code().equals(code)).findFirst();
  }

  /** {@return whether making the same call again can help} */
  public boolean isRetryable() {
    return this != AUTHENTICATION && this != PERMANENT && this != CANCELLED;
  }
}
