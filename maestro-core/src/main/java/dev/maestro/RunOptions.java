package dev.maestro;

import dev.maestro.run.Terms;
import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Whose run it is, what hangs on it, and how urgent it is.
 *
 * @param tenant whose
 * @param actor who starts it
 * @param labels whatever the application wants to find it by; at most {@value #MOST_LABELS}, each
 *     with a key of 1 to 63 letters, digits, {@code .}, {@code _}, {@code -} and {@code /} and a
 *     value of one line of at most {@value #LONGEST_LABEL} characters
 * @param terms how urgent it is and how long it may take
 */
public record RunOptions(Tenant tenant, Actor actor, Map<String, String> labels, Terms terms) {

  /** How many labels a run may have. */
  public static final int MOST_LABELS = 32;

  /** How many characters the value of a label may have. */
  public static final int LONGEST_LABEL = 1_000;

  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,62}");

  /** Copy the labels, and check them. */
  public RunOptions {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(terms, "terms");
    labels = Map.copyOf(labels);
    if (labels.size() > MOST_LABELS) {
      throw new IllegalArgumentException("a run has at most " + MOST_LABELS + " labels");
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      requireLabel(label.getKey(), label.getValue());
    }
  }

  private static void requireLabel(String name, String value) {
    if (!LABEL.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the name of a label is 1 to 63 letters, digits, '.', '_', '-' and '/', not '"
              + name
              + "'");
    }
    if (value.length() > LONGEST_LABEL || value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the value of label '"
              + name
              + "' must be one line of at most "
              + LONGEST_LABEL
              + " characters");
    }
  }

  /** {@return options without labels, of the usual priority} */
  public static RunOptions of(Tenant tenant, Actor actor) {
    return new RunOptions(tenant, actor, Map.of(), Terms.DEFAULT);
  }

  /** {@return the same options and this label} */
  public RunOptions label(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(labels);
    more.put(name, value);
    return new RunOptions(tenant, actor, more, terms);
  }

  /**
   * {@return the same options for a run of this priority}
   *
   * <p>Slots go to the more urgent runs first; runs of one priority take turns. While more urgent
   * runs want every slot, less urgent ones start nothing: that is what a priority asks for. Nothing
   * at work is ever stopped for it.
   */
  public RunOptions priority(Priority priority) {
    return new RunOptions(tenant, actor, labels, terms.priority(priority));
  }

  /** {@return the same options, with a time limit instead of the pipeline's} */
  public RunOptions timeLimit(Duration inAll) {
    return new RunOptions(tenant, actor, labels, terms.timeLimit(inAll));
  }

  /**
   * {@return the same options for a run of this side (M2-05)}
   *
   * <p>Only this actor, and those whose names begin with its name and a {@code /}, answer the run's
   * questions, claim its tasks, resume, retry, rework and grant more, and those answer to whom they
   * hand a question on. Anybody may look, and pause, stop or cancel.
   */
  public RunOptions owner(Actor side) {
    return new RunOptions(tenant, actor, labels, terms.owner(side));
  }

  /**
   * {@return the same options for a run whose tasks anybody may claim, whoever owns it}
   *
   * <p>For work that is shared out; whoever owns the run answers what is asked about it. A run that
   * nobody owns is open to claims, and so is one that a host starts.
   */
  public RunOptions openToClaims() {
    return new RunOptions(tenant, actor, labels, terms.openToClaims());
  }
}
