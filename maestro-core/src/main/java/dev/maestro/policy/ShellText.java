package dev.maestro.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Takes a text apart into the commands that a POSIX shell would run, without running anything.
 *
 * <p>Quotes, escapes, comments, here-documents, redirections, lists, pipes, groups and
 * substitutions are understood. What only the shell could know, the value of a variable or the
 * output of a substitution, stands in a word as {@link #UNKNOWN}; the commands of a substitution
 * are commands too. One pass, no backtracking.
 */
final class ShellText {

  /** Stands in a word for text that is not known before the shell runs. */
  static final char UNKNOWN = '\uFFFC';

  /** The same outside of quotes, where it may become several words or an option. */
  static final char UNKNOWN_WORDS = '\uFFFB';

  private static final String SEPARATORS = ";&|()\n";

  /**
   * A command.
   *
   * @param words the program and its arguments
   * @param writes files that its output is sent to
   * @param input what a here-document or a here-string hands to it
   * @param piped whether its input is the output of another command
   */
  record Command(List<String> words, List<String> writes, List<String> input, boolean piped) {}

  private final String text;
  private final int depth;
  private final List<Command> commands = new ArrayList<>();
  private final Deque<Delimiter> documents = new ArrayDeque<>();
  private List<String> words = new ArrayList<>();
  private List<String> writes = new ArrayList<>();
  private List<String> input = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private boolean inQuotes;
  private boolean hasQuotes;
  private Next next = Next.ARGUMENT;
  private boolean piped;
  private boolean unclear;
  private int at;

  /** What the word that is being read is for. */
  private enum Next {
    ARGUMENT,
    WRITTEN_FILE,
    READ_FILE,
    HERE_STRING,
    DOCUMENT
  }

  /** What ends a here-document, and whether substitutions in it are carried out. */
  private record Delimiter(String line, boolean literal) {}

  private ShellText(String text, int depth) {
    this.text = text;
    this.depth = depth;
  }

  /**
   * What a text says.
   *
   * @param commands in the order of the text; those of substitutions before the one they stand in
   * @param unclear whether it ends in the middle of something or is nested too deeply
   */
  record Reading(List<Command> commands, boolean unclear) {}

  static Reading read(String text) {
    return read(text, 0);
  }

  private static Reading read(String text, int depth) {
    ShellText shell = new ShellText(text, depth);
    shell.read();
    return new Reading(shell.commands, shell.unclear);
  }

  private void read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || c == '\r') {
        endWord();
        at++;
      } else if (SEPARATORS.indexOf(c) >= 0) {
        separator(c);
      } else if (c == '#' && !inWord) {
        skipComment();
      } else if (c == '<' || c == '>') {
        redirection(c);
      } else {
        piece(c);
      }
    }
    endCommand(false);
    unclear |= !documents.isEmpty();
  }

  private void separator(char c) {
    if (c == '&' && at + 1 < text.length() && text.charAt(at + 1) == '>') {
      endWord();
      at++;
      return;
    }
    boolean pipe = c == '|' && !follows('|') && !precededBy('|');
    if (c == '\n') {
      endWord();
      at++;
      skipDocuments();
      endCommand(false);
      return;
    }
    endCommand(pipe);
    at++;
  }

  private boolean follows(char c) {
    return at + 1 < text.length() && text.charAt(at + 1) == c;
  }

  private boolean precededBy(char c) {
    return at > 0 && text.charAt(at - 1) == c;
  }

  private void skipComment() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  /** A part of a word: a character, a quotation, an expansion. */
  private void piece(char c) {
    inWord = true;
    switch (c) {
      case '\\' -> escape();
      case '\'' -> singleQuoted();
      case '"' -> doubleQuoted();
      case '$' -> dollar();
      case '`' -> backquoted();
      default -> {
        word.append(c);
        at++;
      }
    }
  }

  private void escape() {
    hasQuotes = true;
    if (at + 1 >= text.length()) {
      unclear = true;
    } else if (text.charAt(at + 1) != '\n') {
      word.append(text.charAt(at + 1));
    }
    at = Math.min(at + 2, text.length());
  }

  private void singleQuoted() {
    hasQuotes = true;
    int end = text.indexOf('\'', at + 1);
    unclear |= end < 0;
    int to = end < 0 ? text.length() : end;
    word.append(text, at + 1, to);
    at = Math.min(to + 1, text.length());
  }

  private void doubleQuoted() {
    hasQuotes = true;
    inQuotes = true;
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      quotedPiece(text.charAt(at));
    }
    inQuotes = false;
    unclear |= at >= text.length();
    at = Math.min(at + 1, text.length());
  }

  /** What means something between double quotes and in a here-document. */
  private void quotedPiece(char c) {
    if (c == '\\' && at + 1 < text.length() && "\"\\$`\n".indexOf(text.charAt(at + 1)) >= 0) {
      escape();
    } else if (c == '$') {
      dollar();
    } else if (c == '`') {
      backquoted();
    } else {
      word.append(c);
      at++;
    }
  }

  private void dollar() {
    char following = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    if (following == '(') {
      substitution(at + 2);
    } else if (following == '{') {
      int end = text.indexOf('}', at);
      unclear |= end < 0;
      word.append(inQuotes ? UNKNOWN : UNKNOWN_WORDS);
      at = end < 0 ? text.length() : end + 1;
    } else if (following == '\'') {
      word.append(inQuotes ? UNKNOWN : UNKNOWN_WORDS);
      at++;
      skipAnsiQuoted();
    } else if (isName(following) || "@*#?$!-".indexOf(following) >= 0) {
      word.append(inQuotes ? UNKNOWN : UNKNOWN_WORDS);
      at += 2;
      while (isName(following) && at < text.length() && isName(text.charAt(at))) {
        at++;
      }
    } else {
      word.append('$');
      at++;
    }
  }

  private static boolean isName(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private void skipAnsiQuoted() {
    at++;
    while (at < text.length() && text.charAt(at) != '\'') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    unclear |= at >= text.length();
    at = Math.min(at + 1, text.length());
  }

  private void substitution(int from) {
    int end = closing(from);
    unclear |= end < 0;
    int to = end < 0 ? text.length() : end;
    within(text.substring(from, to));
    word.append(inQuotes ? UNKNOWN : UNKNOWN_WORDS);
    at = Math.min(to + 1, text.length());
  }

  /** Where the parenthesis closes that opened before {@code from}; quotes are stepped over. */
  private int closing(int from) {
    int open = 1;
    for (int i = from; i < text.length(); i++) {
      switch (text.charAt(i)) {
        case '\\' -> i++;
        case '\'', '"' -> i = quoteEnd(i);
        case '(' -> open++;
        case ')' -> open--;
        default -> {
          // goes on
        }
      }
      if (open == 0) {
        return i;
      }
    }
    return -1;
  }

  private int quoteEnd(int from) {
    char quote = text.charAt(from);
    int i = from + 1;
    while (i < text.length() && text.charAt(i) != quote) {
      i += quote == '"' && text.charAt(i) == '\\' ? 2 : 1;
    }
    return i;
  }

  private void backquoted() {
    int end = at + 1;
    StringBuilder inside = new StringBuilder();
    while (end < text.length() && text.charAt(end) != '`') {
      if (text.charAt(end) == '\\' && end + 1 < text.length()) {
        end++;
      }
      inside.append(text.charAt(end));
      end++;
    }
    unclear |= end >= text.length();
    within(inside.toString());
    word.append(inQuotes ? UNKNOWN : UNKNOWN_WORDS);
    at = Math.min(end + 1, text.length());
  }

  private void within(String inner) {
    if (depth >= CommandRules.MOST_NESTED) {
      unclear = true;
      return;
    }
    Reading reading = read(inner, depth + 1);
    commands.addAll(reading.commands());
    unclear |= reading.unclear();
  }

  private void redirection(char c) {
    boolean descriptor = inWord && word.chars().allMatch(Character::isDigit);
    if (descriptor) {
      word.setLength(0);
      inWord = false;
    }
    endWord();
    if (follows('(')) {
      substitution(at + 2);
      inWord = true;
      return;
    }
    int begin = at;
    while (at < text.length() && "<>&|".indexOf(text.charAt(at)) >= 0 && at - begin < 3) {
      at++;
    }
    String operator = text.substring(begin, at);
    if (operator.equals("<<") && at < text.length() && text.charAt(at) == '-') {
      at++;
    }
    next = meaning(operator, c);
  }

  private static Next meaning(String operator, char first) {
    if (operator.equals("<<<")) {
      return Next.HERE_STRING;
    }
    if (operator.equals("<<")) {
      return Next.DOCUMENT;
    }
    boolean reads = first == '<' && !operator.equals("<>");
    return reads ? Next.READ_FILE : Next.WRITTEN_FILE;
  }

  private void endWord() {
    if (!inWord) {
      return;
    }
    String finished = word.toString();
    word.setLength(0);
    inWord = false;
    switch (next) {
      case ARGUMENT -> words.add(finished);
      case WRITTEN_FILE -> writes.add(finished);
      case HERE_STRING -> input.add(finished);
      case DOCUMENT -> documents.add(new Delimiter(finished, hasQuotes));
      case READ_FILE -> {
        // what is only read harms nothing
      }
    }
    next = Next.ARGUMENT;
    hasQuotes = false;
  }

  private void skipDocuments() {
    while (!documents.isEmpty()) {
      Delimiter delimiter = documents.remove();
      String body = body(delimiter.line());
      input.add(body);
      if (!delimiter.literal()) {
        expanded(body);
      }
    }
  }

  private String body(String delimiter) {
    StringBuilder body = new StringBuilder();
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      String line = text.substring(at, end < 0 ? text.length() : end);
      at = end < 0 ? text.length() : end + 1;
      if (line.strip().equals(delimiter)) {
        return body.toString();
      }
      body.append(line).append('\n');
    }
    unclear = true;
    return body.toString();
  }

  /** The commands of the substitutions in a here-document. */
  private void expanded(String body) {
    ShellText document = new ShellText(body, depth);
    document.inQuotes = true;
    while (document.at < body.length()) {
      document.quotedPiece(body.charAt(document.at));
    }
    commands.addAll(document.commands);
    unclear |= document.unclear;
  }

  private void endCommand(boolean pipesOn) {
    endWord();
    boolean empty = words.isEmpty() && writes.isEmpty();
    if (!empty) {
      commands.add(new Command(words, writes, input, piped));
    }
    words = new ArrayList<>();
    writes = new ArrayList<>();
    input = new ArrayList<>();
    piped = pipesOn || (piped && empty);
  }
}
