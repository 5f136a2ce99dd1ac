package dev.maestro.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why a task or a run moved: an open set of codes with constants for those Maestro gives itself.
 *
 * @param code lower-case words with {@code -} between them
 */
public record Reason(String code) {

  private static final int MAX_LENGTH = 60;

  /** Check the code. */
  public Reason {
    Objects.requireNonNull(code, "code");
    if (!isCode(code)) {
      throw new IllegalArgumentException(
          "a reason is lower-case words with '-' between them, not '" + code + "'");
    }
  }

  private static boolean isCode(String code) {
    int length = code.length();
    if (length == 0 || length > MAX_LENGTH || !isLetter(code.charAt(0))) {
      return false;
    }
    for (int i = 1; i < length; i++) {
      char c = code.charAt(i);
      boolean between = c == '-' && code.charAt(i - 1) != '-' && i < length - 1;
      if (!between && !isLetter(c) && !(c >= '0' && c <= '9')) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z';
  }

  /** The code {@code dispatched}. */
  public static final Reason DISPATCHED = new Reason("dispatched");

  /** The code {@code succeeded}. */
  public static final Reason SUCCEEDED = new Reason("succeeded");

  /** The code {@code no-gates}. */
  public static final Reason NO_GATES = new Reason("no-gates");

  /** The code {@code gates-passed}. */
  public static final Reason GATES_PASSED = new Reason("gates-passed");

  /** The code {@code forked}. */
  public static final Reason FORKED = new Reason("forked");

  /** The code {@code redefined}. */
  public static final Reason REDEFINED = new Reason("redefined");

  /** The code {@code gate-failed}. */
  public static final Reason GATE_FAILED = new Reason("gate-failed");

  /** The code {@code fewer-tests}. */
  public static final Reason FEWER_TESTS = new Reason("fewer-tests");

  /** The code {@code error}. */
  public static final Reason ERROR = new Reason("error");

  /** The code {@code retry}. */
  public static final Reason RETRY = new Reason("retry");

  /** The code {@code attempts-exhausted}. */
  public static final Reason ATTEMPTS_EXHAUSTED = new Reason("attempts-exhausted");

  /** The code {@code changes-requested}. */
  public static final Reason CHANGES_REQUESTED = new Reason("changes-requested");

  /** The code {@code approved}. */
  public static final Reason APPROVED = new Reason("approved");

  /** The code {@code rejected}. */
  public static final Reason REJECTED = new Reason("rejected");

  /** The code {@code expired}. */
  public static final Reason EXPIRED = new Reason("expired");

  /** The code {@code escalated}. */
  public static final Reason ESCALATED = new Reason("escalated");

  /** The code {@code budget-exceeded}. */
  public static final Reason BUDGET_EXCEEDED = new Reason("budget-exceeded");

  /** The code {@code degraded}. */
  public static final Reason DEGRADED = new Reason("degraded");

  /** The code {@code guardrail-blocked}. */
  public static final Reason GUARDRAIL_BLOCKED = new Reason("guardrail-blocked");

  /** The code {@code low-confidence}. */
  public static final Reason LOW_CONFIDENCE = new Reason("low-confidence");

  /** The code {@code eval-blocked}. */
  public static final Reason EVAL_BLOCKED = new Reason("eval-blocked");

  /** The code {@code circuit-open}. */
  public static final Reason CIRCUIT_OPEN = new Reason("circuit-open");

  /** The code {@code no-op}. */
  public static final Reason NO_OP = new Reason("no-op");

  /** The code {@code rate-limited}. */
  public static final Reason RATE_LIMITED = new Reason("rate-limited");

  /** The code {@code quota-exhausted}. */
  public static final Reason QUOTA_EXHAUSTED = new Reason("quota-exhausted");

  /** The code {@code timeout}. */
  public static final Reason TIMEOUT = new Reason("timeout");

  /** The code {@code max-iterations}. */
  public static final Reason MAX_ITERATIONS = new Reason("max-iterations");

  /** The code {@code interrupted}. */
  public static final Reason INTERRUPTED = new Reason("interrupted");

  /** The code {@code dependency-failed}. */
  public static final Reason DEPENDENCY_FAILED = new Reason("dependency-failed");

  /** The code {@code role-violation}. */
  public static final Reason ROLE_VIOLATION = new Reason("role-violation");

  /** The code {@code emergency-stop}. */
  public static final Reason EMERGENCY_STOP = new Reason("emergency-stop");

  /** The code {@code paused}. */
  public static final Reason PAUSED = new Reason("paused");

  /** The code {@code resumed}. */
  public static final Reason RESUMED = new Reason("resumed");

  /** The code {@code cancelled}. */
  public static final Reason CANCELLED = new Reason("cancelled");

  /** The code {@code condition-false}. */
  public static final Reason CONDITION_FALSE = new Reason("condition-false");

  /** The code {@code provider-missing}. */
  public static final Reason PROVIDER_MISSING = new Reason("provider-missing");

  /** The code {@code code-missing}. */
  public static final Reason CODE_MISSING = new Reason("code-missing");

  /** The code {@code merge-conflict}. */
  public static final Reason MERGE_CONFLICT = new Reason("merge-conflict");

  /** The code {@code merged}. */
  public static final Reason MERGED = new Reason("merged");

  /** The code {@code requeued}. */
  public static final Reason REQUEUED = new Reason("requeued");

  /** The code {@code delayed}. */
  public static final Reason DELAYED = new Reason("delayed");

  /** The code {@code waiting}. */
  public static final Reason WAITING = new Reason("waiting");

  /** The code {@code invalid-output}. */
  public static final Reason INVALID_OUTPUT = new Reason("invalid-output");

  /** The code {@code invalid-plan}. */
  public static final Reason INVALID_PLAN = new Reason("invalid-plan");

  /** The code {@code output-too-large}. */
  public static final Reason OUTPUT_TOO_LARGE = new Reason("output-too-large");

  /** The code {@code no-workspace}. */
  public static final Reason NO_WORKSPACE = new Reason("no-workspace");

  /** The code {@code secret-missing}. */
  public static final Reason SECRET_MISSING = new Reason("secret-missing");

  /** {@return the reason with this code} */
  public static Reason of(String code) {
    return new Reason(code);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Reason that && code.equals(that.code);
  }

  @Override
  public int hashCode() {
    return code.hashCode();
  }

  @Override
  public String toString() {
    return code;
  }
}
