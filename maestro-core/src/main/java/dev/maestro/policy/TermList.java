package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for terms in a text, without any idea of what is meant: prose about a term is found too.
 *
 * <p>Case does not matter, and every run of blanks and line breaks counts as one blank. For
 * commands that an agent wants to run, {@link CommandRules} reads what they do instead.
 *
 * @param terms what to look for, in lower case with single blanks
 */
public record TermList(List<String> terms) {

  private static final char LAST_ASCII = 0x7f;

  /** What destroys, as the requirement M2-19 lists it. */
  public static final TermList DESTRUCTIVE =
      new TermList(
          List.of(
              "rm -rf",
              "drop table",
              "truncate table",
              "delete from",
              "format disk",
              "wipe database"));

  /**
   * How an agent says that it is not sure, as the requirement M2-20 lists it, and the same as JSON,
   * YAML and Markdown are usually printed.
   */
  public static final TermList LOW_CONFIDENCE =
      new TermList(
          List.of(
              "confidence: low",
              "\"confidence\":\"low\"",
              "confidence=low",
              "low confidence",
              "\"confidence\": \"low\"",
              "'confidence': 'low'",
              "confidence: \"low\"",
              "confidence:low",
              "confidence = low",
              "confidence = \"low\"",
              "confidence level: low",
              "confidence:** low",
              "confidence**: low",
              "confidence: **low",
              "confidence:** **low",
              "confidence:* low",
              "confidence*: low",
              "confidence: `low",
              "confidence`: `low",
              "confidence | low"));

  /** Fold the terms as texts are folded. */
  public TermList {
    terms = terms.stream().map(TermList::folded).toList();
    if (terms.contains("")) {
      throw new IllegalArgumentException("a term must not be empty: it would be found everywhere");
    }
  }

  /** {@return the first of the terms that is in the text} */
  public Optional<String> firstIn(String text) {
    String folded = folded(text);
    for (String term : terms) {
      if (folded.contains(term)) {
        return Optional.of(term);
      }
    }
    return Optional.empty();
  }

  /** {@return whether a prompt may be sent: not if it has one of the terms} */
  public Verdict guard(String prompt) {
    return refuse("the prompt", prompt);
  }

  /** {@return whether what is called so may be used: not if its text has one of the terms} */
  Verdict refuse(String what, String text) {
    return firstIn(text)
        .<Verdict>map(
            term ->
                new Verdict.Refuse(
                    Reason.GUARDRAIL_BLOCKED, what + " contains '" + term + "'", false))
        .orElseGet(Verdict::proceed);
  }

  private static String folded(String text) {
    String ascii = foldedAscii(text);
    return ascii == null ? foldedAny(text) : ascii;
  }

  /** Most texts are ASCII, of which each character can be folded by itself; null for others. */
  private static @Nullable String foldedAscii(String text) {
    byte[] folded = new byte[text.length()];
    int length = 0;
    boolean blank = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > LAST_ASCII) {
        return null;
      }
      if (isBlank(c)) {
        blank = true;
        continue;
      }
      if (blank && length > 0) {
        folded[length++] = ' ';
      }
      blank = false;
      folded[length++] = (byte) (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return new String(folded, 0, length, StandardCharsets.ISO_8859_1);
  }

  private static boolean isBlank(char ascii) {
    return ascii == ' ' || ascii >= '\t' && ascii <= '\r' || ascii >= 0x1c && ascii <= 0x1f;
  }

  private static String foldedAny(String text) {
    StringBuilder folded = new StringBuilder(text.length());
    boolean blank = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
        blank = true;
        continue;
      }
      if (blank && folded.length() > 0) {
        folded.append(' ');
      }
      blank = false;
      folded.append(c);
    }
    return folded.toString().toLowerCase(Locale.ROOT);
  }
}
