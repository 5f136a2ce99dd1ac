package dev.maestro.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a text apart into the commands that a POSIX shell would run, without running anything.
 *
 * <p>Quotes, escapes, comments, here-documents, redirections, lists, pipes, groups, cases, arrays
 * and substitutions are understood. What only the shell could know, the value of a variable or the
 * output of a substitution, stands in a word as {@link #UNKNOWN}; the commands of a substitution
 * are commands too.
 *
 * <p>A substitution is read by a reader of its own, from where it begins to the parenthesis that it
 * meets as the end of its commands, so that what stands in its quotes and documents ends nothing.
 * Each character is read once at each depth of backquotes, and depth is bounded.
 */
final class ShellText {

  /** Stands in a word for text that is not known before the shell runs. */
  static final char UNKNOWN = '\uFFFC';

  /** The same where it may become several words or an option. */
  static final char UNKNOWN_WORDS = '\uFFFB';

  /** How the file is called that a shell makes of a process, {@code <(command)}. */
  static final String DESCRIPTOR = "/dev/fd/";

  private static final String SEPARATORS = ";&|()\n";
  private static final String IN_ARITHMETIC = "_ \t$+-*/%<>=!&|^~?:;,()[]{}.@#";
  private static final String MAY_BECOME_OPTIONS =
      "(?s)-.*|\\{(.*[{,])?[-" + UNKNOWN + UNKNOWN_WORDS + "].*";

  /** More groups and cases around a command are a doubt. */
  private static final int MOST_OPEN = 100;

  /**
   * A command.
   *
   * @param words the program and its arguments
   * @param writes files that its output is sent to
   * @param reads files that its input comes from
   * @param input what a here-document or a here-string hands to it
   */
  record Command(List<String> words, List<String> writes, List<String> reads, List<String> input) {}

  private final String text;
  private final int depth;
  private final List<Command> commands = new ArrayList<>();
  private final Deque<Delimiter> documents = new ArrayDeque<>();
  private final Deque<Around> around = new ArrayDeque<>();
  private List<String> words = new ArrayList<>();
  private List<String> writes = new ArrayList<>();
  private List<String> reads = new ArrayList<>();
  private List<String> input = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private boolean inQuotes;
  private boolean hasQuotes;
  private boolean hasBrace;
  private boolean hasBraces;
  private boolean inPattern;
  private Next next = Next.ARGUMENT;
  private int caseAt = -1;
  private int arrayFrom;
  private int parameters;
  private boolean untilParenthesis;
  private boolean closed;
  private boolean unclear;
  private int at;

  /** What the word that is being read is for. */
  private enum Next {
    ARGUMENT,
    WRITTEN_FILE,
    READ_FILE,
    DESCRIPTOR,
    HERE_STRING,
    DOCUMENT,
    INDENTED_DOCUMENT
  }

  /** What a command stands in. */
  private enum Around {
    GROUP,
    CASE,
    ARRAY
  }

  /** What ends a here-document, how it is read, and whose input it is. */
  private record Delimiter(String line, boolean literal, boolean indented, List<String> input) {}

  private ShellText(String text, int depth, int at) {
    this.text = text;
    this.depth = depth;
    this.at = at;
  }

  /**
   * What a text says.
   *
   * @param commands in the order of the text; those of substitutions before the one they stand in
   * @param unclear whether it ends in the middle of something or is nested too deeply
   */
  record Reading(List<Command> commands, boolean unclear) {}

  static Reading read(String text) {
    ShellText shell = new ShellText(text, 0, 0);
    shell.read();
    return new Reading(shell.commands, shell.unclear);
  }

  private void read() {
    while (at < text.length() && !closed) {
      char c = text.charAt(at);
      if (c == ' ' || c == '\t' || endsLine(c)) {
        endWord();
        at++;
      } else if (c == '\\' && follows('\n')) {
        at += 2;
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
    endCommand();
    unclear |= !documents.isEmpty() || !around.isEmpty() || closed != untilParenthesis;
  }

  /**
   * To a shell a carriage return is a character like any other, but some leave it out before the
   * end of a line. What ends a document is compared as it stands.
   */
  private boolean endsLine(char c) {
    boolean ends = c == '\r' && (follows('\n') || at + 1 == text.length());
    return ends && next != Next.DOCUMENT && next != Next.INDENTED_DOCUMENT;
  }

  private boolean follows(char c) {
    return at + 1 < text.length() && text.charAt(at + 1) == c;
  }

  private void skipComment() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  /** Nothing that follows is read. */
  private void giveUp() {
    unclear = true;
    at = text.length();
  }

  // ------------------------------------------------------------------ between words

  private void separator(char c) {
    if (around.peek() == Around.ARRAY) {
      inArray(c);
    } else if (inPattern) {
      inPattern(c);
    } else if (c == '&' && follows('>')) {
      endWord();
      at++;
    } else if (c == '(' && inWord && endsWith('=')) {
      endWord();
      arrayFrom = words.size();
      enter(Around.ARRAY);
    } else {
      betweenCommands(c);
    }
  }

  private void betweenCommands(char c) {
    if (c == '\n') {
      newline();
    } else if (c == '(') {
      endCommand();
      // some shells take it for arithmetic, in which quotes do not keep substitutions from running
      unclear |= follows('(') && endOfArithmetic(at + 1) < 0;
      enter(Around.GROUP);
    } else if (c == ')') {
      endCommand();
      at++;
      leaveGroup();
    } else {
      endCommand();
      at++;
      caseEnds(c);
    }
  }

  private void newline() {
    endWord();
    at++;
    skipDocuments();
    endCommand();
  }

  private boolean endsWith(char c) {
    return word.length() > 0 && word.charAt(word.length() - 1) == c;
  }

  private void enter(Around what) {
    at++;
    around.push(what);
    if (around.size() > MOST_OPEN) {
      giveUp();
    }
  }

  private void leaveGroup() {
    if (around.peek() == Around.GROUP) {
      around.pop();
    } else if (around.isEmpty() && untilParenthesis) {
      closed = true;
    } else {
      unclear = true;
    }
  }

  /** After {@code ;;} stands another pattern. */
  private void caseEnds(char first) {
    if (first == ';' && around.peek() == Around.CASE) {
      while (at < text.length() && ";&".indexOf(text.charAt(at)) >= 0) {
        inPattern = true;
        at++;
      }
    }
  }

  private void inPattern(char c) {
    endWord();
    if (!inPattern) {
      separator(c);
      return;
    }
    words.clear();
    inPattern = c != ')';
    at++;
    if (c == '\n') {
      skipDocuments();
    }
  }

  /** The elements of an array are no command. */
  private void inArray(char c) {
    endWord();
    at++;
    if (c == ')') {
      around.pop();
      words.subList(arrayFrom, words.size()).clear();
      // what follows at once belongs to the word
      unclear |=
          at < text.length()
              && " \t\n;&|)".indexOf(text.charAt(at)) < 0
              && !endsLine(text.charAt(at));
    } else if (c == '\n') {
      skipDocuments();
    } else {
      unclear = true;
    }
  }

  // ------------------------------------------------------------------ the parts of a word

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
        hasBrace |= c == '{';
        hasBraces |= hasBrace && (c == ',' || c == '.' && follows('.'));
        word.append(c);
        at++;
      }
    }
  }

  private void escape() {
    hasQuotes = true;
    if (at + 1 >= text.length()) {
      unclear = true;
    } else if (text.startsWith("\r\n", at + 1)) {
      // a shell that leaves the carriage return out goes on with the next line
      unclear = true;
      word.append('\r');
    } else if (text.charAt(at + 1) != '\n') {
      word.append(text.charAt(at + 1));
    }
    at = Math.min(at + 2, text.length());
  }

  private void singleQuoted() {
    hasQuotes = true;
    int end = text.indexOf('\'', at + 1);
    int to = end < 0 ? text.length() : end;
    word.append(text, at + 1, to);
    at = to;
    closing();
  }

  private void doubleQuoted() {
    boolean outer = inQuotes;
    hasQuotes = true;
    inQuotes = true;
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      quotedPiece(text.charAt(at));
    }
    inQuotes = outer;
    closing();
  }

  /** Step over what closes, which should be here. */
  private void closing() {
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
      parenthesis();
    } else if (following == '{') {
      parameter();
    } else if (following == '\'' && !inQuotes) {
      at++;
      skipAnsiQuoted();
      unknown(false);
    } else if (isName(following) || "@*#?$!-".indexOf(following) >= 0) {
      at += 2;
      while (isName(following) && at < text.length() && isName(text.charAt(at))) {
        at++;
      }
      unknown(following == '@');
    } else {
      word.append('$');
      at++;
    }
  }

  /** Between quotes all is one word, but for what says that it is several. */
  private void unknown(boolean several) {
    word.append(inQuotes && !several ? UNKNOWN : UNKNOWN_WORDS);
  }

  private static boolean isName(char c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private void skipAnsiQuoted() {
    at++;
    while (at < text.length() && text.charAt(at) != '\'') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    closing();
  }

  /** A parameter, {@code ${name:-word}}; its words are read for what they would run. */
  private void parameter() {
    if (isDeepest()) {
      giveUp();
      return;
    }
    int begin = at;
    int length = word.length();
    at += 2;
    // such as ${ command; } in newer shells
    unclear |= at < text.length() && " \t\n|".indexOf(text.charAt(at)) >= 0;
    parameters++;
    while (at < text.length() && text.charAt(at) != '}') {
      parameterPiece(text.charAt(at));
    }
    parameters--;
    closing();
    word.setLength(length);
    unknown(has('@', begin));
  }

  private void parameterPiece(char c) {
    if (c == '\'' && inQuotes) {
      // it quotes in some of them and not in others
      unclear = true;
      at++;
    } else if (c == '\'') {
      singleQuoted();
    } else if (c == '"') {
      doubleQuoted();
    } else if (c == '\\') {
      escape();
    } else if ("<>".indexOf(c) >= 0 && follows('(') && !inQuotes) {
      substitution(at + 2);
    } else {
      quotedPiece(c);
    }
  }

  private boolean has(char c, int from) {
    for (int i = from; i < at; i++) {
      if (text.charAt(i) == c) {
        return true;
      }
    }
    return false;
  }

  // ------------------------------------------------------------------ what is carried out

  private boolean isDeepest() {
    return depth + parameters >= CommandRules.MOST_NESTED;
  }

  private void parenthesis() {
    int end = endOfArithmetic(at + 2);
    unclear |= end < 0 && at + 2 < text.length() && text.charAt(at + 2) == '(';
    if (end < 0) {
      substitution(at + 2);
    } else {
      expanded(text.substring(at + 3, end - 2));
      at = end;
    }
    unknown(false);
  }

  /** Where arithmetic ends, {@code $((1 + 2))}; less than zero if it is none, or may be none. */
  private int endOfArithmetic(int from) {
    if (from >= text.length() || text.charAt(from) != '(') {
      return -1;
    }
    int open = 0;
    for (int i = from + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ')' && open == 0) {
        return i + 1 < text.length() && text.charAt(i + 1) == ')' ? i + 2 : -1;
      } else if (!Character.isLetterOrDigit(c) && IN_ARITHMETIC.indexOf(c) < 0) {
        return -1;
      }
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return -1;
  }

  private void substitution(int from) {
    if (isDeepest()) {
      giveUp();
      return;
    }
    int begin = at;
    ShellText inner = new ShellText(text, depth + parameters + 1, from);
    inner.untilParenthesis = true;
    inner.read();
    take(inner);
    at = inner.at;
    // whether the documents begin there or behind the command is for the shell to say
    unclear |= !documents.isEmpty() && has('\n', begin);
  }

  private void backquoted() {
    if (isDeepest()) {
      giveUp();
      return;
    }
    String unescaped = inQuotes ? "$`\\\"" : "$`\\";
    StringBuilder inside = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != '`') {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
        if (unescaped.indexOf(text.charAt(at)) < 0) {
          inside.append('\\');
        }
      }
      inside.append(text.charAt(at));
      at++;
    }
    closing();
    ShellText inner = new ShellText(inside.toString(), depth + parameters + 1, 0);
    inner.read();
    take(inner);
    unknown(false);
  }

  private void take(ShellText inner) {
    commands.addAll(inner.commands);
    unclear |= inner.unclear;
  }

  /** The commands of the substitutions in a here-document, or in arithmetic. */
  private void expanded(String body) {
    if (isDeepest()) {
      unclear = true;
      return;
    }
    ShellText document = new ShellText(body, depth + parameters + 1, 0);
    document.inQuotes = true;
    while (document.at < body.length()) {
      document.quotedPiece(body.charAt(document.at));
    }
    take(document);
  }

  // ------------------------------------------------------------------ redirections

  private void redirection(char c) {
    if (inWord && !hasQuotes && word.chars().allMatch(Character::isDigit)) {
      word.setLength(0);
      inWord = false;
    }
    endWord();
    if (follows('(')) {
      substitution(at + 2);
      word.append(DESCRIPTOR).append(UNKNOWN);
      inWord = true;
      return;
    }
    unclear |= next != Next.ARGUMENT;
    int begin = at;
    while (at < text.length() && "<>&|".indexOf(text.charAt(at)) >= 0 && at - begin < 3) {
      at++;
    }
    next = meaning(text.substring(begin, at), c);
    if (next == Next.DOCUMENT && at < text.length() && text.charAt(at) == '-') {
      next = Next.INDENTED_DOCUMENT;
      at++;
    }
  }

  private static Next meaning(String operator, char first) {
    return switch (operator) {
      case "<<<" -> Next.HERE_STRING;
      case "<<" -> Next.DOCUMENT;
      case "<&", ">&" -> Next.DESCRIPTOR;
      case "<" -> Next.READ_FILE;
      default -> first == '<' && !operator.equals("<>") ? Next.READ_FILE : Next.WRITTEN_FILE;
    };
  }

  private void endWord() {
    if (!inWord) {
      return;
    }
    String finished = word.toString();
    switch (next) {
      case ARGUMENT -> argument(finished);
      case WRITTEN_FILE -> writes.add(finished);
      case READ_FILE -> reads.add(finished);
      case HERE_STRING -> input.add(finished);
      case DOCUMENT -> documents.add(new Delimiter(finished, hasQuotes, false, input));
      case INDENTED_DOCUMENT -> documents.add(new Delimiter(finished, hasQuotes, true, input));
      case DESCRIPTOR -> {
        if (!finished.matches("[0-9]*-?")) {
          writes.add(finished);
        }
      }
    }
    word.setLength(0);
    inWord = false;
    next = Next.ARGUMENT;
    hasQuotes = false;
    hasBrace = false;
    hasBraces = false;
  }

  private void argument(String finished) {
    if (!hasQuotes && around.peek() == Around.CASE && finished.equals("esac") && isFirst()) {
      around.pop();
      inPattern = false;
      return;
    }
    if (!hasQuotes && finished.equals("case") && isFirst()) {
      caseAt = words.size();
    } else if (!hasQuotes && finished.equals("in") && caseAt >= 0 && words.size() == caseAt + 2) {
      caseAt = -1;
      inPattern = true;
      around.push(Around.CASE);
    }
    if (hasBraces && finished.matches(MAY_BECOME_OPTIONS)) {
      words.add(String.valueOf(UNKNOWN_WORDS));
    } else if (hasBraces && !words.isEmpty()) {
      words.add(finished.substring(0, finished.indexOf('{')) + UNKNOWN);
    }
    words.add(finished);
    if (around.size() > MOST_OPEN) {
      giveUp();
    }
  }

  /** {@return whether the next word may be one of the shell's language} */
  private boolean isFirst() {
    return words.size() < MOST_OPEN && Programs.LANGUAGE.containsAll(words);
  }

  // ------------------------------------------------------------------ here-documents

  private void skipDocuments() {
    while (!documents.isEmpty()) {
      Delimiter delimiter = documents.remove();
      String body = body(delimiter);
      delimiter.input().add(body);
      if (!delimiter.literal()) {
        expanded(body);
      }
    }
  }

  private String body(Delimiter delimiter) {
    StringBuilder body = new StringBuilder();
    String line = line(delimiter);
    while (line != null) {
      String shown = delimiter.indented() ? line.replaceFirst("^\t+", "") : line;
      if (shown.equals(delimiter.line())) {
        return body.toString();
      }
      body.append(line).append('\n');
      line = line(delimiter);
    }
    unclear = true;
    return body.toString();
  }

  /** The next line; where backslashes count, one at the end joins it with the one below. */
  private @Nullable String line(Delimiter delimiter) {
    if (at >= text.length()) {
      return null;
    }
    StringBuilder line = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '\n') {
      boolean escapes = text.charAt(at) == '\\' && !delimiter.literal();
      if (escapes && follows('\n')) {
        at += 2;
        continue;
      }
      int to = Math.min(at + (escapes ? 2 : 1), text.length());
      line.append(text, at, to);
      at = to;
    }
    at = Math.min(at + 1, text.length());
    return line.toString();
  }

  private void endCommand() {
    endWord();
    unclear |= next != Next.ARGUMENT;
    next = Next.ARGUMENT;
    caseAt = -1;
    if (!words.isEmpty() || !writes.isEmpty() || !reads.isEmpty()) {
      commands.add(new Command(words, writes, reads, input));
    }
    words = new ArrayList<>();
    writes = new ArrayList<>();
    reads = new ArrayList<>();
    input = new ArrayList<>();
  }
}
