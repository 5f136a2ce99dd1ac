package dev.maestro.policy;

import java.util.Objects;
import java.util.Optional;

/**
 * Refuses or asks about commands by what they do, of command steps and of tools: see {@link
 * CommandRules}.
 *
 * @param rules {@link CommandRules#DEFAULT} by default
 */
public record CommandGuard(CommandRules rules) implements Guardrail {

  /** Its name. */
  public static final String RULE = "commands";

  /** Check that nothing is missing. */
  public CommandGuard {
    Objects.requireNonNull(rules, "rules");
  }

  @Override
  public String rule() {
    return RULE;
  }

  /** The first command that is refused decides, then the first that asks. */
  @Override
  public Optional<Finding> check(Subject subject) {
    return subject
        .reach()
        .filter(reach -> !reach.commands().isEmpty())
        .flatMap(reach -> Optional.of(of(reach)).filter(verdict -> speaks(reach, verdict)))
        .map(Finding::of);
  }

  /** What only may be a command is not allowed by being harmless. */
  private static boolean speaks(Reach reach, Verdict verdict) {
    return reach.runs() || !(verdict instanceof Verdict.Proceed);
  }

  private Verdict of(Reach reach) {
    Verdict answer = Verdict.proceed();
    for (Reach.Command command : reach.commands()) {
      Verdict verdict =
          command.words().isEmpty() ? rules.check(command.text()) : rules.check(command.words());
      if (verdict instanceof Verdict.Refuse) {
        return verdict;
      } else if (verdict instanceof Verdict.Ask ask && answer instanceof Verdict.Proceed) {
        answer = new Verdict.Ask(ask.reason(), ask.question() + " It is: " + reach.shown());
      }
    }
    return answer;
  }
}
