package dev.maestro.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the block of the completion gate in one pass over the answer. */
final class CompletionBlock {

  private static final String OPEN = "<COMPLETION_GATE>";
  private static final String CLOSE = "</COMPLETION_GATE>";

  private int readyLines;
  private int trueLines;
  private @Nullable String reason;
  private @Nullable String progress;
  private final List<String> blockers = new ArrayList<>();
  private boolean inBlockers;

  private CompletionBlock() {}

  static Optional<Completion> read(String answer) {
    return lastWhole(answer).map(CompletionBlock::parsed);
  }

  /** The text between the last closing tag that has an opening one and the nearest one before. */
  private static Optional<String> lastWhole(String answer) {
    Optional<String> last = Optional.empty();
    int open = -1;
    for (int at = answer.indexOf('<'); at >= 0; at = answer.indexOf('<', at + 1)) {
      if (answer.startsWith(OPEN, at)) {
        open = at + OPEN.length();
      } else if (open >= 0 && answer.startsWith(CLOSE, at)) {
        last = Optional.of(answer.substring(open, at));
        open = -1;
      }
    }
    return last;
  }

  private static Completion parsed(String body) {
    CompletionBlock block = new CompletionBlock();
    body.lines().map(String::strip).forEach(block::take);
    return new Completion(
        block.readyLines > 0 && block.readyLines == block.trueLines,
        Optional.ofNullable(block.reason),
        Optional.ofNullable(block.progress),
        block.blockers);
  }

  private void take(String line) {
    if (inBlockers && line.startsWith("-")) {
      addBlocker(line.substring(1));
      return;
    }
    int colon = line.indexOf(':');
    if (colon < 0) {
      return;
    }
    takeField(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
  }

  private void takeField(String name, String value) {
    inBlockers = name.equals("blockers");
    switch (name) {
      case "ready" -> {
        readyLines++;
        trueLines += unquoted(value).equals("true") ? 1 : 0;
      }
      case "reason" -> reason = unquoted(value);
      case "progress" -> progress = unquoted(value);
      case "blockers" -> takeInline(value);
      default -> {
        // the protocol may grow
      }
    }
  }

  private void takeInline(String value) {
    if (value.startsWith("[") && value.endsWith("]") && value.length() > 1) {
      for (String item : value.substring(1, value.length() - 1).split(",", -1)) {
        addBlocker(item);
      }
    } else {
      addBlocker(value);
    }
  }

  private void addBlocker(String text) {
    String blocker = unquoted(text.strip());
    if (!blocker.isEmpty()) {
      blockers.add(blocker);
    }
  }

  private static String unquoted(String value) {
    if (value.length() < 2) {
      return value;
    }
    char first = value.charAt(0);
    boolean quoted = (first == '"' || first == '\'') && value.charAt(value.length() - 1) == first;
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
