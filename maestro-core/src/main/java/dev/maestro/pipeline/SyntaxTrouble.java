package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a text is no YAML, or no JSON, and what would mend it, in words that need no knowledge of
 * how a parser works.
 *
 * @param message what is wrong and the way out
 * @param line where, from 1; 0 when that is not known
 * @param column where in the line, from 1; 0 when that is not known
 */
record SyntaxTrouble(String message, int line, int column) {

  private static final String NO_END = "quoted scalar, found unexpected end of stream";
  private static final String CONTROL = "special characters are not allowed";

  /** What a parser says, as far as it tells one mistake from others, and how we say it. */
  private record Phrase(Pattern said, String words) {

    static Phrase of(String said, String words) {
      return new Phrase(Pattern.compile(said), words);
    }
  }

  private static final List<Phrase> PHRASES =
      List.of(
          // YAML
          Phrase.of(
              "character '\\\\t\\(TAB\\)' that cannot start",
              "a tab stands where a line is indented; indent with spaces"),
          Phrase.of(
              "character '(.+?)' that cannot start any token",
              "a text cannot begin with $1; put it in quotes"),
          Phrase.of(
              "Expected a field name \\(Scalar value in YAML\\)",
              "a field's name cannot be a list or an object; a text that begins with '{' or '[',"
                  + " such as \"{{ task }}\", stands in quotes"),
          Phrase.of(
              "mapping values are not allowed here",
              "a ':' stands where no field can begin; put a text that holds ': ' in quotes, and"
                  + " begin each field on a line of its own, as far to the right as those beside"
                  + " it"),
          Phrase.of(
              "expected <block end>, but found '<scalar>'",
              "something follows where a value has ended; put the whole text in quotes, or begin a"
                  + " line of its own, as far to the right as those beside it"),
          Phrase.of(
              "expected <block end>",
              "this line does not go with those before it; begin what belongs together equally far"
                  + " to the right, every item of a list with '- '"),
          Phrase.of(
              "while parsing a flow (?:mapping|sequence|node)",
              "a list in '[' and ']', or an object in '{' and '}', is not closed here, or a ',' is"
                  + " missing"),
          Phrase.of(
              NO_END, "the quoted text that begins here has no end; its closing quote is missing"),
          Phrase.of(
              "could not find expected ':'",
              "a ':' is missing behind the name of a field; the lines of a longer text begin"
                  + " farther to the right than its field"),
          Phrase.of(
              "found unknown escape character (\\S)\\(",
              "'\\$1' means nothing in double quotes; write '\\\\', or use single quotes"),
          Phrase.of(
              "while scanning a block scalar",
              "a text behind '|' or '>' begins on the next line, and farther to the right than its"
                  + " field"),
          Phrase.of(
              CONTROL,
              "a control character stands in the text; take it out, or write it as an escape such"
                  + " as \"\\x07\" in double quotes"),
          Phrase.of(
              "while scanning a directive",
              "a line that begins with '%' is not known; leave it out"),
          // JSON
          Phrase.of(
              "was expecting double-quote to start field name",
              "a field's name in double quotes should stand here; there is no ',' behind the last"
                  + " field"),
          Phrase.of(
              "Unrecognized token '(.*?)'", "'$1' is no value; a text stands in double quotes"),
          Phrase.of(
              "Unexpected end-of-input",
              "it ends too early; a closing '}', ']' or double quote is missing"),
          Phrase.of(
              "was expecting comma|was expecting a colon",
              "a ',' between two values, or a ':' behind a field's name, is missing before this"),
          Phrase.of(
              "Illegal unquoted character",
              "a text goes on over the end of a line, or holds a control character; write it as an"
                  + " escape such as \\n"),
          Phrase.of("Leading zeroes", "a number does not begin with a 0; put a text in quotes"),
          // both
          Phrase.of(
              "nesting depth \\(\\d+\\) exceeds the maximum allowed \\((\\d+)",
              "lists and objects are nested more than $1 deep"));

  private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

  /**
   * {@return what a parser says of a text}
   *
   * @param text all that it was to read
   */
  static SyntaxTrouble of(JsonProcessingException e, String text) {
    String said = e.getOriginalMessage();
    String essence = essence(said);
    if (essence.contains(CONTROL)) {
      return ofControl(text, words(essence));
    }
    // the YAML parser says itself, and last, where it stumbled; Jackson where it had come to before
    Matcher place = PLACE.matcher(ofYaml(said));
    int line = 0;
    int column = 0;
    // where a text began that has no end helps more than where the file ends
    boolean first = essence.contains(NO_END);
    while (place.find() && !(first && line > 0)) {
      line = Integer.parseInt(place.group(1));
      column = Integer.parseInt(place.group(2));
    }
    JsonLocation location = e.getLocation();
    if (line == 0 && location != null) {
      line = Math.max(0, location.getLineNr());
      column = Math.max(0, location.getColumnNr());
    }
    return new SyntaxTrouble(words(essence), line, column);
  }

  /** Of such a character the YAML parser tells no line. */
  private static SyntaxTrouble ofControl(String text, String words) {
    int at = 0;
    while (at < text.length() && isPrintable(text.codePointAt(at))) {
      at += Character.charCount(text.codePointAt(at));
    }
    String before = text.substring(0, at);
    int line = 1 + (int) before.chars().filter(one -> one == '\n').count();
    int begin = before.lastIndexOf('\n') + 1;
    return new SyntaxTrouble(words, line, 1 + before.codePointCount(begin, at));
  }

  /** As YAML 1.1 has it. */
  private static boolean isPrintable(int one) {
    return one == '\t'
        || one == '\n'
        || one == '\r'
        || one == 0x85
        || one >= ' ' && one < 0x7f
        || one >= 0xa0 && one < Character.MIN_SURROGATE
        || one > Character.MAX_SURROGATE && one != 0xfffe && one != 0xffff;
  }

  /** What Jackson says of JSON may name the place where an object began. */
  private static String ofYaml(String said) {
    return said.lines().filter(line -> line.startsWith(" in ")).collect(Collectors.joining("\n"));
  }

  private static String words(String essence) {
    for (Phrase phrase : PHRASES) {
      Matcher said = phrase.said().matcher(essence);
      if (said.find()) {
        return said.groupCount() > 0 ? phrase.words().replace("$1", said.group(1)) : phrase.words();
      }
    }
    return "it cannot be read: " + essence;
  }

  /** Leaves out the excerpts and positions that parsers put into their messages. */
  private static String essence(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith(" "))
        .collect(Collectors.joining(", "));
  }
}
