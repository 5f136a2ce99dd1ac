package dev.maestro.policy;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Refuses prompts, commands of command steps and commands of tools that have one of the terms,
 * prose about it too: the requirement M2-19.
 *
 * <p>That a tool's command has none of them does not yet allow it.
 *
 * @param list the terms; {@link TermList#DESTRUCTIVE} by default
 */
public record TermGuard(TermList list) implements Guardrail {

  /** Its name. */
  public static final String RULE = "terms";

  /** Check that there are terms. */
  public TermGuard {
    Objects.requireNonNull(list, "list");
    if (list.terms().isEmpty()) {
      throw new IllegalArgumentException("a list of terms needs at least one");
    }
  }

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    if (subject instanceof Subject.Prompt prompt) {
      return Optional.of(Finding.of(list.refuse("the prompt", prompt.text())));
    }
    return subject
        .reach()
        .filter(Reach::runs)
        .map(reach -> list.refuse("the command", commands(reach)))
        .filter(verdict -> subject.place() != Place.TOOL || verdict instanceof Verdict.Refuse)
        .map(Finding::of);
  }

  private static String commands(Reach reach) {
    return reach.commands().stream().map(Reach.Command::text).collect(Collectors.joining("\n"));
  }
}
