package dev.maestro.attempt;

import dev.maestro.policy.Verdict;

/** Carries a verdict from deep inside an attempt to the one place that answers with it. */
final class StoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Verdict verdict;

  StoppedException(Verdict verdict) {
    super(verdict.toString(), null, false, false);
    this.verdict = verdict;
  }

  Verdict verdict() {
    return verdict;
  }
}
