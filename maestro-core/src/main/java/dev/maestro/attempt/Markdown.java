package dev.maestro.attempt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;
import java.util.function.UnaryOperator;

/** Texts of agents and tools, made fit to stand in a page of Markdown. */
final class Markdown {

  /** The longest input or output of a tool that is shown whole; the requirement M4-14. */
  static final int LONGEST = 10_000;

  private Markdown() {}

  /** {@return the text, or so much of it as is shown and how much more there is} */
  static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end) + "\n… (" + (text.length() - end) + " more characters are cut)";
  }

  /** {@return the text in a fence that nothing in it closes} */
  static String fenced(String language, String text) {
    String fence = "`".repeat(Math.max(3, longestRun(text) + 1));
    String end = text.endsWith("\n") ? "" : "\n";
    return fence + language + "\n" + text + end + fence + "\n";
  }

  private static int longestRun(String text) {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < text.length(); i++) {
      run = text.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /**
   * {@return JSON, indented and fenced; what is none is fenced as it is}
   *
   * @param hiding takes out what is not to be shown; asked again once the JSON is read, since it
   *     may have quoted that in any way
   */
  static String json(String told, UnaryOperator<String> hiding) {
    String text = hiding.apply(told);
    if (text.length() > 20 * LONGEST) {
      // to read it would take more memory than the few lines are worth that are shown of it
      return fenced("", cut(text));
    }
    try {
      JsonNode tree = Json.read(text);
      return tree.isMissingNode() ? "" : fenced("json", cut(hiding.apply(tree.toPrettyString())));
    } catch (JsonProcessingException e) {
      return text.isBlank() ? "" : fenced("", cut(text));
    }
  }

  /** {@return the text as a quotation} */
  static String quoted(String text) {
    return "> " + text.strip().replace("\n", "\n> ") + "\n";
  }

  /** {@return a name that others chose, as code in a line} */
  static String code(String name) {
    return "`" + name.replace('`', '\'').replaceAll("\\s+", " ") + "`";
  }
}
