package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Says of tools by their names whether they may be used; of one that is in neither list, nothing.
 *
 * <p>A tool in both lists may not. Asked at each use of a tool, in the order in which a step names
 * its guardrails; off unless it is switched on.
 *
 * @param allow may be used, as far as no other guardrail objects
 * @param deny may not
 */
public record ToolGuard(List<String> allow, List<String> deny) implements Guardrail {

  /** Its name. */
  public static final String RULE = "tools";

  /** Check that there are tools. */
  public ToolGuard {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
    if (allow.isEmpty() && deny.isEmpty()) {
      throw new IllegalArgumentException("a guardrail for tools names at least one");
    }
  }

  /** {@return the same, and these tools may not be used} */
  public ToolGuard deny(String... tools) {
    return new ToolGuard(allow, List.of(tools));
  }

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    if (!(subject instanceof Subject.Tool tool)) {
      return Optional.empty();
    }
    if (deny.contains(tool.name())) {
      return Optional.of(
          Finding.of(
              new Verdict.Refuse(
                  Reason.GUARDRAIL_BLOCKED,
                  "the tool '" + tool.name() + "' may not be used",
                  false)));
    }
    return allow.contains(tool.name())
        ? Optional.of(Finding.of(Verdict.proceed()))
        : Optional.empty();
  }
}
