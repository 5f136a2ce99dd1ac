package dev.maestro.examples;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was typed behind the program's name.
 *
 * @param home where the demo lives: repository, store and report
 * @param repository a repository of one's own, or null for the demo's
 * @param agent the command of a real agent; empty for the recorded one
 * @param task what is to be delivered
 * @param gate the command that checks it; empty for the demo's own
 * @param branch the branch to merge into
 * @param resume whether there must be something to go on with
 * @param fresh whether an unfinished run is thrown away first
 * @param help whether only to explain
 */
record Arguments(
    Path home,
    @Nullable Path repository,
    List<String> agent,
    String task,
    List<String> gate,
    String branch,
    boolean resume,
    boolean fresh,
    boolean help) {

  static final String HELP =
      """
      Agents deliver a small feature on a git repository: planned, implemented in parallel worktrees, tested, reviewed, merged.

        --home DIR       where the demo keeps its repository, journal and report (default: target/demo)
        --repo DIR       a git repository of your own instead of the demo's; needs --agent
        --agent AGENT    a real agent: opencode, qwen, claude, codex, gemini, cursor or amp, opencode-acp and the like over the
                         Agent Client Protocol, which may do anything in their worktrees; or the command of any other program
                         that takes a prompt on stdin and works in its directory
        --task TEXT      what to deliver; --repo needs one
        --gate COMMAND   what checks the work in its directory, such as 'mvn -q test'; needs --repo
        --branch NAME    the branch to merge into (default: main)
        --resume         go on with the run that was interrupted; fail when there is none
        --fresh          throw the demo away, an unfinished run too, and begin anew
        --help           this text

      Without --resume or --fresh an unfinished run goes on, and a finished one makes room for a new one.
      Exit codes: 0 merged, 1 the run failed, 2 bad arguments or place, 3 a person is needed, 4 unexpected.
      """;

  static final String DEFAULT_TASK =
      "Customers get discounts: a percentage off, every third piece free, and a receipt that shows it.";

  boolean usesRecordedAgent() {
    return agent.isEmpty();
  }

  boolean usesOwnRepository() {
    return repository != null;
  }

  static Arguments parse(String[] typed) {
    Deque<String> left = new ArrayDeque<>(List.of(typed));
    Path home = Path.of("target", "demo");
    Path repository = null;
    List<String> agent = List.of();
    List<String> gate = List.of();
    String task = DEFAULT_TASK;
    String branch = "main";
    boolean resume = false;
    boolean fresh = false;
    boolean help = false;
    while (!left.isEmpty()) {
      String option = left.removeFirst();
      switch (option) {
        case "--home" -> home = Path.of(value(option, left));
        case "--repo" -> repository = Path.of(value(option, left));
        case "--agent" -> agent = words(option, value(option, left));
        case "--task" -> task = value(option, left);
        case "--gate" -> gate = words(option, value(option, left));
        case "--branch" -> branch = value(option, left);
        case "--resume" -> resume = true;
        case "--fresh" -> fresh = true;
        case "--help", "-h" -> help = true;
        default -> throw new UsageException("Unknown argument '" + option + "'; see --help.");
      }
    }
    Arguments parsed =
        new Arguments(
            home.toAbsolutePath().normalize(),
            repository == null ? null : repository.toAbsolutePath().normalize(),
            agent,
            task,
            gate,
            branch,
            resume,
            fresh,
            help);
    return parsed.check();
  }

  private Arguments check() {
    if (usesOwnRepository() && usesRecordedAgent()) {
      throw new UsageException(
          "The recorded agent knows only the demo's project; name a real one with --agent for --repo.");
    }
    if (usesOwnRepository() && task.equals(DEFAULT_TASK)) {
      throw new UsageException("Say with --task what to deliver in your repository.");
    }
    if (usesOwnRepository() && gate.isEmpty()) {
      throw new UsageException("Say with --gate which command checks work in your repository.");
    }
    if (!usesOwnRepository() && !gate.isEmpty()) {
      throw new UsageException("--gate goes with --repo; the demo's project brings its own check.");
    }
    if (resume && fresh) {
      throw new UsageException("--resume and --fresh contradict each other.");
    }
    if (task.isBlank()) {
      throw new UsageException("--task needs a text.");
    }
    return this;
  }

  private static String value(String option, Deque<String> left) {
    return Optional.ofNullable(left.pollFirst())
        .orElseThrow(() -> new UsageException(option + " needs a value; see --help."));
  }

  /** Split at blanks; quotes keep blanks together. No shell is asked. */
  private static List<String> words(String option, String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean begun = false;
    for (char c : text.toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        begun = true;
      } else if (Character.isWhitespace(c)) {
        if (begun) {
          words.add(word.toString());
          word.setLength(0);
          begun = false;
        }
      } else {
        word.append(c);
        begun = true;
      }
    }
    if (quote != 0) {
      throw new UsageException(option + " has a quote that is not closed: " + text);
    }
    if (begun) {
      words.add(word.toString());
    }
    if (words.isEmpty()) {
      throw new UsageException(option + " needs a command.");
    }
    return words;
  }
}
