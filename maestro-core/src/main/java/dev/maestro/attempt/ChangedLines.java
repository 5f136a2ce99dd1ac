package dev.maestro.attempt;

import dev.maestro.policy.Subject;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the lines that an attempt has changed, for guardrails that look at them. */
final class ChangedLines {

  /** More is not read; guardrails that have not seen all of it ask. */
  static final int MOST = 2_000_000;

  private static final Pattern HUNK =
      Pattern.compile("@@ -\\d+(?:,(\\d+))? \\+\\d+(?:,(\\d+))? @@.*");

  private final Secrets secrets;

  ChangedLines(Secrets secrets) {
    this.secrets = secrets;
  }

  /**
   * {@return those between two checkpoints}
   *
   * <p>A diff does not show files that are no text to it, which one character is enough for. They
   * are read whole, from the second checkpoint; how many lines were changed is not known then.
   */
  Subject.Lines between(Workspace workspace, Checkpoint from, Checkpoint to, List<Change> changes)
      throws InterruptedException {
    return of(workspace.diff(from, to, MOST), changes, path -> workspace.content(to, path, MOST));
  }

  /** Reads what a file holds; empty where that is too much, or cannot be known. */
  interface Content {
    Optional<byte[]> of(String path) throws InterruptedException;
  }

  /** {@return the lines that such a diff between two checkpoints shows, and those it does not} */
  Subject.Lines of(String diff, List<Change> changes, Content content) throws InterruptedException {
    Hunks hunks = Hunks.of(diff);
    boolean cut = diff.length() >= MOST;
    if (hunks.hidden.isEmpty()) {
      return lines(hunks.lines, hunks.added.toString(), cut);
    }
    StringBuilder added = hunks.added;
    for (Change change : changes) {
      if (change.kind() == Change.Kind.DELETED || !hunks.hides(change)) {
        continue;
      }
      Optional<byte[]> file = content.of(change.path());
      boolean fits = file.isPresent() && added.length() + file.get().length <= 2 * MOST;
      cut |= !fits;
      if (fits) {
        added.append(text(file.get())).append('\n');
      }
    }
    return lines(null, added.toString(), cut);
  }

  /** Headers look like changed lines, so lines are counted as each hunk says. */
  private static final class Hunks {

    private final StringBuilder added = new StringBuilder();
    // the headers of files whose lines are not shown
    private final List<String> hidden = new ArrayList<>();
    private int lines;

    static Hunks of(String diff) {
      Hunks read = new Hunks();
      read.read(diff);
      return read;
    }

    private void read(String diff) {
      String header = "";
      int minus = 0;
      int plus = 0;
      for (String line : diff.split("\n", -1)) {
        if (minus <= 0 && plus <= 0) {
          Matcher hunk = HUNK.matcher(line);
          if (hunk.matches()) {
            minus = count(hunk.group(1));
            plus = count(hunk.group(2));
          } else if (line.startsWith("diff --git ")) {
            header = line;
          } else if (line.startsWith("Binary files ") || line.startsWith("GIT binary patch")) {
            hidden.add(header);
          }
        } else if (line.startsWith("+")) {
          added.append(line, 1, line.length()).append('\n');
          lines++;
          plus--;
        } else if (line.startsWith("-")) {
          lines++;
          minus--;
        } else if (!line.startsWith("\\")) {
          minus--;
          plus--;
        }
      }
    }

    private boolean hides(Change change) {
      return hidden.stream().anyMatch(header -> header.endsWith(" b/" + change.path()));
    }

    private static int count(@Nullable String stated) {
      return stated == null ? 1 : Integer.parseInt(stated);
    }
  }

  /**
   * {@return what now stands in the changed files, where nothing keeps what they were; how many
   * lines were changed is not known then}
   */
  Subject.Lines of(Path directory, List<Change> changes) {
    Standing files = read(directory, changes);
    return lines(null, files.text, files.cut);
  }

  /**
   * What stands in files.
   *
   * @param cut whether there is more than could be read
   */
  private record Standing(String text, boolean cut) {}

  private static Standing read(Path directory, List<Change> changes) {
    StringBuilder all = new StringBuilder();
    boolean cut = false;
    for (Change change : changes) {
      Path file = directory.resolve(change.path());
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      try {
        boolean fits = all.length() + Files.size(file) <= MOST;
        cut |= !fits;
        if (fits) {
          all.append(text(Files.readAllBytes(file))).append('\n');
        }
      } catch (IOException e) {
        // what cannot be read has not been seen
        cut = true;
      }
    }
    return new Standing(all.toString(), cut);
  }

  /** Without zeros, a text in UTF-16 has its plain letters one beside the other, as in UTF-8. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
  }

  private Subject.Lines lines(@Nullable Integer lines, String added, boolean cut) {
    return new Subject.Lines(lines, added, secrets.countIn(added), cut);
  }
}
