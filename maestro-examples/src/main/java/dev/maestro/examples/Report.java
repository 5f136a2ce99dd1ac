package dev.maestro.examples;

import dev.maestro.RunResult;
import dev.maestro.gate.Receipt;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a run came to, for people: the same facts as a short summary and as a Markdown file. */
final class Report {

  private final RunResult result;
  private final String changes;
  private final Instant begun;
  private final List<Task> tasks;

  /**
   * Make a report.
   *
   * @param result the run
   * @param changes the files that the merge changed, a line each; empty when nothing was merged
   */
  Report(RunResult result, String changes) {
    this.result = result;
    this.changes = changes;
    this.begun = result.snapshot().startedAt();
    this.tasks =
        result.snapshot().tasks().stream()
            .sorted(
                Comparator.comparing(
                    task -> task.startedAt().or(task::endedAt).orElse(Instant.MAX)))
            .toList();
  }

  // ------------------------------------------------------------------ summary

  String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "%nRun %s: %s%n", result.snapshot().key().run(), result.status()));
    text.append("\nTimeline\n");
    for (Task task : tasks) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-12s %-10s %8s → %-8s %d attempt%s  %s%n",
              task.id(),
              task.state().name().toLowerCase(Locale.ROOT),
              task.startedAt().map(this::after).orElse("-"),
              task.endedAt().map(this::after).orElse("-"),
              task.attempt(),
              task.attempt() == 1 ? " " : "s",
              cost(task.usage())));
    }
    trouble().forEach(line -> text.append("\nWhat went wrong: ").append(line).append('\n'));
    text.append("\nWhat changed\n");
    text.append(changes.isBlank() ? "  nothing was merged\n" : indented(changes));
    text.append("\nEvidence\n");
    evidence().forEach(line -> text.append("  ").append(line).append('\n'));
    text.append(
        String.format(
            Locale.ROOT,
            "%nCost  %s for %,d tokens in %d launches%s%n",
            cost(result.usage()),
            result.usage().tokens(),
            tasks.stream().mapToInt(Task::launches).sum(),
            result.usage().presumed() ? "; not every launch has told its usage" : ""));
    return text.toString();
  }

  private static String cost(Usage usage) {
    return usage.cost() + (usage.presumed() ? " (presumed)" : "");
  }

  private List<String> trouble() {
    return tasks.stream()
        .filter(task -> task.state() == TaskState.FAILED || task.state() == TaskState.BLOCKED)
        .map(
            task ->
                task.id()
                    + " is "
                    + task.state().name().toLowerCase(Locale.ROOT)
                    + " ("
                    + task.reason().map(Object::toString).orElse("?")
                    + "): "
                    + task.detail().orElse(""))
        .toList();
  }

  private static String indented(String text) {
    return text.lines().map(line -> "  " + line + "\n").reduce("", String::concat);
  }

  private List<String> evidence() {
    List<String> lines = new ArrayList<>();
    for (Task task : tasks) {
      for (Receipt receipt : task.receipts()) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%-12s %s %s in %s on tree %.10s: %s",
                task.id(),
                receipt.gate(),
                receipt.passed() ? "passed" : "failed",
                Elapsed.of(receipt.duration()),
                receipt.tree(),
                lastLine(receipt.excerpt())));
      }
    }
    return lines.isEmpty() ? List.of("no gate ran") : lines;
  }

  private static String lastLine(String text) {
    return text.lines().reduce((first, second) -> second).orElse("");
  }

  private String after(Instant instant) {
    return Elapsed.of(Duration.between(begun, instant));
  }

  // ------------------------------------------------------------------ Markdown

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("# Run ").append(result.snapshot().key().run()).append(": ");
    text.append(result.status()).append("\n\n```mermaid\n").append(graph()).append("```\n\n");
    text.append("| task | state | attempts | started | ended | cost | evidence |\n");
    text.append("|---|---|---|---|---|---|---|\n");
    for (Task task : tasks) {
      text.append("| ").append(task.id()).append(" | ").append(task.state());
      text.append(" | ").append(task.attempt());
      text.append(" | ").append(task.startedAt().map(this::after).orElse(""));
      text.append(" | ").append(task.endedAt().map(this::after).orElse(""));
      text.append(" | ").append(cost(task.usage()));
      text.append(" | ").append(task.evidence().name().toLowerCase(Locale.ROOT)).append(" |\n");
    }
    trouble().forEach(line -> text.append("\nWhat went wrong: ").append(line).append('\n'));
    text.append("\n## What changed\n\n```\n")
        .append(changes.isBlank() ? "nothing was merged\n" : changes);
    text.append("```\n\n## Evidence\n\n");
    evidence().forEach(line -> text.append("- `").append(line.replaceAll(" +", " ")).append("`\n"));
    result
        .text("review")
        .ifPresent(review -> text.append("\n## Review\n\n").append(review).append('\n'));
    text.append("\n## Cost\n\n").append(cost(result.usage())).append(" for ");
    text.append(String.format(Locale.ROOT, "%,d", result.usage().tokens())).append(" tokens.\n");
    return text.toString();
  }

  private String graph() {
    StringBuilder graph = new StringBuilder("graph LR\n");
    for (Task task : tasks) {
      graph.append("    ").append(node(task.id())).append("[\"").append(task.id()).append("<br/>");
      graph.append(task.state()).append("\"]\n");
      for (TaskId on : task.dependencies()) {
        graph.append("    ").append(node(on)).append(" --> ").append(node(task.id())).append('\n');
      }
      if (task.state() == TaskState.COMPLETED) {
        graph.append("    style ").append(node(task.id())).append(" fill:#d4f4dd\n");
      }
    }
    return graph.toString();
  }

  private static String node(TaskId id) {
    return "t_" + id.value().replaceAll("[^A-Za-z0-9]", "_");
  }

  /** {@return the commits between which the run moved its branch, if it did} */
  static Optional<RunEvent.Merging> merge(RunResult result) {
    return result.snapshot().tasks().stream()
        .filter(task -> task.state() == TaskState.COMPLETED)
        .flatMap(task -> task.merging().stream())
        .findFirst();
  }
}
