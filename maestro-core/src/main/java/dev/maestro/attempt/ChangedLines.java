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
import java.util.List;
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

  /** {@return those between two checkpoints} */
  Subject.Lines between(Workspace workspace, Checkpoint from, Checkpoint to)
      throws InterruptedException {
    String diff = workspace.diff(from, to, MOST);
    return ofDiff(diff, diff.length() >= MOST);
  }

  /** Headers look like changed lines, so lines are counted as each hunk says. */
  Subject.Lines ofDiff(String diff, boolean cut) {
    StringBuilder added = new StringBuilder();
    int lines = 0;
    int minus = 0;
    int plus = 0;
    for (String line : diff.split("\n", -1)) {
      Matcher hunk = HUNK.matcher(line);
      if (minus <= 0 && plus <= 0) {
        if (hunk.matches()) {
          minus = count(hunk.group(1));
          plus = count(hunk.group(2));
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
    return lines(lines, added.toString(), cut);
  }

  private static int count(@Nullable String stated) {
    return stated == null ? 1 : Integer.parseInt(stated);
  }

  /**
   * {@return what now stands in the changed files, where nothing keeps what they were; how many
   * lines were changed is not known then}
   */
  Subject.Lines of(Path directory, List<Change> changes) {
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
          all.append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)).append('\n');
        }
      } catch (IOException e) {
        // what cannot be read has not been seen
        cut = true;
      }
    }
    return lines(null, all.toString(), cut);
  }

  private Subject.Lines lines(@Nullable Integer lines, String added, boolean cut) {
    return new Subject.Lines(lines, added, secrets.countIn(added), cut);
  }
}
