package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.CutSecrets;
import dev.maestro.policy.SecretShapes;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The secrets of one step, which its processes are handed, and of the whole pipeline, which are
 * taken out of whatever comes back: one step may print what another has written.
 */
final class Secrets implements UnaryOperator<String> {

  /** No secrets at all. */
  static final Secrets NONE = new Secrets(Map.of(), Set.of(), false);

  private static final Pattern REMOVED = Pattern.compile("(?m)^-(.*)$");

  private final Map<String, String> values;
  private final Set<String> declared;
  private final List<String> longestFirst;
  // whether what looks like a secret is hidden, too
  private final boolean hidesShapes;

  private Secrets(Map<String, String> values, Collection<String> hidden, boolean hidesShapes) {
    this.values = Map.copyOf(values);
    this.declared = Set.copyOf(hidden);
    this.hidesShapes = hidesShapes;
    this.longestFirst = SecretForms.of(declared);
  }

  /** {@return what is to be hidden where nobody but rules says anything that is recorded} */
  static Secrets whereRulesSpeak(Assignment a, SecretSource source) {
    boolean silent = a.policies().isNone() && a.task().step().interceptors().isEmpty();
    return silent ? NONE : of(a, source);
  }

  /** {@return the step's own secrets to hand on, and those of the whole pipeline to hide} */
  static Secrets of(Assignment a, SecretSource source) {
    Step step = a.task().step();
    boolean hidesShapes = a.policies().hideSecrets();
    if (step.secrets().isEmpty() && a.secretNames().isEmpty() && !hidesShapes) {
      return NONE;
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : step.secrets()) {
      values.put(
          name,
          source
              .find(name)
              .orElseThrow(
                  () ->
                      new StoppedException(
                          new Verdict.Refuse(
                              Reason.SECRET_MISSING,
                              "the secret " + name + " of step " + step.id() + " has no value",
                              true))));
    }
    Set<String> hidden = new HashSet<>(values.values());
    a.secretNames().forEach(name -> source.find(name).ifPresent(hidden::add));
    return new Secrets(values, hidden, hidesShapes);
  }

  /** {@return those of these names that have a value, to hide and not to hand on} */
  static Secrets toHide(Set<String> names, boolean hidesShapes, SecretSource source) {
    Set<String> hidden = new HashSet<>();
    names.forEach(name -> source.find(name).ifPresent(hidden::add));
    return new Secrets(Map.of(), hidden, hidesShapes);
  }

  /** {@return those of the whole pipeline that have a value, to hide and not to hand on} */
  static Secrets toHide(Assignment a, SecretSource source) {
    Set<String> names = new HashSet<>(a.secretNames());
    names.addAll(a.task().step().secrets());
    return toHide(names, a.policies().hideSecrets(), source);
  }

  Map<String, String> environment() {
    return values;
  }

  @Override
  public String apply(String text) {
    String hidden = applyDeclared(text);
    return hidesShapes ? SecretShapes.without(hidden) : hidden;
  }

  /** {@return the same without them in any of its texts} */
  JsonNode apply(JsonNode json) {
    return Json.withTexts(json, this);
  }

  /**
   * {@return the text without those that the pipeline declares; what only looks like one stays, for
   * whoever may write the text back}
   */
  String applyDeclared(String text) {
    return longestFirst.isEmpty()
        ? text
        : without(longestFirst, CutSecrets.without(longestFirst, text));
  }

  /**
   * {@return how much of the end of the text is not to be parted from what comes after it: it may
   * be the beginning of a secret}
   */
  int begunIn(String text) {
    int declared = CutSecrets.begun(longestFirst, text);
    return hidesShapes ? Math.max(declared, SecretShapes.begun(text)) : declared;
  }

  /** {@return the diff without them} */
  String applyToDiff(String diff) {
    String hidden = apply(diff);
    return hidesShapes ? REMOVED.matcher(hidden).replaceAll(Secrets::withoutShapes) : hidden;
  }

  /** The sign of a line that was removed may look like a part of what comes after it. */
  private static String withoutShapes(MatchResult removed) {
    return Matcher.quoteReplacement("-" + SecretShapes.without(removed.group(1)));
  }

  private static String without(List<String> secrets, String text) {
    String hidden = text;
    for (String secret : secrets) {
      hidden = hidden.replace(secret, SecretShapes.MARK);
    }
    return hidden;
  }

  /** {@return how many of those that the pipeline declares are in the text, in whatever form} */
  int countIn(String text) {
    return (int) declared.stream().filter(value -> SecretForms.isIn(text, value)).count();
  }
}
