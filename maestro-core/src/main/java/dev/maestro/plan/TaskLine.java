package dev.maestro.plan;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one rule for what a task line and a phase heading look like; both ways, in one pass, without
 * regular expressions.
 */
final class TaskLine {

  private static final String BOX = "- [ ] ";
  private static final String FILE = "File:";
  private static final String HEADING = "##";
  private static final int ID_LENGTH = 4;

  private TaskLine() {}

  /** The task of a line without surrounding space; its phase is not known yet. */
  static Optional<PlannedTask> parse(String line) {
    int idEnd = BOX.length() + ID_LENGTH;
    if (!line.startsWith(BOX) || !line.startsWith(":", idEnd)) {
      return Optional.empty();
    }
    String id = line.substring(BOX.length(), idEnd);
    String text = line.substring(idEnd + 1).strip();
    if (!isId(id) || text.isEmpty()) {
      return Optional.empty();
    }
    int bar = fileBar(text);
    return Optional.of(
        bar < 0
            ? new PlannedTask(id, text, null, null)
            : new PlannedTask(id, text.substring(0, bar).strip(), path(text, bar), null));
  }

  /** The phase that a line without surrounding space opens. */
  static Optional<String> phase(String line) {
    return line.startsWith(HEADING)
        ? Optional.of(line.substring(HEADING.length()).strip()).filter(TaskLine::isPhase)
        : Optional.empty();
  }

  static String render(PlannedTask task) {
    return BOX + task.id() + ": " + text(task.description(), task.filePath());
  }

  static String renderPhase(String phase) {
    return HEADING + " " + phase;
  }

  static boolean isId(String id) {
    return id.length() == ID_LENGTH
        && id.charAt(0) == 'T'
        && id.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
  }

  static boolean isPhase(String phase) {
    return isOneLine(phase) && !phase.isEmpty() && !phase.startsWith("#");
  }

  /** Whether a line can say this, and nothing else is read from it. */
  static boolean canSay(String description, @Nullable String filePath) {
    if (!isOneLine(description)) {
      return false;
    }
    if (filePath == null) {
      return !description.isEmpty() && fileBar(description) < 0;
    }
    return isOneLine(filePath)
        && !filePath.isEmpty()
        && fileBar(text(description, filePath)) == text(description, "").lastIndexOf('|');
  }

  private static String text(String description, @Nullable String filePath) {
    return filePath == null ? description : description + " | " + FILE + " " + filePath;
  }

  /** Where the bar stands that the file comes after, or -1; a bar without a file is text. */
  private static int fileBar(String text) {
    for (int bar = text.indexOf('|'); bar >= 0; bar = text.indexOf('|', bar + 1)) {
      int word = skipSpace(text, bar + 1);
      if (text.startsWith(FILE, word)) {
        return skipSpace(text, word + FILE.length()) < text.length() ? bar : -1;
      }
    }
    return -1;
  }

  private static String path(String text, int bar) {
    return text.substring(skipSpace(text, bar + 1) + FILE.length()).strip();
  }

  private static int skipSpace(String text, int from) {
    int index = from;
    while (index < text.length() && Character.isWhitespace(text.charAt(index))) {
      index++;
    }
    return index;
  }

  private static boolean isOneLine(String text) {
    return text.indexOf('\n') < 0 && text.indexOf('\r') < 0 && text.equals(text.strip());
  }
}
