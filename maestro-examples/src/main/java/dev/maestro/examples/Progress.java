package dev.maestro.examples;

import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunListener;
import dev.maestro.run.RunRecord;
import dev.maestro.task.Money;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run while it goes on: one line a task that is kept up to date on a terminal, and plain
 * lines elsewhere.
 */
final class Progress implements RunListener {

  private final PrintStream out;
  private final boolean live;
  private final Map<TaskId, Line> lines = new LinkedHashMap<>();
  private Money cost = Money.ZERO;
  private @Nullable Instant begun;
  private int drawn;

  Progress(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
  }

  private static final class Line {
    private TaskState state = TaskState.PENDING;
    private int attempt;
    private String note = "";
    private @Nullable Instant since;
    private Money cost = Money.ZERO;
  }

  @Override
  public synchronized void on(RunRecord entry) {
    RunEvent event = entry.event();
    if (begun == null) {
      begun = event.at();
    }
    if (event instanceof RunEvent.Dispatched dispatched) {
      line(dispatched.task()).attempt = dispatched.attempt();
    } else if (event instanceof RunEvent.Acted acted && acted.usage() != null) {
      cost = cost.plus(acted.usage().cost());
      line(acted.task()).cost = line(acted.task()).cost.plus(acted.usage().cost());
    } else if (event instanceof RunEvent.TasksAdded added) {
      added.tasks().forEach(task -> line(task.id()));
    }
    event.moves().forEach(move -> take(move, event.at()));
    if (live) {
      redraw(event.at());
    }
  }

  private void take(Move move, Instant at) {
    Line line = line(move.task());
    line.state = move.to();
    line.note = note(move);
    line.since = at;
    boolean passing = move.to() == TaskState.TESTING || move.to() == TaskState.VERIFIED;
    if (!live && !passing) {
      out.printf(
          Locale.ROOT,
          "%8s  %-12s %-18s %s%n",
          elapsed(at),
          move.task(),
          word(move.to()),
          details(line));
    }
  }

  private static String note(Move move) {
    return switch (move.to()) {
      case FAILED, BLOCKED, PAUSED, SKIPPED, INTERRUPTED, AWAITING_APPROVAL ->
          move.detail() == null
              ? (move.to() == TaskState.INTERRUPTED ? "" : move.reason().code())
              : move.reason() + ": " + firstLine(move.detail());
      default -> "";
    };
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() > 90 ? line.substring(0, 89) + "…" : line;
  }

  private String details(Line line) {
    StringBuilder text = new StringBuilder();
    boolean again = line.state == TaskState.RETRYING || line.attempt > 1;
    if (again && line.state != TaskState.SKIPPED) {
      text.append("attempt ").append(line.attempt).append("  ");
    }
    if (line.state.isFinal() && line.cost.usd().signum() > 0) {
      text.append(line.cost).append("  ");
    }
    return text.append(line.note).toString().stripTrailing();
  }

  private static String word(TaskState state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private void redraw(Instant now) {
    StringBuilder screen = new StringBuilder();
    if (drawn > 0) {
      screen.append("\033[").append(drawn).append("A\033[J");
    }
    lines.forEach(
        (task, line) ->
            screen.append(
                String.format(
                    Locale.ROOT,
                    "  %s %-12s %-18s %7s  %s%n",
                    mark(line.state),
                    task,
                    word(line.state),
                    line.since == null ? "" : elapsed(line.since),
                    details(line))));
    screen.append(String.format(Locale.ROOT, "  %s elapsed, %s spent%n", elapsed(now), cost));
    drawn = lines.size() + 1;
    out.print(screen);
    out.flush();
  }

  private static String mark(TaskState state) {
    return switch (state) {
      case COMPLETED -> "\033[32m✔\033[0m";
      case FAILED, CANCELLED, BLOCKED -> "\033[31m✘\033[0m";
      case RUNNING, RETRYING, TESTING, PLANNING, VERIFIED -> "\033[36m▶\033[0m";
      case SKIPPED -> "-";
      default -> "·";
    };
  }

  private String elapsed(Instant at) {
    return Elapsed.of(begun == null ? Duration.ZERO : Duration.between(begun, at));
  }

  private Line line(TaskId task) {
    return lines.computeIfAbsent(task, id -> new Line());
  }
}
