package dev.maestro.policy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A rule that can stop an action before, during or after it. Data: pipelines hold it.
 *
 * <p>Every guardrail of a step is asked, those of the pipelines around it first, each in the order
 * in which it was added; the first that does not let the attempt go on decides. Doubt asks, silence
 * denies. Clients do not implement it: rules of one's own are interceptors.
 */
public sealed interface Guardrail {

  /** {@return what the rule is called in files and in the chain of a run} */
  String rule();

  /**
   * {@return what it says of this; empty when such things do not concern it}
   *
   * <p>Pure: the same subject gives the same answer.
   */
  Optional<Finding> check(Subject subject);

  /** {@return no prompt and no command with one of the terms of {@link TermList#DESTRUCTIVE}} */
  static Guardrail terms() {
    return new Terms(TermList.DESTRUCTIVE);
  }

  /** {@return no prompt and no command with one of these terms} */
  static Guardrail terms(String... terms) {
    return new Terms(new TermList(List.of(terms)));
  }

  /**
   * Refuses what has one of the terms, prose about it too: the requirement M2-19.
   *
   * @param list the terms
   */
  record Terms(TermList list) implements Guardrail {

    /** Its name. */
    public static final String RULE = "terms";

    /** Check that there are terms. */
    public Terms {
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
      } else if (subject instanceof Subject.Command command) {
        String words = String.join(" ", command.command());
        return Optional.of(Finding.of(list.refuse("the command", words)));
      }
      return Optional.empty();
    }
  }
}
